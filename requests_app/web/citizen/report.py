"""The report, in at most four screens: what, where, photo and words, send. Each works without JavaScript."""

from collections.abc import Mapping
from functools import wraps
from typing import Any, BinaryIO, Protocol, cast

from django.contrib.gis.geos import Point
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from requests_app.actions import ActionError, Refused, Submission, submit
from requests_app.actions.answers import checked_answers
from requests_app.actions.submit import checked_description, checked_place
from requests_app.models import Jurisdiction, Question, Service, ServiceKind
from requests_app.places.search import Places, address_by_id, search_places
from requests_app.places.streets import localized_label
from requests_app.privacy import pending
from requests_app.privacy.photos import BadPhoto, ReadyPhoto, ready_photo
from requests_app.reads.nearby import open_nearby
from requests_app.reads.places import home_jurisdiction
from requests_app.reads.services import service_at_home, service_of
from requests_app.reads.what_it_takes import must_write_back, papers_needed
from requests_app.web.citizen import draft as drafts
from requests_app.web.citizen.catalogue import groups_of
from requests_app.web.citizen.draft import Draft
from requests_app.web.citizen.forms import ContactForm, answers_sent, pin_sent
from requests_app.web.citizen.tracking import remember_link
from requests_app.web.viewer import remember_tracked, viewer_of

Problems = dict[str, str]
GET_AND_POST = ["GET", "HEAD", "POST"]
LONGEST_FILE_NAME = 60
LONGEST_ID = 15
"""Digits of an address's id; a longer number is none of ours."""


class StepView(Protocol):
    """A screen about one service."""

    def __call__(self, request: HttpRequest, service: Service) -> HttpResponse: ...


def about_service(view: StepView) -> Any:
    """Find the service that the address names; without one the citizen chooses again."""

    @wraps(view)
    def found(request: HttpRequest, service: str) -> HttpResponse:
        chosen = service_at_home(service)
        return view(request, chosen) if chosen else choose(request, place_or_404(), problem=True)

    return never_cache(require_http_methods(GET_AND_POST)(found))


def place_or_404() -> Jurisdiction:
    """The place that takes reports; 404 where none is set up."""
    place = home_jurisdiction()
    if place is None:
        raise Http404
    return place


# --- What ----------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(GET_AND_POST)
def what(request: HttpRequest) -> HttpResponse:
    """Choose the service. A search filters the list."""
    place = place_or_404()
    chosen = service_of(place, request.POST.get("service", ""))
    if chosen is None:
        return choose(request, place, problem=request.method == "POST")
    return redirect("citizen:report_where" if chosen.needs_place else "citizen:report_words", service=chosen.code)


def choose(request: HttpRequest, place: Jurisdiction, *, problem: bool) -> HttpResponse:
    """The list of services; with `problem` it says that none was chosen, and answers 422."""
    typed = request.GET.get("q", "").replace("\x00", "")[:100]
    groups = groups_of(place, typed)
    problems = {"service": _("Choose what your request is about.")} if problem else {}
    context = {"jurisdiction": place, "groups": groups, "typed": typed, "problems": problems}
    return render(request, "citizen/report_what.html", context, status=422 if problem else 200)


# --- Where ---------------------------------------------------------------------------------------------------------


@about_service
def where(request: HttpRequest, service: Service) -> HttpResponse:
    """Put the pin: by pointer, by keyboard, by the device's position or by an address."""
    draft = drafts.open_draft(request)
    if request.method != "POST":
        return where_page(request, service, draft, {})
    pin = pin_sent(request.POST) or pin_of_choice(service, request.POST.get("address", "")) or draft.pin
    pin = pin or pin_of_only_place(service, typed_place(request))
    try:
        spot = checked_place(service, pin)
    except Refused as refused:
        if pin is not None:
            draft.lat, draft.lon = pin.y, pin.x
        return where_page(request, service, draft, spoken(refused.fields))
    if pin is not None and spot is not None:
        draft.lat, draft.lon, draft.address = round(pin.y, 6), round(pin.x, 6), spot.address_label
    drafts.keep(request, draft)
    return redirect("citizen:report_words", service=service.code)


