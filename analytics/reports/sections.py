"""What every section of a report carries beside its figures: a sentence, and what the figures rest on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from analytics.core.frames import SMALL_N, UNKNOWN
from analytics.loading import Names, Source
from analytics.reports.definitions import definition_of
from analytics.reports.filters import Filters
from analytics.reports.measure import Measured
from analytics.reports.recompute import Recompute
from analytics.reports.tables import Table
from analytics.reports.wording import day, moment, number
from requests_app.text.localized import pick

NOT_RECORDED: Final = "not_recorded"
EMPTY: Final = "empty"


@dataclass(frozen=True, slots=True)
class Basis:
    """What a figure rests on. Everything is in words, in the reader's language."""

    n: str
    clock: str
    cohort: str
    as_of: str
    left_out: tuple[str, ...] = ()
    definition: str = ""
    """How the figure is counted, as docs/definitions.md has it."""


@dataclass(frozen=True, slots=True)
class Lead:
    """Words that lead to the cases of a figure a sentence names."""

    text: str
    cases: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a report. ``state`` is empty when there are figures, else why there are none."""

    id: str
    title: str
    sentence: str
    basis: Basis
    table: Table | None = None
    notes: tuple[str, ...] = field(default=())
    state: str = ""
    leads: tuple[Lead, ...] = field(default=())
    after: tuple[str, ...] = field(default=())
    """Notes that stand below the table."""
    recompute: Recompute | None = None
    """How the table is made again from its rows, by anybody."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """What all sections of one report share: the measured cohort and how to speak of it."""

    measured: Measured
    offices: dict[str, str]
    cohort: str
    as_of: str
    beside: Callable[[], tuple[Subject, ...]] = tuple
    """The other places of the same kind that the reader may see, for the same period; read when asked for."""

    def basis(self, n: str, clock: str, definition: str, *left_out: str) -> Basis:
        """Return what a figure of this cohort rests on."""
        said = definition_of(definition) if definition else ""
        return Basis(n, clock, self.cohort, self.as_of, tuple(text for text in left_out if text), said)

    def records(self, what: str) -> bool:
        """Whether the source records ``what``."""
        return self.measured.source.jurisdiction.records(what)

    @property
    def records_open(self) -> bool:
        """Whether it is known which cases are open: an event log tells it only by the rule the operator gave."""
        return self.records("outcomes") or bool(self.measured.source.frames.cases["closed_at"].isna().any())

    def stamped(self, table: Table, clock: str) -> Table:
        """Return the table with the facts its file ends each line with."""
        source = self.measured.source
        at = source.as_of.astimezone(ZoneInfo(source.jurisdiction.time_zone))
        return replace(table, as_of=at.isoformat(timespec="seconds"), clock=clock)


def subject_of(measured: Measured) -> Subject:
    """Prepare the words every section needs."""
    source = measured.source
    return Subject(
        measured=measured,
        offices=labelled(source.catalogue.offices, _("Office not recorded")),
        cohort=cohort_of(measured.filters, source),
        as_of=moment(source.as_of, source.jurisdiction.time_zone),
    )


def labelled(names: Names, unknown: str) -> dict[str, str]:
    """Return code → name in the reader's language, with a name for what was not recorded."""
    language = get_language()
    return {**{code: names.of(code, language) for code in names.texts}, UNKNOWN: unknown}


def calendar_clock() -> str:
    """Name the clock of every duration here."""
    return _("calendar time, nights and weekends included")


def cohort_of(filters: Filters, source: Source) -> str:
    """Say which cases these are: when they were filed and what they were narrowed to."""
    return ", ".join([_period(filters, source), *_narrowed(filters, source)])


def _period(filters: Filters, source: Source) -> str:
    submitted = source.frames.cases["submitted_at"]
    if submitted.empty:
        return _asked(filters) or _("all cases")
    zone = ZoneInfo(source.jurisdiction.time_zone)
    first, last = (at.astimezone(zone).date() for at in (submitted.min(), submitted.max()))
    said = {"from": day(first), "to": day(last)}
    asked = _asked(filters)
    if not asked:
        return _("all cases, filed from %(from)s to %(to)s") % said
    outside = (filters.filed_from and filters.filed_from < first) or (filters.filed_to and filters.filed_to > last)
    return f"{asked} ({_('there are cases from %(from)s to %(to)s') % said})" if outside else asked


def _asked(filters: Filters) -> str:
    if filters.filed_from and filters.filed_to:
        said = {"from": day(filters.filed_from), "to": day(filters.filed_to)}
        return _("cases filed from %(from)s to %(to)s") % said
    if filters.filed_from:
        return _("cases filed since %(from)s") % {"from": day(filters.filed_from)}
    return _("cases filed up to %(to)s") % {"to": day(filters.filed_to)} if filters.filed_to else ""


def _narrowed(filters: Filters, source: Source) -> list[str]:
    catalogue = source.catalogue
    said = []
    if filters.service:
        said.append(_("service: %(name)s") % {"name": catalogue.services.of(filters.service, get_language())})
    if filters.area:
        names = labelled(catalogue.areas, _("area not recorded"))
        said.append(_("area: %(name)s") % {"name": names[filters.area]})
    if filters.office:
        name = catalogue.offices.of(filters.office, get_language())
        said.append(_("held at some time by: %(name)s") % {"name": name})
    return said


def assumptions_of(source: Source) -> tuple[str, ...]:
    """Return what the import took for granted, in the reader's language."""
    return tuple(pick(texts, get_language()) for texts in source.jurisdiction.assumptions)


def counted_fact(source: Source, code: str) -> int:
    """Return how many records an import counted under a fact, 0 when it met none."""
    counts = (texts.get("count", "0") for texts in source.jurisdiction.assumptions if texts.get("fact") == code)
    return int(next(counts, "0"))


def left_out_of_all(measured: Measured) -> tuple[str, ...]:
    """Say what is in no figure at all: broken rows, by reason."""
    reasons = {
        "no_time": _("without a time"),
        "after_as_of": _("dated after the as-of time"),
        "backwards": _("whose times run backwards"),
    }
    said = []
    for dropped in measured.dropped:
        text = ngettext("%(n)s record %(reason)s", "%(n)s records %(reason)s", dropped.rows)
        said.append(text % {"n": number(dropped.rows), "reason": reasons[dropped.reason]})
    return tuple(said)


def is_small(n: int) -> bool:
    """Whether so few cases make a quantile shaky."""
    return n < SMALL_N


def nothing_here() -> str:
    """Say that no case fits, and what to do."""
    return _("No case fits these filters. Widen the period or clear a filter.")


def not_recorded() -> str:
    """Say that the source is silent; never a zero."""
    return _("Not recorded by this source.")


def unranked() -> str:
    """Say why the first line of a table is not the one the sentence names."""
    return _("Where the office is not recorded, the table shows it, but the sentence does not rank it.")
