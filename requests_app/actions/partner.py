"""What a partner outside does by its link: through the same actions as every office, with the partner as who acted.

It may tell late: the time it gives is kept as when it happened, beside the time we heard. The time is judged as any is:
not in the future, not before the last step.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from requests_app.actions._draft import Command, Done
from requests_app.actions.errors import Conflict, Refused
from requests_app.actions.handle import accept, close, schedule
from requests_app.actions.remark import note
from requests_app.actions.send import bounce, hand_off
from requests_app.clock import now
from requests_app.models import PartnerLink
from requests_app.notify.addressees import PARTNER
from requests_app.notify.moments import Audience, News
from requests_app.notify.partners import good_until
from requests_app.notify.queueing import queue_mail
from requests_app.reads.partner import PartnerCase, Standing, partner_case
from requests_app.routing.match import fallback_office
from requests_app.states import Status


class PartnerAct(StrEnum):
    """What a partner can say."""

    ACCEPT = "accept"
    BOUNCE = "bounce"
    DATE = "date"
    DONE = "done"
    BACK = "back"


ENDS = {PartnerAct.BOUNCE: "cannot", PartnerAct.DONE: "done", PartnerAct.BACK: "cannot"}
"""The acts that end the partner's part, and the answer that is kept with the link."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a partner sent: the act with what it needs, a note for the offices, when it happened (aware; None: now)."""

    act: PartnerAct
    reason: str = ""
    outcome: str = ""
    day: datetime | None = None
    note: str = ""
    occurred_at: datetime | None = None


def _date(command: Command, given: Answer, case: PartnerCase) -> Done:
    if given.day is None:
        raise Refused({"day": _("Give the day on which you do the work, such as 2026-05-31.")})
    return schedule(command, promised_at=given.day)


def _back(command: Command, given: Answer, case: PartnerCase) -> Done:
    if not given.note.strip():
        raise Refused({"note": _("Say in a few words why you give it back.")})
    # What was routed to a partner came from no office: the one that gets everything has it next.
    office_id = case.link.sender_id or fallback_office(case.request.jurisdiction_id)
    if office_id is None:
        raise Refused({"note": _("There is no office to give it back to. Call the city.")})
    return hand_off(command, office_id=office_id)


_DO: Mapping[PartnerAct, Callable[[Command, Answer, PartnerCase], Done]] = {
    PartnerAct.ACCEPT: lambda command, given, case: accept(command),
    PartnerAct.BOUNCE: lambda command, given, case: bounce(command, reason=given.reason),
    PartnerAct.DATE: _date,
    PartnerAct.DONE: lambda command, given, case: close(command, outcome=given.outcome),
    PartnerAct.BACK: _back,
}


def partner_answers(link_id: int, version: int, given: Answer, language: str) -> Done:
    """Do what a partner says by a link that is good; Conflict when it is not. One link serves one act."""
    with transaction.atomic():
        PartnerLink.objects.select_for_update().filter(pk=link_id).first()
        case = partner_case(link_id, version)
        if case is None or case.standing is not Standing.GOOD:
            raise Conflict(Status(case.request.status if case else Status.CLOSED), case.request.version if case else 0)
        command = Command(case.request.pk, case.viewer, case.request.version, given.occurred_at, language)
        done = _DO[given.act](command, given, case)
        if given.note.strip():
            said = replace(command, version=done.request.version, occurred_at=None)
            note(replace(said, viewer=case.viewer), body=given.note)
        _keep(case.link, given.act)
        if given.act not in ENDS:
            _mail_link(case.link, done.request.version)
        return done


def new_link(link_id: int, version: int) -> bool:
    """Mail a new link to the partner's own address, if it still has the case; once a day for each state of it."""
    with transaction.atomic():
        PartnerLink.objects.select_for_update().filter(pk=link_id).first()
        case = partner_case(link_id, version)
        if case is None or case.link.answered_at is not None or case.standing is Standing.OVER:
            return False
        PartnerLink.objects.filter(pk=link_id).update(expires_at=good_until(now()))
        _mail_link(case.link, case.request.version)
        return True


def _keep(link: PartnerLink, act: PartnerAct) -> None:
    if act in ENDS:
        PartnerLink.objects.filter(pk=link.pk).update(answered_at=now(), answer=ENDS[act])


def _mail_link(link: PartnerLink, version: int) -> None:
    moment = now()
    key = f"{link.pk}:{version}:{moment.date().isoformat()}"
    queue_mail(News.PARTNER_LINK, Audience.PARTNER, PARTNER, link.pk, key=key, at=moment, request_id=link.request_id)
