"""How it went, as the citizen says."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from requests_app.actions._draft import Command, Done, Draft, Text
from requests_app.actions._ledger import perform
from requests_app.actions.errors import Illegal, Refused
from requests_app.models import Rating, ServiceRequest, Words
from requests_app.projection import CaseState
from requests_app.states import Activity, Status

SCORES = range(1, 6)


def rate(command: Command, *, score: int, is_fixed: bool | None = None, remark: str = "") -> Done:
    """Rate a closed case once, from 1 (very poor) to 5 (very good). A rating moves nothing: it needs no version."""
    if score not in SCORES:
        raise Refused({"score": _("Choose from one to five.")})

    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        if state.status is not Status.CLOSED:
            raise Illegal(Activity.RATED, state.status)
        if Rating.objects.filter(request=request).exists():  # the case is locked: nobody rates it meanwhile
            raise Refused({"score": _("You have rated this request already. Thank you.")})
        text = Text(Words.Kind.RATING, remark) if remark.strip() else None
        return Draft(Activity.RATED, score=score, text=text)

    with transaction.atomic():
        done = perform(command, draft)
        Rating.objects.create(request=done.request, score=score, is_fixed=is_fixed, rated_at=done.event.recorded_at)
    return done
