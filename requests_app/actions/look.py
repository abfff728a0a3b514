"""What somebody says of their own desk: that they have looked."""

from requests_app.clock import now
from requests_app.live import present_cursor
from requests_app.models import DeskLook, Jurisdiction
from requests_app.permissions import Viewer


def have_looked(viewer: Viewer, place: Jurisdiction, xact: int) -> None:
    """Note that the viewer has seen the events of all transactions before `xact`; never back, nor into what will be."""
    xact = min(xact, present_cursor().xact)
    look, is_new = DeskLook.objects.get_or_create(
        user_id=viewer.user_id or 0, jurisdiction=place, defaults={"xact": xact, "looked_at": now()}
    )
    if not is_new:
        DeskLook.objects.filter(pk=look.pk, xact__lte=xact).update(xact=xact, looked_at=now())
