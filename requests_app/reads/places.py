"""The place a page is about: the one its address names, or the one citizens meet."""

from requests_app.models import Jurisdiction


def home_jurisdiction() -> Jurisdiction | None:
    """The jurisdiction citizens meet: the default one, else the first that takes requests, else None."""
    live_first = Jurisdiction.objects.order_by("-is_default", "provenance", "pk")
    return live_first.exclude(provenance="imported").first()


def place_named(code: str) -> Jurisdiction | None:
    """The jurisdiction of that code; None when there is none."""
    return Jurisdiction.objects.filter(code=code).first()