def where_page(request: HttpRequest, service: Service, draft: Draft, problems: Problems) -> HttpResponse:
    """The screen of the place, with the addresses found when one was searched."""
    typed = typed_place(request)
    context = {
        **about(service),
        "draft": draft,
        "address": localized_label(service.jurisdiction_id, draft.address, spoken_language()),
        "problems": problems,
        "typed": typed,
        "places": places_for(service.jurisdiction_id, typed),
        "papers_needed": papers_needed(service),
    }
    return render(request, "citizen/report_where.html", context, status=422 if problems else 200)


def typed_place(request: HttpRequest) -> str:
    """What was typed into the search: it comes back with the form, so that a refusal does not lose it."""
    sent = request.POST if request.method == "POST" else request.GET
    return sent.get("q", "").replace("\x00", "")[:100]


def pin_of_only_place(service: Service, typed: str) -> Point | None:
    """The place of what was typed when one place alone answers to it: there was nothing to choose."""
    choices = places_for(service.jurisdiction_id, typed).choices if typed else []
    return Point(choices[0].lon, choices[0].lat, srid=4326) if len(choices) == 1 else None


def places_for(jurisdiction_id: int, typed: str) -> Places:
    """What is offered for what was typed, in the reader's language."""
    return search_places(jurisdiction_id, typed, spoken_language())


def spoken_language() -> str:
    """The reader's language."""
    return (get_language() or "en").split("-")[0]


def pin_of_choice(service: Service, chosen: str) -> Point | None:
    """The place of a chosen address (its id) or of a chosen corner or street ("lat,lon"); None when none was chosen."""
    lat, comma, lon = chosen.partition(",")
    if comma:
        return pin_sent({"lat": lat, "lon": lon})
    known = chosen.isdecimal() and len(chosen) <= LONGEST_ID
    found = address_by_id(service.jurisdiction_id, int(chosen)) if known else None
    return Point(found.lon, found.lat, srid=4326) if found else None


@require_safe
def addresses(request: HttpRequest) -> HttpResponse:
    """The corners, streets and addresses that resemble what was typed, as choices of the form."""
    typed = typed_place(request)
    places = places_for(place_or_404().pk, typed)
    return render(request, "citizen/_addresses.html", {"places": places, "typed": typed})


@require_safe
def spot(request: HttpRequest) -> HttpResponse:
    """What lies at a pin, as a sentence to be shown and read aloud."""
    place = place_or_404()
    pin = pin_sent(request.GET)
    try:
        lies = checked_place(Service(jurisdiction=place, needs_place=True), pin)
        address = localized_label(place.pk, lies.address_label, spoken_language()) if lies else ""
        sentence, is_inside = near_sentence(address), True
    except Refused as refused:
        sentence, is_inside = str(refused.sentence), False
    return render(request, "citizen/_spot.html", {"sentence": sentence, "is_inside": is_inside})


def near_sentence(address: str) -> str:
    """The nearest address in words."""
    return (
        _("Near %(address)s") % {"address": address} if address else _("No address nearby: the pin says where it is.")
    )


# --- Photo and words -----------------------------------------------------------------------------------------------


@about_service
def words(request: HttpRequest, service: Service) -> HttpResponse:
    """The service's questions, the citizen's words, a photo."""
    draft = drafts.open_draft(request)
    if service.needs_place and draft.pin is None:
        return redirect("citizen:report_where", service=service.code)
    if request.method != "POST":
        return words_page(request, service, draft, {})
    draft.words = request.POST.get("words", "").replace("\r\n", "\n")
    draft.answers = {**draft.answers, **answers_sent(service, request.POST)}
    if "remove_photo" in request.POST:
        return without_photos(request, service, draft)
    problems = {**problems_of_words(service, draft), **take_photos(request, service, draft)}
    if not problems:
        drafts.keep(request, draft)
        return redirect("citizen:report_send", service=service.code)
    kept = draft.cleaned()
    drafts.keep(request, kept)
    return words_page(request, service, kept, problems)


