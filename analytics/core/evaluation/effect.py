"""How much less or more time the treated offices hold a case since a change, or why nobody can say.

The quantity is a ratio of means: of holds begun after the change against those begun before, divided by the same ratio
of the comparison offices. Remarks are codes with facts; `analytics.reports.remarks` has the words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.core.evaluation.contrast import Contrast, compare
from analytics.core.evaluation.figures import Figures, changes, placebo, slopes
from analytics.core.evaluation.held import Held, holds_of
from analytics.core.evaluation.weekly import WEEK_US, YEAR, Panel, Window, inside, panel, window
from analytics.core.frames import UNKNOWN, Flags, Floats, Ints

METHOD: Final = (
    "difference-in-differences of log mean holding time by weekly arrival cohort; comparison offices give the spread "
    "between offices (random effects, Paule-Mandel; Newey-West within; t quantiles)"
)
LEAST_WEEKS_BEFORE: Final = 8
LEAST_WEEKS_AFTER: Final = 4
LEAST_HOLDS: Final = 30
LEAST_HOLDS_TO_COMPARE: Final = 20
FEW_OFFICES: Final = 5
MUCH_OPEN: Final = 0.10
TOO_MUCH_OPEN: Final = 0.50
SHIFTED: Final = 0.30


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a reader of the effect must know: a code, and the facts of its sentence."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)


class CannotSay(Exception):
    """No claim can be made; the remark says why."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.remark = Remark(code, facts)


@dataclass(frozen=True, slots=True)
class Plan:
    """What was fixed beforehand: the offices to compare with and the weeks on each side; ``None`` is not fixed."""

    comparison: tuple[str, ...] | None = None
    weeks_before: int | None = None
    weeks_after: int | None = None


OPEN_PLAN: Final = Plan()


@dataclass(frozen=True, slots=True)
class OfficeFigure:
    """How far one office moved: log of mean after ÷ mean before, weeks' common movement taken out; its own variance."""

    office: str
    is_treated: bool
    change: float
    variance: float


@dataclass(frozen=True, slots=True)
class Without:
    """The effect when one comparison office is left out."""

    office: str
    estimate: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Effect:
    """Relative change of the mean time held (−0.25: a quarter less). ``None`` throughout when nobody can say."""

    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    median: float | None = None
    """The same comparison of medians, without an interval."""
    placebo: float | None = None
    """The effect found at a date before the change, at which nothing happened: it should be near 0."""
    without_one: tuple[float, float] | None = None
    """Least and largest estimate when any one comparison office is left out."""
    without_each: tuple[Without, ...] = ()
    """The same, one by one; empty with fewer than three comparison offices."""
    figures: tuple[OfficeFigure, ...] = ()
    """What the effect is made of: treated offices first."""
    comparison: tuple[str, ...] = ()
    treated: tuple[str, ...] = ()
    holds_before: int = 0
    holds_after: int = 0
    weeks_before: int = 0
    weeks_after: int = 0
    remarks: tuple[Remark, ...] = ()


def evaluate(events: pd.DataFrame, change_us: int, treated: tuple[str, ...]) -> Effect:
    """Events frame, moment of the change, names of the treated offices → the effect, or why there is none."""
    return evaluate_held(holds_of(events), change_us, treated)


def evaluate_held(held: Held, change_us: int, treated: tuple[str, ...], plan: Plan = OPEN_PLAN) -> Effect:
    """Return the same of holds that are known already, kept to what a plan has fixed."""
    remarks: list[Remark] = []
    try:
        return Evaluation(held, change_us, treated, remarks, plan).effect()
    except CannotSay as refused:
        return Effect(treated=treated, remarks=(*remarks, refused.remark))


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """By office: holds, microseconds held, and in how many different weeks."""

    n: Ints
    total: Floats
    weeks: Ints


