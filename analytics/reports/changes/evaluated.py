"""A registered change, evaluated: the effect, and everything a doubter asks for beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from analytics.core.evaluation.effect import CannotSay, Effect, Evaluation, Plan, evaluate_held
from analytics.core.evaluation.held import Held
from analytics.core.evaluation.shifts import ServiceMix, Share, mix_alone, mix_of, same_mix, share
from analytics.core.evaluation.study import Elsewhere, Period, event_study, other_dates, other_offices
from analytics.core.evaluation.weekly import WEEK_US, finished_lengths, inside
from analytics.core.frames import Flags, Floats, Ints
from analytics.models import Intervention
from analytics.reports.changes.draft import midnight_us
from analytics.reports.changes.holds import Holds, holds_of_place, whole_cases
from analytics.reports.measure import Measured


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """The holds that are compared, row by row; ``length_us`` of one that still runs is estimated."""

    rows: Ints
    week: Ints
    office: Ints
    length_us: Floats
    treated: Flags
    after: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Evaluated:
    """``effect`` alone where nothing can be compared; then ``compared`` is ``None`` and the lists are empty."""

    change: Intervention
    holds: Holds
    change_us: int
    effect: Effect
    evaluation: Evaluation | None
    compared: Compared | None
    periods: tuple[Period, ...]
    dates: tuple[Elsewhere, ...]
    offices: tuple[Elsewhere, ...]
    mix: tuple[ServiceMix, ...]
    mix_alone: float | None
    shares: tuple[Share, ...]
    facts: Mapping[str, Flags]
    """What became of each compared hold, by the name of its share."""
    same_mix: Effect
    whole: Effect


def plan_of(change: Intervention) -> Plan:
    """Return what the change's registration has fixed."""
    return Plan(tuple(change.comparison), change.weeks_before, change.weeks_after)


def effect_of(measured: Measured, change: Intervention) -> Effect:
    """Return the effect alone, for lists."""
    holds = holds_of_place(measured, tuple(change.services), change.measure)
    at_us = midnight_us(change.happens_on, measured.source)
    return evaluate_held(holds.held, at_us, tuple(change.offices), plan_of(change))


def evaluated(measured: Measured, change: Intervention) -> Evaluated:
    """Evaluate a change by its plan."""
    holds = holds_of_place(measured, tuple(change.services), change.measure)
    at_us, treated, plan = midnight_us(change.happens_on, measured.source), tuple(change.offices), plan_of(change)
    effect = evaluate_held(holds.held, at_us, treated, plan)
    try:
        prepared = Evaluation(holds.held, at_us, treated, [], plan)
    except CannotSay:
        nothing = Effect(treated=treated)
        return Evaluated(
            change, holds, at_us, effect, None, None, (), (), (), (), None, (), {}, nothing, nothing
        )  # fmt: skip
    weekly, is_treated = prepared.panel()
    compared = _compared(prepared)
    mix = _mix(holds, compared)
    facts = _facts(measured, holds, compared)
    return Evaluated(
        change=change,
        holds=holds,
        change_us=at_us,
        effect=effect,
        evaluation=prepared,
        compared=compared,
        periods=event_study(weekly, is_treated),
        dates=tuple(other_dates(holds.held, at_us, treated, plan)),
        offices=tuple(other_offices(holds.held, at_us, _names(prepared), plan)),
        mix=tuple(mix),
        mix_alone=mix_alone(mix),
        shares=_shares(facts, compared),
        facts=facts,
        same_mix=evaluate_held(same_mix(holds.held, holds.service, at_us), at_us, treated, plan),
        whole=evaluate_held(whole_cases(measured, holds), at_us, treated, plan),
    )


def _names(prepared: Evaluation) -> Effect:
    """Return an effect that only names who is compared: a refused one names nobody."""
    offices = prepared.held.offices
    return Effect(comparison=tuple(offices[place] for place in prepared.comparison))


def _compared(prepared: Evaluation) -> Compared:
    held = prepared.held
    week = (held.begin_us - prepared.change_us) // WEEK_US
    offices = np.concatenate((prepared.treated, prepared.comparison))
    rows = np.flatnonzero(inside(week, prepared.window) & np.isin(held.office, offices))
    lengths = finished_lengths(held, prepared.change_us)[rows]
    office = held.office[rows]
    treated: Flags = np.isin(office, prepared.treated)
    return Compared(rows, week[rows], office, lengths, treated, np.asarray(week[rows] >= 0, dtype=np.bool_))


def _mix(holds: Holds, compared: Compared) -> list[ServiceMix]:
    held: Held = holds.of(_flags(holds, compared.rows)).held
    return mix_of(held, holds.service[compared.rows], compared.treated, compared.after)


def _flags(holds: Holds, rows: Ints) -> Flags:
    chosen = np.zeros(len(holds.held), dtype=np.bool_)
    chosen[rows] = True
    return chosen


def _facts(measured: Measured, holds: Holds, compared: Compared) -> Mapping[str, Flags]:
    rows = compared.rows
    outcome = measured.frames.cases["outcome"].astype(str).to_numpy()[holds.row[rows]]
    return {
        "sent_on": holds.sent_on[rows],
        "again": _again(holds)[rows],
        "withdrawn": np.asarray(outcome == "withdrawn", dtype=np.bool_),
        "duplicate": np.asarray(outcome == "duplicate", dtype=np.bool_),
        "open": holds.held.open[rows],
    }


def _shares(facts: Mapping[str, Flags], compared: Compared) -> tuple[Share, ...]:
    others: Flags = ~compared.treated
    found = [share(name, what, compared.treated, others, compared.after) for name, what in facts.items()]
    return tuple(one for one in found if one is not None)


def _again(holds: Holds) -> Flags:
    """Whether the case had been at the office before."""
    key = holds.case * len(holds.held.offices) + holds.held.office
    order = np.lexsort((holds.held.begin_us, key))
    again = np.zeros(len(key), dtype=np.bool_)
    again[order[1:]] = key[order[1:]] == key[order[:-1]]
    return again


def weeks_seen(found: Evaluated) -> int:
    """How many of the planned weeks after the change can be used so far."""
    return found.evaluation.window.after if found.evaluation else 0


def planned_until(change: Intervention) -> date:
    """Return the day from which the planned weeks are over."""
    return change.happens_on + timedelta(weeks=change.weeks_after)
