"""What time alone brings about: what nobody accepted goes back, partners get their links. Safe to run twice at once."""

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from requests_app.actions._draft import Command
from requests_app.actions.errors import ActionError
from requests_app.actions.send import expire
from requests_app.clock import now
from requests_app.models import Alarm, AlarmKind, Hold, ServiceRequest
from requests_app.notify.addressees import PARTNER
from requests_app.notify.moments import Audience, News
from requests_app.notify.partners import link_of, routed_to_partners
from requests_app.notify.queueing import queue_mail
from requests_app.permissions import SYSTEM
from requests_app.states import SENT


def sweep_handoffs(limit: int = 200) -> int:
    """Give back what was handed off and not accepted in time; how many cases went back.

    Each goes back on the version that was seen: a case that was accepted meanwhile, or that another sweep has given
    back, is left alone. What came by routing has no sender and waits for its office.
    """
    overdue = (
        Hold.objects.filter(is_lead=True, ended_at=None, accepted_at=None, expires_at__lte=now())
        .exclude(sender=None)
        .filter(request__status__in=SENT)
        .order_by("expires_at")
        .values_list("request_id", F("request__version"))
    )
    given_back = 0
    for request_id, version in overdue[:limit]:
        try:
            expire(Command(request_id, SYSTEM, version))
        except ActionError:
            continue
        given_back += 1
    _settle_accepted()
    return given_back


def sweep_partners(limit: int = 200) -> int:
    """Mail its link to each partner outside that a case was routed to, once for each stay; how many were queued."""
    moment = now()
    stays = routed_to_partners(limit)
    for stay in stays:
        with transaction.atomic():
            link = link_of(stay)
            queue_mail(
                News.PARTNER_ASKED, Audience.PARTNER, PARTNER, link.pk,
                key=str(link.pk), at=moment, request_id=stay.request_id,
            )  # fmt: skip
    return len(stays)


def _settle_accepted() -> None:
    """An alarm of a hand-off that expired is settled once an office has accepted the case, or it was closed."""
    waiting = ServiceRequest.objects.filter(pk=OuterRef("request_id"), status__in=[*SENT, "received"])
    settled = Alarm.objects.filter(kind=AlarmKind.HANDOFF_EXPIRED, settled_at=None).exclude(Exists(waiting))
    settled.update(settled_at=now())
