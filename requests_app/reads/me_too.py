"""Whether somebody has said of a case that it affects them too."""

from requests_app.models import ServiceRequest, Supporter
from requests_app.privacy.me_too import SomebodyToo


def has_said_so(request: ServiceRequest, who: SomebodyToo) -> bool:
    """Whether this browser is counted already; one statement."""
    return Supporter.objects.filter(request=request, browser_hash__in=who.browsers).exists()