def without_photos(request: HttpRequest, service: Service, draft: Draft) -> HttpResponse:
    """The same screen without the photos that were taken off, with those just chosen: nothing else is judged yet."""
    for name in set(request.POST.getlist("remove_photo")) & set(draft.photos):
        draft.photos.remove(name)
        pending.drop(name)
    problems = take_photos(request, service, draft)
    kept = draft.cleaned()
    drafts.keep(request, kept)
    if problems:
        return words_page(request, service, kept, problems)
    return redirect(f"{reverse('citizen:report_words', kwargs={'service': service.code})}#field-photo")


def words_page(request: HttpRequest, service: Service, draft: Draft, problems: Problems) -> HttpResponse:
    """The screen of words and photo."""
    context = {
        **about(service),
        "draft": draft,
        "problems": problems,
        "questions": asked(service, draft, problems),
        "nearby": open_nearby(service, draft.pin) if draft.pin and not is_application(service) else [],
        "most_photos": drafts.MOST_PHOTOS,
        "papers_needed": [] if service.needs_place else papers_needed(service),
        "may_add_photo": len(draft.photos) < drafts.MOST_PHOTOS,
    }
    return render(request, "citizen/report_words.html", context, status=422 if problems else 200)


def asked(service: Service, draft: Draft, problems: Problems) -> list[dict[str, Any]]:
    """The service's questions with the answers so far."""
    return [
        {
            "question": question,
            "name": f"answer-{question.code}",
            "value": draft.answers.get(question.code, ""),
            "problem": problems.get(f"answer-{question.code}", ""),
        }
        for question in service.questions.filter(is_active=True)
    ]


def problems_of_words(service: Service, draft: Draft) -> Problems:
    """What is wrong with the words and answers, by field, in the order of the page."""
    problems: Problems = {}
    for check in (lambda: checked_answers(service, draft.answers), lambda: checked_description(draft.words)):
        try:
            check()
        except Refused as refused:
            problems |= spoken(refused.fields)
    return problems


def take_photos(request: HttpRequest, service: Service, draft: Draft) -> Problems:
    """Re-encode and hold the new photos."""
    if not service.takes_photo:
        return {}
    ready, refused = sorted_out(request)
    known = {kept.jpeg for name in draft.photos if (kept := pending.held(name))}
    # The same picture again (a page sent twice, a browser's Back) is the same photo.
    fresh = list({photo.jpeg: photo for photo in ready if photo.jpeg not in known}.values())
    room = drafts.MOST_PHOTOS - len(draft.photos)
    if len(fresh) > room:
        refused.append(_("%(most)s photos at most: the others were left out.") % {"most": drafts.MOST_PHOTOS})
    draft.photos = [*draft.photos, *(pending.hold(photo) for photo in fresh[:room])]
    return {"photo": " ".join(refused)} if refused else {}


def sorted_out(request: HttpRequest) -> tuple[list[ReadyPhoto], list[str]]:
    """The photos that can be taken, and of each other file its name and what is wrong with it."""
    ready, refused = [], []
    for upload in request.FILES.getlist("photo"):
        if not (upload.size or upload.name):
            continue
        try:
            ready.append(ready_photo(cast("BinaryIO", upload), upload.size or 0))
        except BadPhoto as bad:
            refused.append(f"{shown_name(upload.name or '')} {bad.sentence}")
    return ready, refused


def shown_name(name: str) -> str:
    """The name of a file as a sentence begins with it, shortened."""
    short = name if len(name) <= LONGEST_FILE_NAME else f"{name[:LONGEST_FILE_NAME]}…"
    return _("“%(name)s”:") % {"name": short}


