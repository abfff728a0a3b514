"""The place a page is about when its address names none."""

from requests_app.models import Jurisdiction


def home_jurisdiction() -> Jurisdiction | None:
    """The jurisdiction citizens meet: the default one, else the first that takes requests, else None."""
    live_first = Jurisdiction.objects.order_by("-is_default", "provenance", "pk")
    return live_first.exclude(provenance="imported").first()
