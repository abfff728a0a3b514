"""One office as one queue, simulated: work that came is served in order by so many places, in working time.

Arrivals are the measured ones, service times are drawn from the measured ones, and the number of places is the one that
makes the simulated wait most like the measured wait. What an office does beside this work, who is away, and that urgent
work overtakes are not in the model.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.core.frames import Floats, Ints

REPLICATIONS: Final = 40
MOST_ARRIVALS: Final = 4_000
MOST_PLACES: Final = 512
LEAST: Final = 30
"""Below this many pieces of work an office is not simulated."""
WEEK_OF_WORK_US: Final = 5 * 8 * 3_600_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Office:
    """Columns (n,) in microseconds of working time, in order of arrival.

    When work came, how long it waited to be begun, and how long it was worked on.
    """

    arrived_us: Ints
    waited_us: Ints
    worked_us: Ints

    def __len__(self) -> int:
        return len(self.arrived_us)

    def first(self, share: float) -> tuple[Office, Office]:
        """Split by order of arrival."""
        cut = int(len(self) * share)
        return self._rows(slice(0, cut)), self._rows(slice(cut, None))

    def latest(self, most: int = MOST_ARRIVALS) -> Office:
        """Keep the latest arrivals: enough for a simulation, and the nearest to now."""
        return self._rows(slice(max(len(self) - most, 0), None))

    def _rows(self, rows: slice) -> Office:
        return Office(self.arrived_us[rows], self.waited_us[rows], self.worked_us[rows])


@dataclass(frozen=True, slots=True)
class Simulated:
    """Mean waits in working time, with 2.5 and 97.5 of 100 replications; ``ratio`` is with more places over today's."""

    places: int
    measured_us: float
    today_us: float
    then_us: float
    low_us: float
    high_us: float
    ratio: float
    ratio_low: float
    ratio_high: float


@dataclass(frozen=True, slots=True)
class BackTest:
    """Fitted on the first part of the arrivals, asked about the rest: what was said, and what came. Mean waits."""

    predicted_us: float
    measured_us: float
    n: int

    @property
    def error(self) -> float | None:
        """Predicted over measured, less one."""
        return self.predicted_us / self.measured_us - 1 if self.measured_us else None


def waits_us(arrived_us: Ints, worked_us: Ints, places: int) -> Ints:
    """First come, first served by ``places`` servers: how long each arrival waits. O(n log places)."""
    free = [int(arrived_us[0])] * places if len(arrived_us) else []
    waits = np.empty(len(arrived_us), dtype=np.int64)
    for row, (arrived, worked) in enumerate(zip(arrived_us.tolist(), worked_us.tolist(), strict=True)):
        begins = max(free[0], arrived)
        heapq.heapreplace(free, begins + worked)
        waits[row] = begins - arrived
    return waits


def fitted_places(office: Office) -> int:
    """Return the number of places whose simulated mean wait is nearest to the measured one."""
    measured = float(office.waited_us.mean())
    low, high = 1, MOST_PLACES
    while low < high:
        middle = (low + high) // 2
        if _mean_wait(office, middle) > measured:
            low = middle + 1
        else:
            high = middle
    around = range(max(low - 1, 1), low + 1)
    return min(around, key=lambda places: abs(_mean_wait(office, places) - measured))


def _mean_wait(office: Office, places: int) -> float:
    return float(waits_us(office.arrived_us, office.worked_us, places).mean())


def simulate(office: Office, more: float, seed: int = 1, replications: int = REPLICATIONS) -> Simulated:
    """Simulate the office as it is and with ``more`` of its capacity (0.25 is a quarter more), on the same chance.

    Weeks of arrivals are drawn with replacement and service times anew, so both vary as they did.
    """
    office = office.latest()
    places = fitted_places(office)
    generator = np.random.default_rng((seed, len(office)))
    pairs = [_pair(office, places, more, generator) for _ in range(replications)]
    today, then = (np.array(values, dtype=np.float64) for values in zip(*pairs, strict=True))
    ratio = np.where(today > 0, then / np.maximum(today, 1), 1.0)
    return Simulated(
        places,
        float(office.waited_us.mean()),
        float(today.mean()),
        float(then.mean()),
        *_limits(then),
        float(then.sum() / max(today.sum(), 1.0)),
        *_limits(ratio),
    )


def _limits(values: Floats) -> tuple[float, float]:
    return float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975))


def _pair(office: Office, places: int, more: float, generator: np.random.Generator) -> tuple[float, float]:
    arrived = drawn_weeks(office.arrived_us, generator)
    worked = generator.choice(office.worked_us, size=len(arrived))
    today = waits_us(arrived, worked, places)
    return float(today.mean()), float(with_more(arrived, worked, places, more).mean())


def with_more(arrived_us: Ints, worked_us: Ints, places: int, more: float) -> Ints:
    """Waits with that much more capacity: whole places more, and the rest as faster work of all of them."""
    capacity = places * (1 + more)
    whole = max(int(capacity), 1)
    return waits_us(arrived_us, np.rint(worked_us * whole / capacity).astype(np.int64), whole)


def drawn_weeks(arrived_us: Ints, generator: np.random.Generator, week_us: int = WEEK_OF_WORK_US) -> Ints:
    """Arrivals of weeks of work drawn with replacement and set one after the other."""
    week = (arrived_us - arrived_us[0]) // week_us
    bounds = np.searchsorted(week, np.arange(int(week[-1]) + 2))
    within = arrived_us - arrived_us[0] - week * week_us
    chosen = generator.integers(0, int(week[-1]) + 1, int(week[-1]) + 1)
    parts = [within[bounds[k] : bounds[k + 1]] + place * week_us for place, k in enumerate(chosen.tolist())]
    drawn = np.concatenate(parts)
    return drawn if len(drawn) else np.asarray(arrived_us - arrived_us[0], dtype=np.int64)


def back_test(office: Office, share: float = 0.7) -> BackTest | None:
    """Fit places and service times on the first ``share`` of the arrivals; say the mean wait of the rest."""
    known, held_out = office.latest().first(share)
    if min(len(known), len(held_out)) < LEAST:
        return None
    places = fitted_places(known)
    worked = np.random.default_rng(len(office)).choice(known.worked_us, size=len(held_out))
    said = waits_us(held_out.arrived_us, worked, places)
    return BackTest(float(said.mean()), float(held_out.waited_us.mean()), len(held_out))
