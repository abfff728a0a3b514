"""What somebody can say on the page of a request: the citizen who filed it, and whom it affects too."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, cast

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from requests_app.actions import (
    ActionError,
    Command,
    Conflict,
    Illegal,
    Refused,
    citizen_replies,
    comment,
    confirm_fixed,
    not_fixed,
    rate,
)
from requests_app.models import ServiceRequest
from requests_app.privacy.photos import BadPhoto, ReadyPhoto, ready_photo
from requests_app.reads.said import happened_since, said_since
from requests_app.states import MOVES, Activity
from requests_app.web.citizen.following import ask
from requests_app.web.citizen.me_too import say_no_more, say_so
from requests_app.web.numbers import number_sent
from requests_app.web.viewer import viewer_of

Sent = dict[str, str]
LONGEST_VERSION = 9
"""Digits of a version; what is longer was not made by us."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One form that was sent: whose case, what it holds, and the version of the page it was on (0 for none)."""

    found: ServiceRequest
    command: Command
    sent: Sent
    form_version: int
    photo: UploadedFile | None = None


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A form that was refused: sentences by field, and the status to answer with."""

    problems: dict[str, str]
    status: int


@dataclass(frozen=True, slots=True)
class Act:
    """What a form may ask for. `moves` says that the version its writer saw counts."""

    do: Callable[[Telling], object]
    activity: Activity
    field: str
    said: str | Promise
    moves: bool


def _reply(told: Telling) -> object:
    return citizen_replies(told.command, answer=told.sent.get("reply", ""))


def _comment(told: Telling) -> object:
    return comment(told.command, body=told.sent.get("comment", ""), form_version=told.form_version)


def _rate(told: Telling) -> object:
    score = told.sent.get("score", "")
    number = int(score) if score.isdecimal() and len(score) == 1 else 0
    return rate(told.command, score=number, remark=told.sent.get("remark", ""))


def _fixed(told: Telling) -> object:
    return confirm_fixed(told.command)


def _not_fixed(told: Telling) -> object:
    if not told.sent.get("reason", "").strip():
        raise Refused({"reason": _("Say in a few words what is still wrong.")})
    return not_fixed(told.command, reason=told.sent["reason"], photo=photo_of(told.photo))


def photo_of(upload: UploadedFile | None) -> ReadyPhoto | None:
    """The photo of a form, if it came with one; Refused when it is none that can be taken."""
    if upload is None or not (upload.size or upload.name):
        return None
    try:
        return ready_photo(cast("BinaryIO", upload), upload.size or 0)
    except BadPhoto as bad:
        raise Refused({"photo": bad.sentence}) from None


ACTS: dict[str, Act] = {
    "reply": Act(
        _reply, Activity.CITIZEN_REPLIED, "reply", _("Your answer was sent. The office can go on."), moves=True
    ),
    "comment": Act(_comment, Activity.COMMENTED, "comment", _("Your message was sent to the office."), moves=False),
    "rate": Act(_rate, Activity.RATED, "score", _("Thank you for telling us how it went."), moves=False),
    "fixed": Act(_fixed, Activity.CONFIRMED, "fixed", _("Thank you. It is noted that it is fixed."), moves=False),
    "not_fixed": Act(
        _not_fixed,
        Activity.REOPENED,
        "reason",
        _("Thank you. The request is open again, at the office that closed it."),
        moves=False,  # whatever the office noted meanwhile: it is closed, and not fixed
    ),
}


ONCE = frozenset({Activity.RATED, Activity.CONFIRMED})
"""What is said once: a second tap of the same form is thanked like the first."""

BY_ANYBODY = {
    "support": ("support", say_so),
    "support_no_more": ("support", say_no_more),
    "follow": ("email", ask),
}
"""What those may do who have not filed the case, and the field that a refusal stands at."""


def act(request: HttpRequest, found: ServiceRequest) -> HttpResponse | Unsaid:
    """Do what the form asks. Refused or too late, the words stay in the form and the page says why."""
    name = request.POST.get("act", "")
    if name in BY_ANYBODY:
        field, do = BY_ANYBODY[name]
        try:
            return do(request, found)
        except ActionError as error:
            return Unsaid({field: str(error.sentence)}, error.http_status)
    if name not in ACTS:
        return Unsaid({"act": str(_("Choose what you want to do."))}, 422)
    wanted = ACTS[name]
    told = telling(request, found, moves=wanted.moves)
    try:
        wanted.do(told)
    except ActionError as error:
        if not said_before(told, wanted, error):
            return unsaid(wanted, error)
    messages.success(request, str(wanted.said))
    return redirect("citizen:request", reference=found.reference)


def telling(request: HttpRequest, found: ServiceRequest, *, moves: bool) -> Telling:
    """The form as it was sent; NUL, which nobody types and no database takes, is left out."""
    sent = {name: str(value).replace("\x00", "") for name, value in request.POST.items()}
    seen = version_of(sent)
    # A remark moves nothing: whatever the offices did meanwhile, it is as true as before. Only a move needs the
    # version that its writer saw.
    command = Command(found.pk, viewer_of(request), seen if moves else None, language=get_language() or "en")
    return Telling(found, command, sent, seen, request.FILES.get("photo"))


def version_of(sent: Sent) -> int:
    """The version of the page a form was on; 0, which no case has, when it says none."""
    text = sent.get("version", "")
    return number_sent(text, LONGEST_VERSION) or 0


def said_before(told: Telling, wanted: Act, error: ActionError) -> bool:
    """Whether this very form has done its work already: a double tap gets the same answer."""
    if isinstance(error, (Conflict, Illegal)) and wanted.activity in MOVES:
        before = said_since(told.found, told.form_version, wanted.activity, told.sent.get(wanted.field, ""))
        return before is not None
    if isinstance(error, Refused) and wanted.activity in ONCE:
        return happened_since(told.found, told.form_version, wanted.activity)
    return False


def unsaid(wanted: Act, error: ActionError) -> Unsaid:
    """Why it was not done, in a citizen's words, by the field on the page."""
    if isinstance(error, Refused):
        fields = {wanted.field if name == "text" else name: str(said) for name, said in error.fields.items()}
        return Unsaid(fields, 422)
    if isinstance(error, (Conflict, Illegal)):
        sentence = _(
            "The office changed this request while you were writing, so nothing was sent. Your words are still here: "
            "read below how it stands now, then send them again if they still fit."
        )
        return Unsaid({wanted.field: str(sentence)}, error.http_status)
    return Unsaid({wanted.field: str(error.sentence)}, error.http_status)
