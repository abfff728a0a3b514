"""Calls and counter: one screen on which a request is filed for somebody who is on the line or at the counter."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.contrib.gis.geos import Point
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from requests_app import actions
from requests_app.actions import ActionError, Command, Contact, Refused, Submission
from requests_app.models import Channel, Service, ServiceRequest
from requests_app.places.search import Found, address_by_id, search_addresses
from requests_app.reads.desk import Desk
from requests_app.reads.desk_case import told_apart, touched_by, twins_at
from requests_app.reads.one_request import find_request
from requests_app.reads.services import service_of, services_of
from requests_app.web.citizen.forms import ContactForm
from requests_app.web.desk.frame import frame, may_log_calls
from requests_app.web.desk.gate import at_desk
from requests_app.web.numbers import number_sent

CHANNELS = (Channel.PHONE, Channel.COUNTER)
CONTACT_FIELDS = (
    ("name", _lazy("Name"), "text"),
    ("phone", pgettext_lazy("contact", "Phone"), "tel"),
    ("email", _lazy("E-mail"), "email"),
)
Problems = dict[str, str]


def may_take_calls(desk: Desk) -> None:
    """Refuse those who do not log calls here."""
    if not may_log_calls(desk.viewer, desk):
        raise PermissionDenied


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def call(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The screen; POST files the request and comes back with its reference to read out."""
    may_take_calls(desk)
    if request.method != "POST":
        return _screen(request, desk, {}, {})
    values = _values(request)
    service = service_of(desk.place, values.get("service", ""))
    form = ContactForm(values)
    problems = {name: str(said[0]) for name, said in form.errors.items()}
    problems |= _place_problem(desk, service, values)
    if problems:
        return _screen(request, desk, values, problems, 422)
    try:
        filed = actions.submit(_submission(desk, service, values, form.contact()), viewer=desk.viewer)
    except Refused as refused:
        return _screen(request, desk, values, _problems(refused), 422)
    except ActionError as error:
        return _screen(request, desk, values, {"": str(error.sentence)}, error.http_status)
    return _done(desk, filed.request.reference)


