"""The place a page is about: the one its address names, or the one citizens meet."""

from django.db.models import QuerySet

from requests_app.models import Jurisdiction


def homes() -> QuerySet[Jurisdiction]:
    """The jurisdictions that take requests, the one citizens meet first."""
    return Jurisdiction.objects.order_by("-is_default", "provenance", "pk").exclude(provenance="imported")


def home_jurisdiction() -> Jurisdiction | None:
    """The jurisdiction citizens meet: the default one, else the first that takes requests, else None."""
    return homes().first()


def place_named(code: str) -> Jurisdiction | None:
    """The jurisdiction of that code; None when there is none."""
    return Jurisdiction.objects.filter(code=code).first()
