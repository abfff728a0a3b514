"""What stands beside an effect: how the weeks went, and what the same method says where nothing happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from analytics.core.evaluation.contrast import compare
from analytics.core.evaluation.effect import Effect, Plan, evaluate_held
from analytics.core.evaluation.held import Held
from analytics.core.evaluation.weekly import WEEK_US, Panel
from analytics.core.frames import Flags, Floats, Ints

MOST_PERIODS: Final = 32
LEAST_HOLDS_A_PERIOD: Final = 3
MOST_DATES: Final = 8
LEAST_WEEKS_TO_A_DATE: Final = 4


@dataclass(frozen=True, slots=True)
class Period:
    """Weeks ``first`` to ``last`` counted from the change, both included; relative to all weeks before it.

    ``estimate`` and its 95 % interval are ``None`` where too few holds began.
    """

    first: int
    last: int
    holds: int
    estimate: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def is_after(self) -> bool:
        """Whether it lies after the change."""
        return self.first >= 0


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The effect found at a date, or for an office, where nothing is known to have changed."""

    at_us: int
    office: str
    effect: Effect

    @property
    def cries(self) -> bool:
        """Whether it claims one all the same."""
        return self.effect.p_value is not None and self.effect.p_value < 0.05


def event_study(weekly: Panel, is_treated: Flags) -> tuple[Period, ...]:
    """Compare the treated offices with the others period by period, each with its own interval."""
    span = -(-len(weekly.weeks) // MOST_PERIODS)
    before, after = np.flatnonzero(~weekly.after), np.flatnonzero(weekly.after)
    late_first = [before[max(end - span, 0) : end] for end in range(len(before), 0, -span)]
    periods = [*reversed(late_first), *(after[start : start + span] for start in range(0, len(after), span))]
    level, spread = _before(weekly)
    return tuple(_period(weekly, is_treated, columns, level, spread) for columns in periods)


def _before(weekly: Panel) -> tuple[Floats, Floats]:
    """By office: the mean hold before the change, and how far one hold strays from it (a variance, relative)."""
    part = ~weekly.after
    n, total = weekly.n[:, part] * weekly.common[part], weekly.total[:, part]
    level = total.sum(axis=1) / n.sum(axis=1)
    strays = (total / level[:, None] - n) ** 2
    weeks = int(part.sum())
    return level, strays.sum(axis=1) / n.sum(axis=1) * weeks / max(weeks - 1, 1)


def _period(weekly: Panel, is_treated: Flags, columns: Ints, level: Floats, spread: Floats) -> Period:
    n = weekly.n[:, columns].sum(axis=1)
    total = weekly.total[:, columns].sum(axis=1)
    first, last = int(weekly.weeks[columns[0]]), int(weekly.weeks[columns[-1]])
    holds = int(n[is_treated].sum())
    use = (n >= LEAST_HOLDS_A_PERIOD) & (total > 0)
    if not (use & is_treated).any() or int((use & ~is_treated).sum()) < 2:
        return Period(first, last, holds)
    weighed = (weekly.n[:, columns] * weekly.common[columns]).sum(axis=1)[use]
    value = np.log(total[use] / weighed / level[use])
    variance = spread[use] * (1 / weighed + 1 / weekly.n[use][:, ~weekly.after].sum(axis=1))
    found = compare(value, variance, is_treated[use], len(weekly.weeks))
    estimate, low, high = (float(np.expm1(figure)) for figure in (found.estimate, found.low, found.high))
    return Period(first, last, holds, estimate, low, high)


def known_by(held: Held, at_us: int) -> Held:
    """Return the holds as they stood at a moment: later ones are not there yet, those that went on are open."""
    here = held.begin_us < at_us
    lasted = np.minimum(held.length_us[here], at_us - held.begin_us[here])
    is_open = held.open[here] | (held.begin_us[here] + held.length_us[here] > at_us)
    return replace(
        held,
        office=held.office[here],
        begin_us=held.begin_us[here],
        length_us=lasted,
        open=is_open,
        as_of_us=min(at_us, held.as_of_us),
    )


def other_dates(held: Held, change_us: int, treated: tuple[str, ...], plan: Plan) -> Iterator[Elsewhere]:
    """Evaluate dates before the change with what was known at the change: nothing of it can show in them."""
    past = known_by(held, change_us)
    if not len(past):
        return
    weeks = int((change_us - past.begin_us.min()) // WEEK_US)
    behind = np.arange(LEAST_WEEKS_TO_A_DATE, weeks - 2 * LEAST_WEEKS_TO_A_DATE)
    if len(behind) > MOST_DATES:
        behind = behind[np.linspace(0, len(behind) - 1, MOST_DATES).astype(np.int64)]
    for back in behind[::-1]:
        at_us = change_us - int(back) * WEEK_US
        yield Elsewhere(at_us, "", evaluate_held(past, at_us, treated, plan))


def other_offices(held: Held, change_us: int, effect: Effect, plan: Plan) -> Iterator[Elsewhere]:
    """Evaluate each comparison office as if it had changed, beside the other comparison offices."""
    for office in effect.comparison:
        others = tuple(name for name in effect.comparison if name != office)
        yield Elsewhere(change_us, office, evaluate_held(held, change_us, (office,), replace(plan, comparison=others)))
