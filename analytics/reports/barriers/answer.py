"""The answer itself: up to three barriers as cards, or why none stands out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analytics.core.barriers.parts import PARTS, Parts, parts_of
from analytics.core.barriers.ranking import Barrier, Ranking, rank_barriers
from analytics.core.causes.waiting import CAUSES
from analytics.core.frames import UNKNOWN, Floats, Ints
from analytics.core.quantiles import grouped_totals
from analytics.core.survival.curve import medians
from analytics.reports.barriers.asked import HANDOVER, OFFICE, STEP, TARGET, Choice, has_steps, has_targets
from analytics.reports.barriers.causes import cause_words, causes_of
from analytics.reports.barriers.rows import BETWEEN, Rows, rows_of
from analytics.reports.barriers.words import (
    baseline_said,
    chance_said,
    interval_said,
    money,
    name_of,
    rank_said,
    sentence,
    sum_said,
)
from analytics.reports.sections import Subject, nothing_here
from analytics.reports.wording import number, percent

MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """One length of the bar: 0 … 100 of its whole."""

    kind: str
    x: str
    width: str
    words: str


@dataclass(frozen=True, slots=True)
class Card:
    """One barrier. ``cases`` and ``change`` are queries of the lists and pages it leads to."""

    name: str
    sentence: str
    facts: tuple[str, ...]
    pieces: tuple[Piece, ...]
    causes: str
    cases: str
    see: str
    change: str
    why: str
    """The query of the page that says why they wait; empty where no cause was found."""


@dataclass(frozen=True, slots=True)
class Switch:
    """A choice the reader has: its name and what can be chosen (words, query, whether it is chosen)."""

    title: str
    ways: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What the overview and the page of barriers open with."""

    headline: str
    cards: tuple[Card, ...]
    why: tuple[str, ...]
    switches: tuple[Switch, ...]
    fields: tuple[tuple[str, str], ...]
    """What a form about the rate keeps of the address."""
    rate: str


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """Everything that was computed for one choice."""

    choice: Choice
    rows: Rows
    ranking: Ranking
    medians: Floats
    parts: Parts | None
    cases_above: Ints
    causes: Ints | None
    """(groups, causes), microseconds."""

    def code(self, row: Barrier) -> int:
        """The code of a group."""
        return self.rows.waits.groups.index(row.group)

    @property
    def named(self) -> list[Barrier]:
        """The groups sentences speak of: an office that was not recorded is in the table alone."""
        return [row for row in self.ranking.barriers if row.group != UNKNOWN]

    @property
    def ranked(self) -> int:
        """How many groups have a rank."""
        return sum(row.rank is not None for row in self.ranking.barriers)

    def idle(self, row: Barrier) -> float | None:
        """The share of its time in which nobody worked on its cases; ``None`` when most of it is not recorded."""
        if self.parts is None:
            return None
        transfer, queue, service, unknown = self.parts.shares(self.code(row))
        return (transfer + queue) / (transfer + queue + service) if unknown < 0.5 and service < 1 else None


def ranked_barriers(subject: Subject, choice: Choice) -> Ranked:
    """Compute what the reader asked for."""
    rows = rows_of(subject, choice)
    waits, count = rows.waits, len(rows.waits.groups)
    above = rows.above_us > 0
    pairs = np.unique(np.column_stack((waits.group[above], rows.passes.case[above])), axis=0)
    known = subject.records("accepted") and subject.records("started")
    as_of_us = subject.measured.as_of_us
    return Ranked(
        choice,
        rows,
        rank_barriers(waits, rows.baseline_of),
        medians(waits.wait_us, waits.ended, waits.group, count),
        parts_of(rows.passes, waits.group, count, rows.days, as_of_us) if known else None,
        np.bincount(pairs[:, 0], minlength=count),
        _causes(subject, rows) if known else None,
    )


def _causes(subject: Subject, rows: Rows) -> Ints:
    """Causes of the waits from acceptance to start, by the calendar; each stay once, in the group of its first pass."""
    count = len(rows.waits.groups)
    found = causes_of(subject).us
    stay, first = np.unique(rows.passes.stay, return_index=True)
    group = rows.waits.group[first]
    return np.column_stack([grouped_totals(found[stay, cause], group, count) for cause in range(len(CAUSES))])


def answer_of(subject: Subject, found: Ranked) -> Answer:
    """Say which barriers there are."""
    choice, shown = found.choice, _shown(found)
    kept = subject.measured.filters.parameters()
    return Answer(
        headline=_headline(subject, found, shown),
        cards=tuple(_card(subject, found, row) for row in shown),
        why=() if shown else _why(subject, found),
        switches=_switches(subject, choice, kept),
        fields=tuple((kept | choice.parameters(rate="")).items()),
        rate=choice.rate,
    )


def _shown(found: Ranked) -> list[Barrier]:
    """Return the first three of those that stand out or may; at least one that does, if any; those that do first."""
    rows = [row for row in found.named if row.rank and row.excess_us and row.stands_out is not False]
    shown, out = rows[:MOST], [row for row in rows if row.stands_out]
    if out and out[0] not in shown:
        shown[-1] = out[0]
    return sorted(shown, key=lambda row: not row.stands_out)


def nothing_to_rank(subject: Subject, found: Ranked) -> str:
    """Say why there is no row: no case fits, or none of those that do was handed over, or is in a step."""
    if not subject.measured.n:
        return nothing_here()
    said = {
        OFFICE: _("None of these cases was at an office."),
        STEP: _("None of these cases was in a step."),
        HANDOVER: _("None of these cases was handed from one office to another."),
    }
    return said[found.choice.by]


