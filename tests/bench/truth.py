"""Is the evaluation honest: logs with a planted change and logs without one, drawn again and again.

The interval must cover the planted change, and an untouched log must seldom raise an alarm. The same logs are judged
the naive way too, holds before against holds after with a Welch interval, to show what honesty costs and saves.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from analytics.core.evaluation.effect import evaluate
from analytics.core.evaluation.held import holds_of
from analytics.core.survival.curve import kaplan_meier, quantile
from tests.bench._demo import demo_city
from tests.bench._golden import golden
from tests.bench._twelve import worked_by_hand
from tests.bench.rows import Row, aligned, short
from tests.logs_with_a_change import CHANGE_US, Town, log_of

SEEDS, QUICK_SEEDS = 200, 20
PLANTED = -0.25
CASES, WEEK_US = 3000, 7 * 86_400_000_000
COVERED, ALARMS, REFUSED = 0.90, 0.07, 0.05
TOWNS = {"8 offices": Town(), "4 offices, a short log": Town(offices=4, weeks_before=26, weeks_after=16)}


def measure(quick: bool) -> Iterator[Row]:
    """Draw the towns, with a change and without."""
    seeds = QUICK_SEEDS if quick else SEEDS
    yield from worked_by_hand()
    yield from golden()
    yield from demo_city(quick)
    yield from medians_of_open_cases(seeds)
    for name, town in TOWNS.items():
        began = time.process_time()
        yield from judged(name, town, seeds)
        yield Row("truth", f"{name}: CPU for one log", 1000 * (time.process_time() - began) / (2 * seeds), "ms")


def as_table(rows: Iterable[Row]) -> str:
    """What · planted or worked by hand · ours · difference; goals are said where one is set."""
    lines = [("what", "planted or by hand", "ours", "difference", "unit", "goal", "")]
    for row in rows:
        away = None if row.limit is None else row.value - row.limit
        verdict = {None: "", True: "met", False: "MISSED"}[row.met]
        lines.append((row.figure, short(row.limit), short(row.value), short(away), row.unit, short(row.goal), verdict))
    return aligned(lines, (0, 4))


def medians_of_open_cases(seeds: int) -> Iterator[Row]:
    """Ages of 3,000 cases, three in ten still open: the median that counts them, and the one that does not."""
    errors, naive_errors, still, covered = [], [], [], 0
    for seed in range(seeds):
        generator = np.random.default_rng(seed)
        whole = generator.lognormal(0, 1.2, CASES) * WEEK_US
        observed = generator.uniform(0, 5.5 * WEEK_US, CASES)
        ended, ages = whole <= observed, np.minimum(whole, observed).astype(np.int64)
        truth = float(np.median(whole))
        median = quantile(kaplan_meier(ages, ended), 50)
        covered += (median.low_us or 0) <= WEEK_US <= (median.high_us or np.inf)
        errors.append(abs((median.value_us or np.inf) / truth - 1))
        naive_errors.append(float(np.median(ages[ended])) / truth - 1)
        still.append(1 - ended.mean())
    yield Row("truth", "ages: share of cases still open", float(np.mean(still)), "share")
    yield Row("truth", "ages: largest error of the Kaplan-Meier median", max(errors), "share", goal=0.05)
    yield Row(
        "truth", "ages: intervals that cover the true median", covered / seeds, "share", goal=0.9, better="higher"
    )
    yield Row("truth", "ages: mean error of the median of closed cases only", float(np.mean(naive_errors)), "share")


def judged(name: str, town: Town, seeds: int) -> Iterator[Row]:
    covered, naive_covered, alarms, naive_alarms, said, said_nothing, found = 0, 0, 0, 0, 0, 0, []
    for seed in range(seeds):
        events = log_of(replace(town, effect=PLANTED), seed)
        low, estimate, high = interval(events)
        naive_low, naive_high = naive(events)
        naive_covered += naive_low <= PLANTED <= naive_high
        if estimate is not None:
            said += 1
            covered += low <= PLANTED <= high
            found.append(estimate)
        untouched = log_of(replace(town, effect=0.0), 10_000 + seed)
        low, estimate, high = interval(untouched)
        naive_low, naive_high = naive(untouched)
        naive_alarms += not naive_low <= 0 <= naive_high
        if estimate is not None:
            said_nothing += 1
            alarms += not low <= 0 <= high
    covers = covered / max(said, 1)
    yield Row(
        "truth", f"{name}: planted −25 %, intervals that cover it", covers, "share", goal=COVERED, better="higher"
    )
    yield Row("truth", f"{name}: the same, naive before and after", naive_covered / seeds, "share")
    yield Row("truth", f"{name}: nothing planted, false alarms", alarms / max(said_nothing, 1), "share", goal=ALARMS)
    yield Row("truth", f"{name}: the same, naive before and after", naive_alarms / seeds, "share")
    yield Row(
        "truth",
        f"{name}: mean estimate minus the planted",
        abs(float(np.mean(found or [0.0])) - PLANTED),
        "",
        goal=0.03,
    )
    refused = 1 - (said + said_nothing) / (2 * seeds)
    yield Row("truth", f"{name}: logs refused", refused, "share", goal=REFUSED)


def interval(events) -> tuple[float | None, float | None, float | None]:
    effect = evaluate(events, CHANGE_US, ("office 0",))
    return effect.low, effect.estimate, effect.high


def naive(events) -> tuple[float, float]:
    """Return what finished holds say, every one of them taken as independent."""
    held = holds_of(events)
    here = ~held.open & (held.office == held.offices.index("office 0"))
    before, after = (held.length_us[here & part] for part in (held.begin_us < CHANGE_US, held.begin_us >= CHANGE_US))
    log = np.log(after.mean() / before.mean())
    error = np.sqrt(sum(part.var(ddof=1) / len(part) / part.mean() ** 2 for part in (before, after)))
    return float(np.expm1(log - 1.96 * error)), float(np.expm1(log + 1.96 * error))
