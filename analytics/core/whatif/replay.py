"""Replay: the history told again with some waits shorter. No queue gets shorter by it, so it is a lower bound.

A case's time from end to end becomes shorter by what is taken off its waits on the lead branch; waits of branches
beside it are left as they are, since the case may have waited for another one. A case still open is known to take at
least its age less what was taken off, and counts so (Kaplan-Meier). Intervals come from drawing whole weeks of filing
again with replacement, so cases filed together stay together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from analytics.core.frames import MISSING, Flags, Floats, Ints
from analytics.core.quantiles import grouped_quantiles
from analytics.core.survival.curve import ROUNDING, ages_in_order

How = Literal["cap", "scale", "drop", "transfer"]
WEEK_US: Final = 7 * 86_400_000_000
DRAWS: Final = 200
LEAST_WEEKS: Final = 6
HALF: Final = 50


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of the waits.

    ``cap``: none lasts longer than ``amount`` µs; ``scale``: each is ``amount`` times as long; ``drop``: there is none;
    ``transfer``: the part from sent to accepted is gone (no hand-off).
    """

    how: How
    amount: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Waits:
    """Columns (n,): the case, how long it waited so far or in all, and the part of that on its way (or ``MISSING``)."""

    case: Ints
    wait_us: Ints
    transfer_us: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Ages:
    """One entry per case: age at its end or so far, whether it ended, and when it was filed."""

    case: Ints
    age_us: Ints
    ended: Flags
    filed_us: Ints


@dataclass(frozen=True, slots=True)
class Shift:
    """A figure before and after, with the limits of the one after over draws of weeks. ``None``: never reached."""

    before_us: float | None
    after_us: float | None
    low_us: float | None
    high_us: float | None


def shorter(waits: Waits, change: Change) -> Ints:
    """Return what the change takes off each wait, never less than 0 nor more than the wait."""
    wait = waits.wait_us
    match change.how:
        case "cap":
            left = np.minimum(wait, np.int64(round(change.amount)))
        case "scale":
            left = np.minimum(wait, np.rint(wait * change.amount).astype(np.int64))
        case "drop":
            left = np.zeros_like(wait)
        case "transfer":
            left = wait - np.where(waits.transfer_us == MISSING, 0, waits.transfer_us)
    return np.asarray(wait - left.clip(0), dtype=np.int64)


def replay(ages: Ages, waits: Waits, change: Change) -> Ints:
    """Return the age of each case with its waits changed, in the order of ``ages``."""
    return np.asarray(np.maximum(ages.age_us - by_case(ages, waits.case, shorter(waits, change)), 0), dtype=np.int64)


def by_case(ages: Ages, case: Ints, us: Ints) -> Ints:
    """Add up amounts by case, in the order of ``ages``; those of other cases are left out."""
    total = np.zeros(len(ages.case), dtype=np.int64)
    if len(total) and len(case):
        order = np.argsort(ages.case, kind="stable")
        place = np.searchsorted(ages.case[order], case).clip(0, len(order) - 1)
        known = ages.case[order][place] == case
        np.add.at(total, order[place[known]], us[known])
    return total


def median_change(ages: Ages, after_us: Ints, seed: int = 1) -> Shift:
    """Return the median with open cases counted before and after, with an interval by weeks of filing."""
    before, after = median(ages.age_us, ages.ended), median(after_us, ages.ended)
    low, high = _interval(ages, after_us, seed)
    return Shift(before, after, low, high)


def median(ages_us: Ints, ended: Flags) -> float | None:
    """Plain and interpolated where everything ended; Kaplan-Meier where something goes on."""
    if not len(ages_us):
        return None
    if ended.all():
        return float(grouped_quantiles(ages_us, np.zeros(len(ages_us), dtype=np.int64), 1, (HALF,))[0, 0])
    return weighted_median(ages_us, ended, np.ones(len(ages_us)), ages_in_order(ages_us, ended))


def weighted_median(ages_us: Ints, ended: Flags, times: Floats, by_age: Ints) -> float | None:
    """Kaplan-Meier median of rows of which each counts ``times``; ``by_age`` is ``ages_in_order``."""
    weight = times[by_age]
    left = np.cumsum(weight[::-1])[::-1]
    share = np.cumprod(1.0 - np.where(ended[by_age], weight, 0.0) / np.maximum(left, ROUNDING))
    reached = int(np.searchsorted(-share, -0.5 - ROUNDING))
    return float(ages_us[by_age[reached]]) if reached < len(share) else None


def _interval(ages: Ages, after_us: Ints, seed: int) -> tuple[float | None, float | None]:
    """Limits of the median after, 95 %; none with too few weeks, or where a draw never reaches one half."""
    weeks, week = np.unique(ages.filed_us // WEEK_US, return_inverse=True)
    if len(weeks) < LEAST_WEEKS:
        return None, None
    by_age, generator = ages_in_order(after_us, ages.ended), np.random.default_rng((seed, len(weeks)))
    draws = generator.multinomial(len(weeks), np.full(len(weeks), 1 / len(weeks)), size=DRAWS).astype(np.float64)
    found = [weighted_median(after_us, ages.ended, drawn[week], by_age) for drawn in draws]
    known = [np.inf if value is None else value for value in found]
    low, high = (float(np.quantile(known, q, method="inverted_cdf")) for q in (0.025, 0.975))
    return (None if np.isinf(low) else low), (None if np.isinf(high) else high)
