"""Which offices to compare with: those that do similar work and went the same way before the change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import stdtr

from analytics.core.evaluation.figures import slopes
from analytics.core.evaluation.held import Held
from analytics.core.evaluation.weekly import WEEK_US, Panel, Window, panel
from analytics.core.frames import UNKNOWN, Floats, Ints

LEAST_HOLDS: Final = 40
SWING: Final = 4
"""Weeks over which a mean is taken to see how an office swings."""
USUAL_SWING: Final = 0.15
OWN_SWING: Final = 1.5
MOST_SHARED: Final = 0.50
LEAST_LIKELY: Final = 0.05


@dataclass(frozen=True, slots=True)
class Companion:
    """What is known of an office that could be compared with, from the time before the change alone."""

    office: str
    holds: int
    busy: float
    """Share of the weeks in which it held something new."""
    alike: float
    """How far it does the same services: 1 the same mix, 0 none in common."""
    drift: float | None
    """Relative change of its mean hold a week beside that of the treated offices."""
    drift_p: float | None
    swing: float | None
    """How far its four-week means stray from its mean, relative."""
    shared: float
    """Share of the treated offices' cases that it held too: what changes there may spill over to it."""
    most_swing: float
    """Beyond this it swings too much to show what the treated offices did."""

    @property
    def reason_against(self) -> str:
        """A code for why it is not suggested, empty when it is."""
        if self.holds < LEAST_HOLDS or self.busy < 0.5 or self.swing is None:
            return "few"
        if self.drift_p is not None and self.drift_p < LEAST_LIKELY:
            return "drift"
        if self.swing > self.most_swing:
            return "swing"
        return "shared" if self.shared > MOST_SHARED else ""


def companions(held: Held, case: Ints, service: Ints, change_us: int, treated: tuple[str, ...]) -> list[Companion]:
    """Judge every other office by the year before ``change_us``; the suggested ones first, the most alike first."""
    rows = (held.begin_us < change_us) & (held.begin_us >= change_us - 52 * WEEK_US)
    weeks = int((change_us - held.begin_us[rows].min()) // WEEK_US) if rows.any() else 0
    own = np.array([held.offices.index(name) for name in treated if name in held.offices], dtype=np.int64)
    there = [int(place) for place in np.unique(held.office[rows]) if held.offices[place] != UNKNOWN]
    others = np.array([place for place in there if place not in own], dtype=np.int64)
    if weeks < 2 or not len(others) or not np.isin(own, there).any():
        return []
    own = own[np.isin(own, there)]
    weekly = _weekly(held, change_us, weeks, np.concatenate((own, others)), len(own))
    drift, drift_p = _drifts(weekly, len(own))
    swing = _swings(weekly)
    most_swing = max(USUAL_SWING, OWN_SWING * float(np.nanmax(swing[: len(own)], initial=0.0)))
    of_treated = rows & np.isin(held.office, own)
    mix = _mix(service[of_treated], service)
    found = []
    for number, place in enumerate(others):
        here, row = rows & (held.office == place), len(own) + number
        alike = float(np.minimum(mix, _mix(service[here], service)).sum())
        shared = float(np.isin(np.unique(case[of_treated]), case[here]).mean())
        known = np.isfinite(swing[row])
        found.append(
            Companion(
                office=held.offices[place],
                holds=int(here.sum()),
                busy=float((weekly.n[row] > 0).mean()),
                alike=alike,
                drift=float(drift[number]) if known else None,
                drift_p=float(drift_p[number]) if known else None,
                swing=float(swing[row]) if known else None,
                shared=shared,
                most_swing=most_swing,
            )
        )
    return sorted(found, key=lambda one: (bool(one.reason_against), -round(one.alike, 2), one.swing or 9.0))


def _weekly(held: Held, change_us: int, weeks: int, offices: Ints, own: int) -> Panel:
    """Return a panel of the weeks before the change only, as it was known then; weeks have no common movement here."""
    weekly = panel(held, change_us, Window(-weeks, 0, 1, is_cut_short=False), offices, np.arange(len(offices)) >= own)
    before = ~weekly.after
    ones = np.ones(int(before.sum()))
    return Panel(weekly.n[:, before], weekly.total[:, before], weekly.after[before], weekly.weeks[before], ones)


def _drifts(weekly: Panel, own: int) -> tuple[Floats, Floats]:
    """Slope of each other office beside the first ``own`` rows, and how likely so much is by chance."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = slopes(weekly)
        weights = 1 / (found.variance[:own] + 1e-12)
        usual = float(np.average(found.value[:own], weights=weights))
        apart = found.value[own:] - usual
        errors = np.sqrt(found.variance[own:] + 1 / weights.sum())
        likely = 2 * stdtr(max(len(weekly.weeks) - 2, 1), -np.abs(apart / errors))
    return apart, np.nan_to_num(likely, nan=1.0)


def _swings(weekly: Panel) -> Floats:
    """How far the means of four weeks stray from the office's own, beyond what the number of holds explains."""
    starts = np.arange(0, len(weekly.weeks) - SWING + 1, SWING)
    n = np.add.reduceat(weekly.n, starts, axis=1)
    total = np.add.reduceat(weekly.total, starts, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        level = weekly.total.sum(axis=1) / weekly.n.sum(axis=1)
        strays: Floats = total / level[:, None] - n
        weighed: Floats = (strays**2 / np.maximum(n, 1)).sum(axis=1) / n.sum(axis=1)
        swings: Floats = np.sqrt(weighed)
    swings[(n > 0).sum(axis=1) < 2] = np.nan
    return swings


def _mix(some: Ints, every: Ints) -> Floats:
    counts = np.bincount(some, minlength=int(every.max()) + 1).astype(np.float64)
    shares: Floats = counts / max(counts.sum(), 1)
    return shares


def suggested(found: list[Companion]) -> tuple[str, ...]:
    """Return the names of those that are suggested."""
    return tuple(one.office for one in found if not one.reason_against)
