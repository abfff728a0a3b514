"""What a partner sees by its link, and whether the link is still good. No person, no words of a citizen, no notes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import get_language

from requests_app.clock import now
from requests_app.labels import STATUS_AT_DESK, Label
from requests_app.models import Hold, Jurisdiction, PartnerLink, RequestEvent, ServiceRequest
from requests_app.permissions import Publicity, Viewer, partner_viewer
from requests_app.places.streets import localized_label
from requests_app.states import MOVES, SENT, Actor, Capability, Status


class Standing(StrEnum):
    """Whether a link is good. Used: the partner acted by it. Changed: others moved the case. Over: it left."""

    GOOD = "good"
    USED = "used"
    CHANGED = "changed"
    EXPIRED = "expired"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class PartnerCase:
    """The facts a partner needs for its work. The place of a private case only where its service says so."""

    link: PartnerLink
    request: ServiceRequest
    standing: Standing
    status: Label
    is_accepted: bool
    sent_at: datetime
    address: str
    lon: float | None
    lat: float | None

    @property
    def place(self) -> Jurisdiction:
        """Where it is: for its clocks."""
        return self.request.jurisdiction

    @property
    def viewer(self) -> Viewer:
        """The partner as who acts."""
        return partner_viewer(self.request.jurisdiction_id, self.link.office_id)


def partner_case(link_id: int, version: int) -> PartnerCase | None:
    """The case of a link for the request as it stood at `version`; None when there is no such link."""
    link = PartnerLink.objects.select_related("office", "sender", "request").filter(pk=link_id, revoked_at=None).first()
    if link is None:
        return None
    viewer = partner_viewer(link.request.jurisdiction_id, link.office_id)
    request = (
        ServiceRequest.objects.in_reach_of(viewer, Capability.SEE_DESK)
        .select_related("service", "jurisdiction", "area")
        .defer("jurisdiction__boundary", "area__geometry")
        .filter(pk=link.request_id)
        .first()
    )
    stay = Hold.objects.filter(request_id=link.request_id, number=link.hold_number).first()
    if request is None or stay is None:
        return None
    tells_place = request.service.publicity != Publicity.PRIVATE or request.service.partner_sees_contact
    pin = request.location if tells_place else None
    language = get_language() or "en"
    return PartnerCase(
        link=link,
        request=request,
        standing=_standing(link, stay, version),
        status=STATUS_AT_DESK[Status(request.status)],
        is_accepted=request.status not in SENT,
        sent_at=stay.sent_at,
        address=localized_label(request.jurisdiction_id, request.address_label, language)
        if tells_place and request.address_label
        else "",
        lon=pin.x if pin else None,
        lat=pin.y if pin else None,
    )


def _standing(link: PartnerLink, stay: Hold, version: int) -> Standing:
    moved = RequestEvent.objects.filter(
        request_id=link.request_id, sequence__gt=version, activity__in=[str(activity) for activity in MOVES]
    )
    later = moved.order_by("sequence").first()
    if later is not None and later.actor == Actor.PARTNER and later.acting_office_id == link.office_id:
        return Standing.USED
    if stay.ended_at is not None or link.answered_at is not None:
        return Standing.OVER
    if link.expires_at < now():
        return Standing.EXPIRED
    return Standing.CHANGED if later is not None else Standing.GOOD
