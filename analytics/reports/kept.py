"""A page of a report as it is kept: computed for somebody, under the filters of its address, as plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from analytics.loading import Source, load
from analytics.reports.bottlenecks import bottlenecks
from analytics.reports.filters import BadFilters, FilterProblem, Filters, read_filters
from analytics.reports.frozen import Content, content_of
from analytics.reports.measure import measure, needs_events
from analytics.reports.sections import Subject, subject_of
from analytics.reports.views.registry import BY_SLUG
from requests_app.permissions import Viewer


def is_page(page: str) -> bool:
    """Whether there is a page of that name; the overview has none."""
    return not page or page in BY_SLUG


def title_of(page: str) -> str:
    """What a page is called."""
    return str(BY_SLUG[page].title) if page in BY_SLUG else _("Where cases wait")


def kept_page(place: Any, viewer: Viewer, page: str, asked: Mapping[str, str]) -> tuple[Source, Content]:
    """Compute a page with the rights of the viewer. Raises ``BadFilters``."""
    wanted = dict(asked)
    events = needs_events(place) or (bool(page) and BY_SLUG[page].needs_events(wanted))
    source = load(place, viewer, events=events, dues=bool(page) and BY_SLUG[page].needs_dues)
    filters = read_filters(wanted, source.catalogue)
    subject = subject_of(measure(source, filters))
    return source, _of_view(subject, page, wanted) if page else _of_overview(subject, filters)


def _of_view(subject: Subject, page: str, wanted: dict[str, str]) -> Content:
    view = BY_SLUG[page]
    made = view.make(subject, wanted)
    if not made.of_one_place:
        sentence = _("A page of several places cannot be frozen: freeze the page of each place by itself.")
        raise BadFilters([FilterProblem("page", sentence)])
    return content_of(subject, str(view.title), str(view.question), [made.headline], made.warnings, made.sections)


def _of_overview(subject: Subject, filters: Filters) -> Content:
    made = bottlenecks(subject.measured.source, filters)
    barriers = [" ".join([card.sentence, *card.facts[:1]]) for card in made.answer.cards]
    said = [made.headline, made.answer.headline, *barriers, *made.answer.why]
    return content_of(subject, _("Where cases wait"), "", said if made.n else said[:1], made.warnings, made.sections)