def _headline(subject: Subject, found: Ranked, shown: list[Barrier]) -> str:
    if not len(found.rows.waits):
        return nothing_to_rank(subject, found)
    out = [name_of(subject, found.choice, row.group) for row in shown if row.stands_out]
    if len(out) > 1:
        names = {"names": ", ".join(out[:-1]), "last": out[-1]}
        return _("Barriers that stand out: %(names)s and %(last)s.") % names
    if out:
        return _("One barrier stands out: %(name)s.") % {"name": out[0]}
    if shown:
        return _("Time lies above the baseline, but whether it is more than chance cannot be told.")
    return _("No barrier stands out, and why we think so")


def _why(subject: Subject, found: Ranked) -> tuple[str, ...]:
    """Say why nothing stands out."""
    rows, choice = found.named, found.choice
    if not rows:
        return ()
    first = rows[0]
    if first.rank is None:
        most = max(row.compared for row in rows)
        said = _("Nothing has 30 waits that can be compared; the most is %(n)s. Widen the period or clear a filter.")
        return (said % {"n": most},)
    name = {"name": name_of(subject, choice, first.group), "above": sum_said(first.excess_us, choice)}
    if not first.excess_us:
        return (_("Nothing waited longer than its baseline."),)
    return (_("The most time above the baseline is %(above)s, at %(name)s.") % name, chance_said(first, choice))


# --- One card ---------------------------------------------------------------------------------------------------------


def figure_of(choice: Choice, group: str) -> Mapping[str, str]:
    """Return the figure whose cases lie above the baseline in a group."""
    named = {"of": group}
    if choice.by == STEP:
        named = {"step": group}
    if choice.by == HANDOVER:
        named = dict(zip(("of", "to"), group.split(BETWEEN), strict=True))
    return {"figure": "above", **named, **choice.parameters(rate="")}


def _card(subject: Subject, found: Ranked, row: Barrier) -> Card:
    choice, code = found.choice, found.code(row)
    median = float(found.medians[code])
    facts = (
        interval_said(row, choice),
        rank_said(row, found.ranked),
        chance_said(row, choice),
        money(row.excess_us, choice),
    )
    baseline = baseline_said(choice, found.rows, code)
    kept = subject.measured.filters.parameters()
    cases = {("to_office" if name == "to" else name): value for name, value in figure_of(choice, row.group).items()}
    return Card(
        name=name_of(subject, choice, row.group),
        sentence=sentence(subject, choice, row, None if np.isnan(median) else median, found.idle(row), baseline),
        facts=tuple(fact for fact in facts if fact),
        pieces=_pieces(found, code),
        causes=_causes_said(found, code),
        cases=urlencode(kept | cases),
        see=_see(int(found.cases_above[code])),
        change=urlencode(kept | _to_change(choice, row.group)),
        why=_to_causes(found, row, kept),
    )


def _to_causes(found: Ranked, row: Barrier, kept: Mapping[str, str]) -> str:
    if found.causes is None or found.choice.by == STEP or not found.causes[found.code(row)].sum():
        return ""
    return urlencode({**kept, "of": row.group.rsplit(BETWEEN, maxsplit=1)[-1]})


def _see(n: int) -> str:
    return ngettext("See the case", "See the %(n)s cases", n) % {"n": number(n)}


def _to_change(choice: Choice, group: str) -> dict[str, str]:
    """What a page that tries a change is asked about."""
    if choice.by == STEP:
        return {"step": group}
    return {"at": group.rsplit(BETWEEN, maxsplit=1)[-1]}


def _pieces(found: Ranked, code: int) -> tuple[Piece, ...]:
    if found.parts is None:
        return ()
    titles = {
        "transfer": _("before anybody accepted: %(share)s"),
        "queue": _("in the queue: %(share)s"),
        "service": _("in hand: %(share)s"),
        "unknown": _("start not recorded: %(share)s"),
    }
    shares, pieces, x = found.parts.shares(code), [], 0.0
    for kind, share in zip(PARTS, shares, strict=True):
        if share:
            words = titles[kind] % {"share": percent(share)}
            pieces.append(Piece(kind, f"{x:.2f}", f"{100 * share:.2f}", words))
        x += 100 * share
    return tuple(pieces)


def _causes_said(found: Ranked, code: int) -> str:
    """Name the two largest causes of its queue, and how much of it cannot be explained."""
    if found.causes is None or not found.causes[code].sum():
        return ""
    words = cause_words()
    whole = int(found.causes[code].sum())
    order = np.argsort(-found.causes[code], kind="stable")[:MOST].tolist()
    said = [f"{words[CAUSES[k]]} {percent(found.causes[code, k] / whole)}" for k in order if found.causes[code, k]]
    return _("Why accepted cases wait to be begun (calendar time): %(causes)s.") % {
        "causes": pgettext("between clauses", "; ").join(said)
    }


# --- What else can be chosen ------------------------------------------------------------------------------------------


def _switches(subject: Subject, choice: Choice, kept: Mapping[str, str]) -> tuple[Switch, ...]:
    ways = [("by", OFFICE, _("office"))]
    ways += [("by", STEP, _("step"))] if has_steps(subject) else []
    ways += [("by", HANDOVER, _("hand-over"))] if subject.records("handovers") else []
    baselines = [("baseline", TARGET, _("the step’s own target"))] if has_targets(subject) else []
    baselines += [("baseline", "offices", _("the median of comparable offices"))]
    clocks = [("clock", "working", _("working time")), ("clock", "calendar", _("calendar time"))]
    offered = ((_("Ranked by"), ways), (_("Above"), baselines), (_("Clock"), clocks))
    now = choice.parameters()
    return tuple(
        Switch(
            title,
            tuple(
                (words, urlencode({**kept, **choice.parameters(**{name: value})}), now[name] == value)
                for name, value, words in some
            ),
        )
        for title, some in offered
    )
