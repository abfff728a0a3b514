"""Could we see it? How small a cut these offices and weeks would show, tried on the place's own past.

At dates of the past at which nothing is known to have changed, the weeks on each side are drawn again in blocks of four
(neighbours resemble each other; all offices together, since they share weeks). The estimator runs on each drawing as it
will run on the real change. A cut of the treated holds by a share moves the log of their mean by the log of what is
left and nothing else, so every size of cut is planted in every drawing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.special import stdtr

from analytics.core.evaluation.contrast import Contrast, compare
from analytics.core.evaluation.effect import (
    LEAST_WEEKS_AFTER,
    LEAST_WEEKS_BEFORE,
    CannotSay,
    Evaluation,
    Plan,
    Remark,
    ways_before,
)
from analytics.core.evaluation.figures import changes
from analytics.core.evaluation.held import Held
from analytics.core.evaluation.study import known_by
from analytics.core.evaluation.weekly import WEEK_US, Panel, common_weeks
from analytics.core.frames import Flags, Floats, Ints

CUTS: Final = np.arange(0.0, 0.805, 0.01)
OFTEN: Final = 0.80
"""A cut that shows this often is called seen."""
MOST_DATES: Final = 12
DRAWINGS: Final = 12
BLOCK: Final = 4
SEED: Final = 20_261_201


@dataclass(frozen=True, slots=True, eq=False)
class Foresight:
    """``detected[i]`` is the share of drawings in which a cut of ``cuts[i]`` is claimed as a fall."""

    cuts: Floats
    detected: Floats
    claims: Ints
    """How many drawings claim it, by size of cut."""
    drawings: int
    dates: int
    weeks_before: int
    weeks_after: int
    holds_before: int
    holds_after: int
    remarks: tuple[Remark, ...] = ()

    @property
    def smallest(self) -> float | None:
        """The smallest cut that, like every larger one, is seen four times in five."""
        missed = np.flatnonzero(self.detected < OFTEN)
        place = int(missed[-1]) + 1 if len(missed) else 0
        return float(self.cuts[place]) if place < len(self.cuts) else None

    @property
    def false_alarms(self) -> float:
        """How often a fall is claimed though nothing was planted."""
        return float(self.detected[0])


def foresee(held: Held, treated: tuple[str, ...], plan: Plan, weeks_after: int) -> Foresight:
    """Try cuts of every size on the past of the place. Raises ``CannotSay`` where there is too little of it."""
    dates = _dates(held, weeks_after)
    random = np.random.default_rng(SEED)
    claims = np.zeros(len(CUTS), dtype=np.int64)
    drawn, seen, refused = 0, [], []
    for at_us in dates:
        try:
            tried = Evaluation(known_by(held, at_us + weeks_after * WEEK_US), at_us, treated, [], plan)
        except CannotSay as why:
            refused.append(why.remark)
            continue
        weekly, is_treated = tried.panel()
        seen.append((tried.window.before, tried.window.after, *_volume(weekly, is_treated)))
        for _ in range(DRAWINGS):
            claims += _claimed(_drawn(weekly, is_treated, random), is_treated)
        drawn += DRAWINGS
    if not seen:
        raise CannotSay(refused[-1].code, **refused[-1].facts)
    before, after, held_before, held_after = (int(np.median(column)) for column in zip(*seen, strict=True))
    return Foresight(CUTS, claims / drawn, claims, drawn, len(seen), before, after, held_before, held_after)


def _dates(held: Held, weeks_after: int) -> Ints:
    """Moments a whole number of weeks before the end, with enough weeks on both sides; at most a dozen."""
    if weeks_after < LEAST_WEEKS_AFTER:
        raise CannotSay("few_weeks_after", weeks=weeks_after, least=LEAST_WEEKS_AFTER)
    weeks = int((held.as_of_us - held.begin_us.min()) // WEEK_US) if len(held) else 0
    behind = np.arange(weeks_after, weeks - LEAST_WEEKS_BEFORE + 1)
    if not len(behind):
        raise CannotSay("few_weeks_before", weeks=max(weeks - weeks_after, 0), least=LEAST_WEEKS_BEFORE)
    if len(behind) > MOST_DATES:
        behind = behind[np.linspace(0, len(behind) - 1, MOST_DATES).astype(np.int64)]
    return np.asarray(held.as_of_us - behind * WEEK_US, dtype=np.int64)


def _volume(weekly: Panel, is_treated: Flags) -> tuple[int, int]:
    n = weekly.n[is_treated].sum(axis=0)
    return int(n[~weekly.after].sum()), int(n[weekly.after].sum())


def _drawn(weekly: Panel, is_treated: Flags, random: np.random.Generator) -> Panel:
    """Draw the weeks of each side again, in blocks."""
    sides = [_blocks(np.flatnonzero(part), random) for part in (~weekly.after, weekly.after)]
    columns = np.concatenate(sides)
    n, total = weekly.n[:, columns], weekly.total[:, columns]
    return replace(weekly, n=n, total=total, common=common_weeks(n, total, weekly.after, ~is_treated))


def _blocks(weeks: Ints, random: np.random.Generator) -> Ints:
    size = min(BLOCK, len(weeks))
    begins = random.integers(0, len(weeks) - size + 1, size=-(-len(weeks) // size))
    return np.concatenate([weeks[begin : begin + size] for begin in begins])[: len(weeks)]


def _claimed(weekly: Panel, is_treated: Flags) -> Ints:
    """Say for each size of cut whether it would be claimed as a fall: seen, and not explained by the time before."""
    nothing = np.zeros(len(CUTS), dtype=np.int64)
    there = (weekly.total[:, weekly.after].sum(axis=1) > 0) & (weekly.total[:, ~weekly.after].sum(axis=1) > 0)
    if not there[is_treated].all() or int((there & ~is_treated).sum()) < 2:
        return nothing
    weekly = replace(weekly, n=weekly.n[there], total=weekly.total[there])
    is_treated = is_treated[there]
    moved = changes(weekly)
    found = compare(moved.value, moved.variance, is_treated, len(weekly.weeks))
    estimates = found.estimate + np.log1p(-CUTS)
    p_values = 2 * stdtr(found.degrees, -np.abs(estimates / max(found.error, 1e-12)))
    claimed = (p_values < 0.05) & (estimates < 0)
    for way, implied in ways_before(weekly, is_treated):
        claimed &= ~_own_way(way, implied, estimates, claimed)
    return np.asarray(claimed, dtype=np.int64)


def _own_way(way: Contrast, implied: float, estimates: Floats, claimed: Flags) -> Flags:
    """Apply ``effect.went_its_own_way`` to many estimates at once."""
    explains = claimed & (implied * estimates > 0) & (abs(implied) >= np.abs(estimates) / 2)
    barred: Flags = explains & (way.p_value < 0.05)
    return barred | (way.p_value < 0.01 and abs(implied) >= 0.10)
