"""“Is it fixed?”: what the citizen says of a closing, once and for some days. Closed is not the same as fixed."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from requests_app.actions._draft import Command, Done, Draft, Text
from requests_app.actions._ledger import checked_words, perform
from requests_app.actions.errors import Illegal, Refused, Sentence
from requests_app.clock import now
from requests_app.models import Office, Photo, ServiceRequest, Words
from requests_app.privacy.photos import ReadyPhoto, forget_photo, keep_photos
from requests_app.projection import CaseState
from requests_app.reads.closing import Asked, asked_whether_fixed
from requests_app.routing.match import fallback_office
from requests_app.states import NOT_FIXED, Activity

SENTENCES: dict[Asked, Sentence] = {
    Asked.TOO_LATE: _(
        "The request was closed too long ago to be opened again. If it is not fixed, report it again and name this one."
    ),
    Asked.SAID: _("You have told us already that it is fixed. If it is broken again, report it again."),
    Asked.DECIDED: _("A decision is not opened again here. Write to the office below what is wrong with it."),
    Asked.JOINED: _("This request was joined with another one. The other one is asked about when it is closed."),
}


def confirm_fixed(command: Command) -> Done:
    """The citizen says that it is fixed; nothing moves."""

    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        _refuse_unasked(request, Activity.CONFIRMED, state)
        return Draft(Activity.CONFIRMED)

    return perform(command, draft)


def not_fixed(command: Command, *, reason: str, photo: ReadyPhoto | None = None) -> Done:
    """The citizen says what is still wrong: the case is open again, at the office that closed it.

    An office that has been closed for good meanwhile takes nothing: the fallback office has it then.
    """
    checked_words(reason, "reason")
    kept: list[Photo] = []

    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        _refuse_unasked(request, Activity.REOPENED, state)
        kept.extend(keep_photos(request, [photo] if photo else [], now()))
        return Draft(
            Activity.REOPENED,
            office_id=_instead_of(request, state),
            reason=NOT_FIXED,
            text=Text(Words.Kind.COMMENT, reason),
            photo_id=kept[0].pk if kept else None,
        )

    try:
        with transaction.atomic():
            return perform(command, draft)
    except BaseException:
        for one in kept:
            forget_photo(one.file_name)
        raise


def _refuse_unasked(request: ServiceRequest, activity: Activity, state: CaseState) -> None:
    """Refused, with what to do instead, when the citizen is not asked any more."""
    asked = asked_whether_fixed(request, now())
    if asked is Asked.OPEN:
        raise Illegal(activity, state.status)
    if asked is not Asked.YES:
        raise Refused({"fixed": SENTENCES[asked]})


def _instead_of(request: ServiceRequest, state: CaseState) -> int | None:
    """The office that has the case instead of the one that closed it; None: that one."""
    closed_by = Office.objects.filter(pk=state.office_id or 0).first()
    if closed_by is None or not closed_by.is_closed_for_good_on(request.jurisdiction.today):
        return None
    return fallback_office(request.jurisdiction_id)
