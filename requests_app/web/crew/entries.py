"""One entry of a crew: for a page that sends what waited, in JSON; for a plain form, as a page."""

from datetime import datetime, timedelta
from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from requests_app.actions import ActionError, Refused
from requests_app.actions.crew import Entry, Taken, record
from requests_app.clock import now
from requests_app.models import CrewEntry
from requests_app.permissions import Viewer
from requests_app.privacy.photos import BadPhoto, ReadyPhoto, ready_photo
from requests_app.reads.crew import case_of_entry
from requests_app.reads.desk import Desk
from requests_app.web.acts import act_of
from requests_app.web.crew.gate import on_the_way
from requests_app.web.crew.my_round import page_of, show_round
from requests_app.web.crew.said import said_of
from requests_app.web.numbers import number_sent
from requests_app.web.problem import error_page
from requests_app.web.viewer import viewer_of

MOST_SECONDS = 15 * 24 * 60 * 60


@never_cache
@act_of("crew:round")
def enter(request: HttpRequest) -> HttpResponse:
    """Take an entry. A page that has waited for a signal is never sent to the sign-in page: its entry would be lost."""
    if not wants_json(request):
        return _as_page(request)
    viewer = viewer_of(request)
    if viewer.user_id is None or request.POST.get("user") != str(viewer.user_id):
        sentence = _("Sign in again as the person who made this entry, and it will be sent.")
        return JsonResponse({"result": "sign_in", "sentence": sentence}, status=403)
    try:
        taken = _take(request, viewer)
    except ActionError as error:
        fields = error.fields if isinstance(error, Refused) else {}
        answer = {
            "result": "refused",
            "sentence": str(error.sentence),
            "fields": {k: str(v) for k, v in fields.items()},
        }
        return JsonResponse(answer, status=error.http_status)
    return JsonResponse(_answer(taken))


def wants_json(request: HttpRequest) -> bool:
    """Whether the sender reads JSON."""
    return "application/json" in request.headers.get("Accept", "")


def _answer(taken: Taken) -> dict[str, Any]:
    entry = taken.entry
    return {
        "result": entry.result,
        "sentence": said_of(entry),
        "reference": entry.request.reference,
        "repeat": not taken.is_new,
    }


@on_the_way
def _as_page(request: HttpRequest, desk: Desk) -> HttpResponse:
    try:
        taken = _take(request, viewer_of(request))
    except Refused as refused:
        tried = {name: str(value) for name, value in request.POST.items()}
        return show_round(request, desk, tried=tried, problems=refused.fields, status=422)
    except ActionError as error:
        return error_page(request, error, back=page_of(desk))
    tell = messages.success if taken.entry.result == CrewEntry.Result.TAKEN else messages.warning
    tell(request, said_of(taken.entry))
    return redirect(page_of(desk))


def _take(request: HttpRequest, viewer: Viewer) -> Taken:
    sent = {name: str(value).replace("\x00", "") for name, value in request.POST.items()}
    key = sent.get("key", "")
    version = sent.get("version", "")
    entry = Entry(
        key=key,
        request_id=case_of_entry(viewer, key, sent.get("reference", "")) or 0,
        version=number_sent(version, 9) or 0,
        kind=sent.get("kind", ""),
        done_at=_done_at(sent.get("age_s", "0")),
        outcome=sent.get("outcome", ""),
        reason=sent.get("reason", ""),
        note=sent.get("note", ""),
        photo=_photo(request),
        language=(get_language() or "en")[:2],
    )
    return record(entry, viewer=viewer)


def _done_at(age: str) -> datetime:
    """When it was done: so many seconds ago by the telephone's own clock, which need not be right about the hour."""
    whole = age.partition(".")[0]
    if not (whole.isascii() and whole.isdigit() and len(whole) < 9):
        raise Refused({"done_at": _("The entry does not say how long ago it was made. Enter it again.")})
    return now() - timedelta(seconds=min(int(whole), MOST_SECONDS))


def _photo(request: HttpRequest) -> ReadyPhoto | None:
    upload = request.FILES.get("photo")
    if upload is None or not upload.size:
        return None
    try:
        return ready_photo(cast("BinaryIO", upload), upload.size)
    except BadPhoto as bad:
        raise Refused({"photo": bad.sentence}) from None