@require_safe
@at_desk
def questions(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What is asked for a service, and what stops a caller from filing it here."""
    may_take_calls(desk)
    service = service_of(desk.place, request.GET.get("service", ""))
    return render(request, "desk/_call_questions.html", _asked(service, {}, {}))


@require_safe
@at_desk
def addresses(request: HttpRequest, desk: Desk) -> JsonResponse:
    """The addresses that resemble what was typed."""
    may_take_calls(desk)
    found = _search(desk, request.GET.get("q", ""))
    options = [
        {"value": str(one.address_id), "words": one.label, "beside": area}
        for one, area in zip(found, told_apart(desk.place, found), strict=True)
    ]
    return JsonResponse({"options": options})


@require_safe
@at_desk
def nearby(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Open cases of the service near the address, to which the caller may be added."""
    may_take_calls(desk)
    values = {name: str(value).replace("\x00", "") for name, value in request.GET.items()}
    return render(
        request, "desk/_call_nearby.html", {"desk": desk, "present": desk.place.present, **_close_by(desk, values)}
    )


@never_cache
@require_POST
@at_desk
def add_caller(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Add the caller to a case that is open already."""
    may_take_calls(desk)
    values = _values(request)
    reference, _slash, version = values.get("support", "").partition("/")
    found = find_request(reference, desk.viewer)
    if found is None or found.jurisdiction_id != desk.place.pk:
        return _screen(request, desk, values, {"": _("There is no such request. Check the reference.")}, 422)
    if not values.get("words", "").strip():
        said = _("Write what the caller says: nobody is added to a request without a word of theirs.")
        return _screen(request, desk, values, {"words": said}, 422)
    command = Command(found.pk, desk.viewer, number_sent(version, 9) or 0)
    try:
        actions.support(command, words=values["words"])
    except Refused as refused:
        return _screen(request, desk, values, _problems(refused, text="words"), 422)
    except ActionError as error:
        return _screen(request, desk, values, {"": str(error.sentence)}, error.http_status)
    return _done(desk, found.reference, added=True)


def _problems(refused: Refused, **renamed: str) -> Problems:
    return {renamed.get(name, name): str(sentence) for name, sentence in refused.fields.items()}


# --- Reading the form ------------------------------------------------------------------------------------------------


def _values(request: HttpRequest) -> dict[str, str]:
    """The form without NUL, except in the words, where the action names it."""
    return {n: str(v) if n == "words" else str(v).replace("\x00", "") for n, v in request.POST.items()}


def _search(desk: Desk, typed: str) -> list[Found]:
    wanted = typed.replace("\x00", "").strip()[:100]
    return search_addresses(desk.place.pk, wanted) if wanted else []


def _address(desk: Desk, values: Mapping[str, str]) -> Found | None:
    """The address that was chosen, or the only one that what was typed can mean."""
    chosen = values.get("address", "")
    if chosen.isascii() and chosen.isdigit() and len(chosen) < 19:
        return address_by_id(desk.place.pk, int(chosen))
    typed = values.get("address_typed", "").strip()
    found = _search(desk, typed)
    same = [one for one in found if one.label.casefold() == typed.casefold()]
    return same[0] if same else None


def _address_meant(desk: Desk, values: Mapping[str, str]) -> Found | None:
    """The address, also while it is being typed, once only one is left that it can become."""
    chosen = _address(desk, values)
    if chosen is not None:
        return chosen
    found = _search(desk, values.get("address_typed", ""))
    return found[0] if len(found) == 1 else None


def _place_problem(desk: Desk, service: Service | None, values: Mapping[str, str]) -> Problems:
    if service is None:
        return {"service": _("Choose what the call is about.")}
    typed = values.get("address_typed", "").strip()
    if not service.needs_place and not typed:
        return {}
    if _address(desk, values) is None:
        return {"place": _("Choose the address from the list: type the street, then take the right line.")}
    return {}


def _submission(desk: Desk, service: Service | None, values: Mapping[str, str], contact: Contact) -> Submission:
    assert service is not None
    address = _address(desk, values)
    codes = service.questions.filter(is_active=True).values_list("code", flat=True)
    channel = values.get("channel", "")
    return Submission(
        service_id=service.pk,
        words=values.get("words", ""),
        submission_key=values.get("submission_key", ""),
        location=Point(address.lon, address.lat, srid=4326) if address else None,
        answers={code: values.get(f"answer-{code}", "") for code in codes},
        language="fr" if values.get("language") == "fr" else "en",
        channel=Channel(channel) if channel in CHANNELS else Channel.PHONE,
        contact=contact,
    )


def _close_by(desk: Desk, values: Mapping[str, str]) -> dict[str, Any]:
    """Open cases of the chosen service near the chosen address; `may_look` once both are chosen."""
    service, address = service_of(desk.place, values.get("service", "")), _address_meant(desk, values)
    if service is None or address is None:
        return {"twins": [], "may_look": False}
    pin = Point(address.lon, address.lat, srid=4326)
    return {"twins": twins_at(desk.place.pk, service.pk, pin, desk.viewer), "may_look": True}


# --- Showing it ------------------------------------------------------------------------------------------------------


def _done(desk: Desk, reference: str, *, added: bool = False) -> HttpResponse:
    said = {"place": desk.place.code, "filed": reference, **({"added": "yes"} if added else {})}
    return redirect(f"{reverse('desk:call')}?{urlencode(said)}")


def _asked(service: Service | None, values: Mapping[str, str], problems: Problems) -> dict[str, Any]:
    found = service.questions.filter(is_active=True) if service else []
    return {
        "service": service,
        "questions": [
            {
                "question": question,
                "name": f"answer-{question.code}",
                "value": values.get(f"answer-{question.code}", ""),
                "problem": problems.get(f"answer-{question.code}", ""),
            }
            for question in found
        ],
    }


def _screen(
    request: HttpRequest, desk: Desk, values: Mapping[str, str], problems: Problems, status: int = 200
) -> HttpResponse:
    service = service_of(desk.place, values.get("service", ""))
    typed = values.get("address_typed", "").strip()
    chosen = _address(desk, values)
    context = {
        **frame(desk),
        "on_call": True,
        "services": services_of(desk.place),
        "values": values,
        "problems": problems,
        "chosen": chosen,
        "found": _search(desk, typed) if typed and chosen is None else [],
        "submission_key": values.get("submission_key") or secrets.token_hex(16),
        "language": values.get("language") or (get_language() or "en")[:2],
        "channel": values.get("channel") or Channel.PHONE.value,
        **_close_by(desk, values),
        "filed": _filed(request, desk),
        "added": "added" in request.GET,
        "contact_fields": CONTACT_FIELDS,
        **_asked(service, values, problems),
    }
    return render(request, "desk/call.html", context, status=status)


def _filed(request: HttpRequest, desk: Desk) -> ServiceRequest | None:
    """The case that was just filed, to be read out."""
    reference = request.GET.get("filed", "").replace("\x00", "")[:24]
    return touched_by(desk.viewer, desk.place.pk, reference) if reference else None