@require_safe
def pending_photo(request: HttpRequest, name: str) -> HttpResponse:
    """A photo of this browser's own unsent report."""
    photo = pending.held(name) if name in drafts.open_draft(request).photos else None
    if photo is None:
        raise Http404
    return HttpResponse(photo.jpeg, content_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


# --- Send ----------------------------------------------------------------------------------------------------------


@about_service
def send(request: HttpRequest, service: Service) -> HttpResponse:
    """Look it over, say how to be reached, send."""
    if request.method == "POST" and already_sent(request):
        return redirect("citizen:report_thanks")
    draft = drafts.open_draft(request)
    missing = draft.missing_step(service)
    if missing:
        return redirect(f"citizen:report_{missing}", service=service.code)
    sent_form = request.POST if request.method == "POST" else None
    form = ContactForm(sent_form, initial={"language": get_language()}, must_reach=must_write_back(service))
    if request.method != "POST":
        return send_page(request, service, draft, form, {})
    if not form.is_valid():
        return send_page(request, service, draft, form, {name: str(said[0]) for name, said in form.errors.items()})
    try:
        sent = submit(submission_of(service, draft, form), viewer=viewer_of(request), service=service)
    except Refused as refused:
        return back_to_the_field(request, service, draft, form, spoken(refused.fields))
    except ActionError as error:
        return send_page(request, service, draft, form, {"submission_key": str(error.sentence)}, error.http_status)
    drafts.throw_away(request)
    remember_tracked(request, sent.request.pk)
    request.session[drafts.SENT_KEY] = {
        "key": draft.key,
        "reference": sent.request.reference,
        "token": sent.tracking_token,
    }
    response = redirect("citizen:report_thanks")
    remember_link(response, sent.request.reference, sent.tracking_token)
    return response


def back_to_the_field(
    request: HttpRequest, service: Service, draft: Draft, form: ContactForm, problems: Problems
) -> HttpResponse:
    """The screen that has the field that is wrong: something changed since it was filled in."""
    if "place" in problems:
        return where_page(request, service, draft, problems)
    if any(name == "words" or name.startswith("answer-") for name in problems):
        return words_page(request, service, draft, problems)
    return send_page(request, service, draft, form, problems)


def already_sent(request: HttpRequest) -> bool:
    """Whether this very form was sent a moment ago: a double click gets the same answer."""
    key = request.POST.get("submission_key", "")
    return bool(key) and key == request.session.get(drafts.SENT_KEY, {}).get("key")


def submission_of(service: Service, draft: Draft, form: ContactForm) -> Submission:
    """The draft as the domain takes it."""
    photos = (pending.held(name) for name in draft.photos)
    return Submission(
        service_id=service.pk,
        words=draft.words,
        submission_key=draft.key,
        location=draft.pin if service.needs_place else None,
        answers=draft.answers,
        language=form.cleaned_data["language"] or get_language() or "en",
        contact=form.contact(),
        photos=tuple(photo for photo in photos if photo is not None) if service.takes_photo else (),
    )


def send_page(
    request: HttpRequest, service: Service, draft: Draft, form: ContactForm, problems: Problems, status: int = 422
) -> HttpResponse:
    """The last screen: everything that will be sent, and who will see it."""
    said = [
        (one["question"], one["question"].spoken(one["value"])) for one in asked(service, draft, {}) if one["value"]
    ]
    context = {
        **about(service),
        "draft": draft,
        "address": localized_label(service.jurisdiction_id, draft.address, spoken_language()),
        "form": form,
        "answers": said,
        "problems": problems,
    }
    return render(request, "citizen/report_send.html", context, status=status if problems else 200)


# --- Shared --------------------------------------------------------------------------------------------------------


def about(service: Service) -> dict[str, Any]:
    """What every screen of a report says of its service."""
    steps = 4 if service.needs_place else 3
    return {
        "jurisdiction": service.jurisdiction,
        "service": service,
        "steps": steps,
        "datatypes": Question.Datatype,
        "is_application": is_application(service),
        "must_reach": must_write_back(service),
    }


def is_application(service: Service) -> bool:
    """Whether somebody applies for something, rather than report a problem or say something."""
    return service.kind == ServiceKind.APPLICATION


def spoken(fields: Mapping[str, Any]) -> Problems:
    """Sentences by field, in the reader's language."""
    return {name: str(sentence) for name, sentence in fields.items()}
