"""The link by which a partner outside answers for one stay of a case: made when the news is told, once a stay."""

from datetime import datetime, timedelta

from django.conf import settings

from requests_app.clock import now
from requests_app.models import Hold, Office, PartnerLink, RequestEvent, ServiceRequest
from requests_app.notify.links import Purpose, keyed, sign
from requests_app.states import Activity

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
    moment = now()
    made = {
        "office": office,
        "sender_id": stay.sender_id,
        "token_hash": keyed(f"partner:{request.pk}:{stay.number}", 64),
        "made_at": moment,
        "made_by_id": event.user_id,
        "expires_at": good_until(moment),
    }
    link, _is_new = PartnerLink.objects.get_or_create(request=request, hold_number=stay.number, defaults=made)
    return link


def good_until(moment: datetime) -> datetime:
    """Until when a link that is made at a moment is good."""
    return moment + timedelta(days=settings.PARTNER_LINK_DAYS)


def token_of(link: PartnerLink, version: int) -> str:
    """The link's token, for the request as it stands at a version: a move of anybody uses it up."""
    return sign(Purpose.PARTNER, link.pk, version, until=link.expires_at + SIGNED_LONGER)
