"""The link by which a partner outside answers for one stay of a case: made when the news is told, once a stay.

What was handed to a partner is told by its event; what rules or people routed straight to one is found by a sweep, so
that filing a case costs nothing for it.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef

from requests_app.clock import now
from requests_app.models import Hold, Office, PartnerLink, Provenance, RequestEvent, ServiceRequest
from requests_app.notify.links import Purpose, keyed, sign
from requests_app.states import SENT, Activity

SIGNED_LONGER = timedelta(days=365)
"""How much longer the signature is good than the link: so long an old link says that it is old, and offers another."""


def link_for(request: ServiceRequest, event: RequestEvent | None) -> PartnerLink | None:
    """The link of the stay that a hand-off began at a partner with a mail address; None where none is there."""
    if event is None or event.activity != Activity.HANDED_OFF:
        return None
    office = Office.objects.filter(pk=event.office_id or 0, is_external=True).exclude(email="").first()
    if office is None:
        return None
    stay = Hold.objects.filter(request=request, office=office, is_lead=True, ended_at=None).first()
    if stay is None:
        return None
    return link_of(stay, event.user_id)


def link_of(stay: Hold, made_by_id: int | None = None) -> PartnerLink:
    """The link of one stay at a partner, made if there is none yet."""
    moment = now()
    made = {
        "office_id": stay.office_id,
        "sender_id": stay.sender_id,
        "token_hash": keyed(f"partner:{stay.request_id}:{stay.number}", 64),
        "made_at": moment,
        "made_by_id": made_by_id,
        "expires_at": good_until(moment),
    }
    link, _is_new = PartnerLink.objects.get_or_create(
        request_id=stay.request_id, hold_number=stay.number, defaults=made
    )
    return link


def routed_to_partners(limit: int) -> list[Hold]:
    """The stays at partners with a mail address that began by routing, wait, and have no link yet; one statement.

    What was imported is told to nobody: another system has done so.
    """
    has_link = PartnerLink.objects.filter(request=OuterRef("request"), hold_number=OuterRef("number"))
    waiting = Hold.objects.filter(
        office__is_external=True, is_lead=True, opened_by=Activity.ROUTED, accepted_at=None, ended_at=None
    ).exclude(office__email="")
    live = waiting.exclude(request__jurisdiction__provenance=Provenance.IMPORTED).filter(request__status__in=SENT)
    return list(live.exclude(Exists(has_link)).order_by("sent_at", "pk")[:limit])


def good_until(moment: datetime) -> datetime:
    """Until when a link that is made at a moment is good."""
    return moment + timedelta(days=settings.PARTNER_LINK_DAYS)


def token_of(link: PartnerLink, version: int) -> str:
    """The link's token, for the request as it stands at a version: a move of anybody uses it up."""
    return sign(Purpose.PARTNER, link.pk, version, until=link.expires_at + SIGNED_LONGER)
