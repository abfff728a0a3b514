"""The bottleneck report: where cases wait, between whom, how long it all takes, and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from analytics.core.flow import Flow
from analytics.loading import Source
from analytics.reports.barriers.answer import Answer, answer_of, ranked_barriers
from analytics.reports.barriers.asked import read_choice
from analytics.reports.filters import Filters
from analytics.reports.measure import measure
from analytics.reports.overview_rows import areas_again, clocks_again, handovers_again, offices_again, services_again
from analytics.reports.recompute import Recompute
from analytics.reports.section_cycle import cycle_section, headline, places_section, warnings
from analytics.reports.section_handovers import flow_section, handovers_section, pairs_of
from analytics.reports.section_offices import Bar, bars, clocks_section, held_section, offices_held
from analytics.reports.sections import Section, Subject, assumptions_of, left_out_of_all, subject_of
from analytics.reports.tables import Table


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """Everything the evaluator's page says about one cohort."""

    n: int
    answer: Answer
    headline: str
    warnings: tuple[str, ...]
    cohort: str
    as_of: str
    assumptions: tuple[str, ...]
    left_out: tuple[str, ...]
    offices: Section
    bars: tuple[Bar, ...]
    clocks: Section
    handovers: Section
    services: Section
    flow: Section
    graph: Flow | None
    areas: Section
    office_names: dict[str, str]

    @property
    def sections(self) -> tuple[Section, ...]:
        """Return the sections in the order of the page."""
        return self.offices, self.clocks, self.handovers, self.flow, self.services, self.areas

    @property
    def tables(self) -> dict[str, Table]:
        """Return every table that can be had as a file, by name."""
        return {section.table.name: section.table for section in self.sections if section.table}


def bottlenecks(source: Source, filters: Filters) -> Report:
    """Compute the report. Arithmetic on loaded frames: no query is made."""
    subject = subject_of(measure(source, filters))
    held = offices_held(subject)
    pairs = pairs_of(subject)
    flow, graph = flow_section(subject, held, pairs)
    return Report(
        n=subject.measured.n,
        answer=answer_of(subject, ranked_barriers(subject, read_choice(subject, {}))),
        headline=headline(subject),
        warnings=warnings(subject),
        cohort=subject.cohort,
        as_of=subject.as_of,
        assumptions=assumptions_of(source),
        left_out=left_out_of_all(subject.measured),
        offices=_stamped(subject, held_section(subject, held), offices_again),
        bars=bars(subject, held),
        clocks=_stamped(subject, clocks_section(subject), clocks_again),
        handovers=_stamped(subject, handovers_section(subject, pairs), handovers_again),
        services=_stamped(subject, cycle_section(subject), services_again),
        flow=flow,
        graph=graph,
        areas=_stamped(subject, places_section(subject), areas_again),
        office_names=subject.offices,
    )


def _stamped(subject: Subject, section: Section, again: Callable[[Subject, Table], Recompute] | None = None) -> Section:
    if section.table is None:
        return section
    recompute = again(subject, section.table) if again else None
    return replace(section, table=subject.stamped(section.table, section.basis.clock), recompute=recompute)
