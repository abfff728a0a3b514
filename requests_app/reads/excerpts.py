"""The beginning of a citizen’s words beside a row, for those who may read them."""

from django.db.models import Case, CharField, OuterRef, Subquery, Value, When
from django.db.models.functions import Left

from requests_app.models import Words
from requests_app.permissions import Viewer
from requests_app.querysets import RequestQuerySet, reached_with
from requests_app.states import Capability

EXCERPT = 140


def with_excerpt(found: RequestQuerySet, viewer: Viewer) -> RequestQuerySet:
    """The beginning of the citizen's words, only where one of the viewer's grants lets them read it."""
    may_read = reached_with(viewer, Capability.SEE_WORDS)
    told = Words.objects.filter(request=OuterRef("pk"), kind=Words.Kind.DESCRIPTION, erased_at=None).order_by("pk")
    excerpt = Subquery(told.values(start=Left("body", EXCERPT + 1))[:1])
    return found.annotate(excerpt=Case(When(may_read, then=excerpt), default=Value(""), output_field=CharField()))


def shortened(text: str | None) -> str:
    """The beginning of a text on one line, cut at a word."""
    return cut_at_word(" ".join((text or "").split()), EXCERPT)


def cut_at_word(text: str, most: int) -> str:
    """At most so many signs of a text and the sign that more follows, cut at a word."""
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + " …"
