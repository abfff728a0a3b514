"""Invented event logs of offices that drift, have seasons and bad weeks of their own; some changed on a known day.

Nothing here resembles what the evaluation assumes: offices get their trend, their season and weeks that resemble the
week before, cases go through one to four of them, and the log is cut while some cases are under way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd

CHANGE = datetime(2024, 3, 4, tzinfo=UTC)
CHANGE_US = int(CHANGE.timestamp()) * 1_000_000
DAY_US = 86_400 * 1_000_000
WEEK_US = 7 * DAY_US


@dataclass(frozen=True)
class Town:
    """What its offices are like. Weeks are counted from the change; lengths in days, movements as logs."""

    offices: int = 8
    treated: tuple[int, ...] = (0,)
    effect: float = -0.25
    weeks_before: int = 40
    weeks_after: int = 26
    cases_a_week: int = 60
    days: float = 4.0
    likeness: float = 0.7
    """How much a week of an office resembles the one before."""
    unrest: float = 0.12
    trends: float = 0.1
    own_season: float = 0.05
    season: float = 0.2
    treated_trend: float = 0.0
    """What the treated offices drift by in a year, besides the others."""


def log_of(town: Town, seed: int) -> pd.DataFrame:
    """Return the events frame: case, branch, ts, seq, activity, office; cut at the end of the last week."""
    chance = np.random.default_rng(seed)
    movement = _movements(town, chance)
    usual = np.log(town.days) + 0.5 * chance.standard_normal(town.offices)
    weeks = town.weeks_before + town.weeks_after
    n = weeks * town.cases_a_week
    at = chance.uniform(-town.weeks_before, town.weeks_after, n) * WEEK_US
    stops = chance.integers(1, 5, n)
    end = town.weeks_after * WEEK_US
    case = np.arange(n)
    parts = []
    for step in range(5):
        here = stops > step
        office = chance.integers(0, town.offices, n)
        parts.append((case[here], at[here], np.full(int(here.sum()), f"step {step + 1}"), office[here]))
        week = np.clip(np.floor(at / WEEK_US).astype(int) + town.weeks_before, 0, weeks - 1)
        days = np.exp(usual[office] + movement[office, week] + 0.9 * chance.standard_normal(n) - 0.405)
        changed = np.isin(office, town.treated) & (at >= 0)
        at = np.where(here, at + days * np.where(changed, 1 + town.effect, 1.0) * DAY_US, at)
        over = here & (stops == step + 1)
        parts.append((case[over], at[over], np.full(int(over.sum()), "closed"), office[over]))
    return _frame(parts, end)


def _movements(town: Town, chance: np.random.Generator) -> np.ndarray:
    weeks = town.weeks_before + town.weeks_after
    week = np.arange(weeks)
    year = 2 * np.pi * week / 52
    common = town.season * np.sin(year + chance.uniform(0, 6.28)) + np.cumsum(0.02 * chance.standard_normal(weeks))
    rows = []
    for office in range(town.offices):
        own = np.zeros(weeks)
        own[0] = town.unrest * chance.standard_normal()
        for w in range(1, weeks):
            rest = town.unrest * np.sqrt(1 - town.likeness**2) * chance.standard_normal()
            own[w] = town.likeness * own[w - 1] + rest
        drift = town.trends * chance.standard_normal() + (town.treated_trend if office in town.treated else 0.0)
        season = town.own_season * np.sin(year + chance.uniform(0, 6.28))
        rows.append(common + own + drift * (week - weeks / 2) / 52 + season)
    return np.array(rows)


def _frame(parts: list[tuple[np.ndarray, ...]], end: float) -> pd.DataFrame:
    case, at, activity, office = (np.concatenate(column) for column in zip(*parts, strict=True))
    kept = at <= end
    case, at, activity, office = case[kept], at[kept], activity[kept], office[kept]
    order = np.lexsort((np.arange(len(case)), at, case))
    stamps = (at[order].astype(np.int64) + CHANGE_US).view("datetime64[us]")
    return pd.DataFrame(
        {
            "case": case[order].astype(np.int64),
            "branch": np.zeros(len(order), dtype=np.int16),
            "ts": pd.DatetimeIndex(stamps, tz="UTC"),
            "seq": np.arange(len(order), dtype=np.int64),
            "activity": pd.Categorical(activity[order]),
            "office": pd.Categorical([f"office {place}" for place in office[order]]),
        }
    )