class Evaluation:
    """The steps from holds to an effect; what is found on the way is shared by them. Raises ``CannotSay``."""

    def __init__(
        self, held: Held, change_us: int, treated: tuple[str, ...], remarks: list[Remark], plan: Plan = OPEN_PLAN
    ) -> None:
        self.held, self.change_us, self.remarks, self.named, self.plan = held, change_us, remarks, treated, plan
        if not len(held):
            raise CannotSay("nothing_held")
        self.treated = self._named(treated)
        self._require_change_inside()
        self.window = self._weeks()
        before, after = (self._seen(is_after=is_after) for is_after in (False, True))
        self.treated = self._treated_there(before, after)
        self.comparison = self._comparison(before, after)

    def panel(self) -> tuple[Panel, Flags]:
        """Holds by office and week, the treated offices first, and which rows these are."""
        offices = np.concatenate((self.treated, self.comparison))
        is_treated: Flags = np.arange(len(offices)) < len(self.treated)
        return panel(self.held, self.change_us, self.window, offices, ~is_treated), is_treated

    def effect(self) -> Effect:
        weekly, is_treated = self.panel()
        changed = changes(weekly)
        found = self._contrast(changed, is_treated)
        at_placebo = self._judge_the_time_before(weekly, is_treated, found)
        without = self._without_each(changed, is_treated, found)
        estimates = [one.estimate for one in without]
        self._look_at_volume(weekly, is_treated)
        before, after = (weekly.n[is_treated][:, part].sum() for part in (~weekly.after, weekly.after))
        return Effect(
            estimate=_relative(found.estimate),
            low=_relative(found.low),
            high=_relative(found.high),
            p_value=found.p_value,
            median=self._of_medians(np.concatenate((self.treated, self.comparison)), is_treated),
            placebo=None if at_placebo is None else _relative(at_placebo.estimate),
            without_one=(min(estimates), max(estimates)) if estimates else None,
            without_each=without,
            figures=self._figures(changed),
            comparison=tuple(self.held.offices[place] for place in self.comparison),
            treated=tuple(self.held.offices[place] for place in self.treated),
            holds_before=int(before),
            holds_after=int(after),
            weeks_before=self.window.before,
            weeks_after=self.window.after,
            remarks=tuple(self.remarks),
        )

    def _figures(self, changed: Figures) -> tuple[OfficeFigure, ...]:
        places = (*self.treated, *self.comparison)
        return tuple(
            OfficeFigure(self.held.offices[place], row < len(self.treated), float(value), float(variance))
            for row, (place, value, variance) in enumerate(zip(places, changed.value, changed.variance, strict=True))
        )

    def _named(self, names: tuple[str, ...]) -> Ints:
        """Places of the treated offices that ever held something. A name the log does not have is said."""
        ever = {self.held.offices[place] for place in np.unique(self.held.office)}
        absent = [name for name in dict.fromkeys(names) if name not in ever]
        there = [name for name in dict.fromkeys(names) if name in ever]
        if not there:
            raise CannotSay("treated_absent", offices=absent)
        if absent:
            self.remarks.append(Remark("some_treated_absent", {"offices": absent}))
        return np.array([self.held.offices.index(name) for name in there], dtype=np.int64)

    def _require_change_inside(self) -> None:
        if self.change_us <= self.held.begin_us.min():
            raise CannotSay("nothing_before")
        if self.change_us >= self.held.as_of_us:
            raise CannotSay("nothing_after")

    def _weeks(self) -> Window:
        """Choose the weeks, and see to it that there are enough of them, with enough finished holds."""
        rows = np.isin(self.held.office, self.treated)
        begun_after = rows & (self.held.begin_us >= self.change_us)
        if begun_after.any() and self.held.open[begun_after].all():
            raise CannotSay("all_open", holds=int(begun_after.sum()))
        chosen = window(self.held, self.change_us, rows).within(self.plan.weeks_before, self.plan.weeks_after)
        if chosen.before < LEAST_WEEKS_BEFORE:
            raise CannotSay("few_weeks_before", weeks=chosen.before, least=LEAST_WEEKS_BEFORE)
        if chosen.after < LEAST_WEEKS_AFTER:
            raise CannotSay("few_weeks_after", weeks=max(chosen.after, 0), least=LEAST_WEEKS_AFTER)
        if chosen.is_cut_short:
            self.remarks.append(Remark("long_holds"))
        if chosen.before < YEAR:
            self.remarks.append(Remark("under_a_year", {"weeks": chosen.before}))
        usable = rows & inside((self.held.begin_us - self.change_us) // WEEK_US, chosen)
        self._require_holds(usable)
        return chosen

    def _require_holds(self, usable: Flags) -> None:
        is_after = self.held.begin_us >= self.change_us
        before, after = int((usable & ~is_after).sum()), int((usable & is_after).sum())
        if min(before, after) < LEAST_HOLDS:
            raise CannotSay("few_holds", before=before, after=after, least=LEAST_HOLDS)
        share = float(self.held.open[usable & is_after].mean())
        if share > TOO_MUCH_OPEN:
            raise CannotSay("mostly_open", percent=round(100 * share))
        if share > MUCH_OPEN:
            self.remarks.append(Remark("much_open", {"percent": round(100 * share)}))
        for part in (usable & is_after, usable & ~is_after):
            if not self.held.length_us[part].any():
                raise CannotSay("holds_nothing")

    def _seen(self, *, is_after: bool) -> _Seen:
        """What each office of the log held in the weeks that are compared, on one side of the change."""
        count = len(self.held.offices)
        week = (self.held.begin_us - self.change_us) // WEEK_US
        part = inside(week, self.window) & ((week >= 0) == is_after)
        office = self.held.office[part]
        cells = np.unique(office * (1 << 20) + (week[part] + (1 << 19)))
        return _Seen(
            n=np.bincount(office, minlength=count),
            total=np.bincount(office, weights=self.held.length_us[part], minlength=count).astype(np.float64),
            weeks=np.bincount(cells >> 20, minlength=count),
        )

    def _treated_there(self, before: _Seen, after: _Seen) -> Ints:
        """Keep the treated offices that held something in enough different weeks on both sides of the change."""
        there = (before.total > 0) & (after.total > 0)
        there &= (before.weeks >= LEAST_WEEKS_BEFORE) & (after.weeks >= LEAST_WEEKS_AFTER)
        kept, lost = self.treated[there[self.treated]], self.treated[~there[self.treated]]
        if not len(kept):
            raise CannotSay("held_in_few_weeks", before=LEAST_WEEKS_BEFORE, after=LEAST_WEEKS_AFTER)
        if len(lost):
            self.remarks.append(Remark("treated_left_out", {"offices": [self.held.offices[place] for place in lost]}))
        return kept

    def _comparison(self, before: _Seen, after: _Seen) -> Ints:
        """Offices with enough holds on both sides of the change; ``unknown`` is no office."""
        fit = np.ones(len(self.held.offices), dtype=np.bool_)
        for seen, weeks in ((before, self.window.before), (after, self.window.after)):
            fit &= (seen.n >= LEAST_HOLDS_TO_COMPARE) & (seen.total > 0) & (seen.weeks * 2 >= weeks)
        named = np.array([self.held.offices.index(name) for name in self.named if name in self.held.offices])
        others = np.setdiff1d(np.unique(self.held.office), named)
        known = np.array([place for place in others if self.held.offices[place] != UNKNOWN], dtype=np.int64)
        if self.plan.comparison is not None:
            known = np.array([p for p in known if self.held.offices[p] in self.plan.comparison], dtype=np.int64)
        chosen = known[fit[known]]
        self._judge_comparison(chosen, left_out=len(known) - len(chosen))
        return chosen

    def _judge_comparison(self, chosen: Ints, left_out: int) -> None:
        if len(chosen) == 0:
            raise CannotSay("no_comparison", left_out=left_out)
        if len(chosen) == 1:
            raise CannotSay("one_comparison", office=self.held.offices[chosen[0]], left_out=left_out)
        if left_out:
            self.remarks.append(Remark("left_out", {"offices": left_out, "compared": len(chosen)}))
        if len(chosen) < FEW_OFFICES:
            self.remarks.append(Remark("few_comparison", {"offices": len(chosen)}))

    def _contrast(self, figures: Figures, is_treated: Flags) -> Contrast:
        return compare(figures.value, figures.variance, is_treated, self.window.before + self.window.after)

    def _judge_the_time_before(self, weekly: Panel, is_treated: Flags, found: Contrast) -> Contrast | None:
        """Refuse when the treated offices already went their own way before the change. Returns the placebo."""
        ways = ways_before(weekly, is_treated)
        for way, implied in ways:
            if went_its_own_way(way, implied, found):
                raise CannotSay("own_way_before", percent=round(100 * _relative(implied)))
        least_likely, implied = min(ways, key=lambda judged: judged[0].p_value)
        if least_likely.p_value < 0.05:
            self.remarks.append(Remark("maybe_own_way", {"percent": round(100 * _relative(implied))}))
        return ways[1][0] if len(ways) > 1 else None

    def _without_each(self, changed: Figures, is_treated: Flags, found: Contrast) -> tuple[Without, ...]:
        """Leave out each comparison office in turn; say so when one of them decides."""
        places = np.flatnonzero(~is_treated)
        if len(places) < 3:
            return ()
        without = []
        for place in places:
            rest = np.arange(len(is_treated)) != place
            weeks = self.window.before + self.window.after
            other = compare(changed.value[rest], changed.variance[rest], is_treated[rest], weeks)
            name = self.held.offices[self.comparison[place - len(self.treated)]]
            low, high = _relative(other.low), _relative(other.high)
            without.append(Without(name, _relative(other.estimate), low, high, other.p_value))
        deciding = [one.office for one in without if found.p_value < 0.05 <= one.p_value]
        if deciding:
            self.remarks.append(Remark("one_decides", {"offices": deciding}))
        return tuple(without)

    def _look_at_volume(self, weekly: Panel, is_treated: Flags) -> None:
        """Say when the treated offices get many more or fewer cases than before, beside the others."""
        rates = [weekly.n[:, part].mean(axis=1) + 1e-9 for part in (weekly.after, ~weekly.after)]
        grown = np.log(rates[0] / rates[1])
        shift = _relative(float(grown[is_treated].mean() - grown[~is_treated].mean()))
        if abs(shift) > SHIFTED:
            self.remarks.append(Remark("volume_shifted", {"percent": round(100 * shift)}))

    def _of_medians(self, offices: Ints, is_treated: Flags) -> float | None:
        week = (self.held.begin_us - self.change_us) // WEEK_US
        use = inside(week, self.window)
        logs = np.zeros(len(offices))
        for row, place in enumerate(offices):
            here = use & (self.held.office == place)
            after, before = (np.median(self.held.length_us[here & part]) for part in (week >= 0, week < 0))
            if not (after and before):
                return None
            logs[row] = np.log(after / before)
        return _relative(float(logs[is_treated].mean() - logs[~is_treated].mean()))


def ways_before(weekly: Panel, is_treated: Flags) -> list[tuple[Contrast, float]]:
    """How the treated offices moved apart before the change, and what that would make by itself.

    By their slope; then, where there are weeks enough, at a placebo date among the offices that were there then.
    """
    before = int((~weekly.after).sum())
    trend = slopes(weekly)
    slope = compare(trend.value, trend.variance, is_treated, len(weekly.weeks))
    distance = float(weekly.weeks[weekly.after].mean() - weekly.weeks[~weekly.after].mean())
    ways = [(slope, slope.estimate * distance)]
    if before < 2 * LEAST_WEEKS_BEFORE:
        return ways
    figures, there = placebo(weekly)
    if (there & is_treated).any() and (there & ~is_treated).sum() >= 2:
        found = compare(figures.value[there], figures.variance[there], is_treated[there], before)
        ways.append((found, found.estimate))
    return ways


def went_its_own_way(way: Contrast, implied: float, found: Contrast) -> bool:
    """Whether a movement before the change forbids to put down to it what came after."""
    explains = found.p_value < 0.05 and implied * found.estimate > 0 and abs(implied) >= abs(found.estimate) / 2
    return (way.p_value < 0.01 and abs(implied) >= 0.10) or (way.p_value < 0.05 and explains)


def _relative(logarithm: float) -> float:
    return float(np.expm1(logarithm))
