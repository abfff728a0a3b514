"""What the link of a mail that asks “do you want to follow?” is about."""

from dataclasses import dataclass

from requests_app.models import Follower, ServiceRequest
from requests_app.permissions import ANONYMOUS


@dataclass(frozen=True, slots=True)
class Following:
    """One follower of one request that everybody may see; no address."""

    reference: str
    service: str
    is_confirmed: bool
    has_ended: bool


def followed(follower_id: int) -> Following | None:
    """The follower, None where there is none or the request is not public any more. Two statements."""
    follower = Follower.objects.filter(pk=follower_id).first()
    if follower is None:
        return None
    public = ServiceRequest.objects.visible_to(ANONYMOUS).select_related("service")
    found = public.filter(pk=follower.request_id).first()
    if found is None:
        return None
    return Following(
        found.reference, found.service.name, follower.confirmed_at is not None, follower.ended_at is not None
    )
