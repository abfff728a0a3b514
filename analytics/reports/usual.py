"""What is usual: how long requests of a service take, and from when on a stay is longer than nine in ten of its kind.

The pages of citizens and of the desk show these figures from a table a job fills; the report on open cases computes
them anew by the same functions, so that they cannot differ (docs/definitions.md, `usual-time` and `ageing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from analytics.core.ageing import Kinds, kinds
from analytics.core.cycle import cycles
from analytics.core.frames import MISSING, SMALL_N, UNKNOWN, Flags, Ints, coded, moment
from analytics.core.survival.curve import Curve, curves, quantile
from analytics.core.workdays import working_days
from analytics.loading import load, working_places
from analytics.reports.filters import Filters
from analytics.reports.measure import Measured, measure
from requests_app.permissions import SYSTEM
from requests_app.usual import Usual, UsualStay, UsualTimes

HALF, MOST = 50, 90
ORDINAL_OF_1970: Final = date(1970, 1, 1).toordinal()
DAY_US: Final = 86_400_000_000


def usual_by_place() -> dict[str, Usual]:
    """What is usual in every place where people work, by its code."""
    return {
        place.code: usual_of(measure(load(place, SYSTEM, events=False, dues=False), Filters()))
        for place in working_places()
    }


def usual_of(measured: Measured) -> Usual:
    """What is usual in one place."""
    return Usual(times=usual_times(measured), stays=usual_stays(measured))


# --- How long requests take ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Year:
    """The requests filed in the last 12 months, answered or open: one row each."""

    service: Ints
    days: Ints
    """Working days until the answer, or so far."""
    ended: Flags
    services: tuple[str, ...]
    since: date


def year_of(measured: Measured) -> Year:
    """Count the working days of the requests of the last 12 months, by the calendar of the place."""
    place = measured.source.jurisdiction
    rows = cycles(measured.frames.cases, "service", measured.as_of_us)
    submitted = _local_days(rows.submitted_us, place.time_zone)
    until = _local_days(rows.submitted_us + rows.age_us, place.time_zone)
    since = a_year_before(moment(measured.as_of_us).astimezone(ZoneInfo(place.time_zone)).date())
    chosen = rows.timed & (submitted >= since.toordinal())
    days = working_days(place.calendar(), submitted[chosen], until[chosen])
    return Year(rows.group[chosen], days, rows.closed[chosen], rows.groups, since)


def a_year_before(day: date) -> date:
    """Return the same day of the year before; of 29 February the 28th."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _local_days(at_us: Ints, zone: str) -> Ints:
    """Microseconds since 1970 UTC → ordinals of the local day."""
    local = pd.DatetimeIndex(at_us.view("datetime64[us]"), tz="UTC").tz_convert(zone).tz_localize(None)
    return np.asarray(local.to_numpy(dtype="datetime64[D]").astype(np.int64) + ORDINAL_OF_1970, dtype=np.int64)


def usual_times(measured: Measured) -> tuple[UsualTimes, ...]:
    """One row a service that was asked for in the last 12 months; open requests are counted as open (Kaplan-Meier)."""
    year = year_of(measured)
    found = curves(year.days, year.ended, year.service, len(year.services))
    return tuple(
        UsualTimes(name, curve.n, curve.open, _value(curve, HALF), _value(curve, MOST), year.since)
        for name, curve in zip(year.services, found, strict=True)
        if curve.n
    )


def _value(curve: Curve, percent: int) -> int | None:
    return quantile(curve, percent).value_us


# --- How long stays last ---------------------------------------------------------------------------------------------


def kinds_of_stays(measured: Measured) -> tuple[Kinds, Kinds]:
    """The kinds a stay is compared with: its office and service, else its office."""
    stays = measured.stays
    held, ended = stays.held_us(measured.as_of_us), np.asarray(~stays.open, dtype=np.bool_)
    pair, count = _office_and_service(measured)
    return (
        kinds("office and service", pair, held, ended, count),
        kinds("office", stays.office, held, ended, len(stays.offices)),
    )


def _office_and_service(measured: Measured) -> tuple[Ints, int]:
    stays = measured.stays
    service, services = measured.of_cases("service", stays.case)
    return stays.office * len(services) + service, len(stays.offices) * len(services)


def nine_in_ten_us(levels: Sequence[Kinds]) -> tuple[Ints, Ints]:
    """For each code of the first level that occurs: the age that nine in ten of its kind end by, and of how many.

    Arrays (kinds,); ``MISSING`` where fewer than 30 stays of it and of its wider kind have ended, or nine in ten never
    did.
    """
    narrow, wide = levels
    answer = np.full(len(narrow.history), MISSING, dtype=np.int64)
    of = np.zeros(len(narrow.history), dtype=np.int64)
    codes, first = np.unique(narrow.codes, return_index=True)
    for code, row in zip(codes.tolist(), first.tolist(), strict=True):
        known = [c for c in (narrow.history[code], wide.history[int(wide.codes[row])]) if c.n - c.open >= SMALL_N]
        value = _value(known[0], MOST) if known else None
        if value is not None:
            answer[code], of[code] = value, known[0].n - known[0].open
    return answer, of


def longer_than_most(measured: Measured, levels: tuple[Kinds, Kinds]) -> Flags:
    """Mark the stays that go on and are longer than nine in ten of their kind; only the lead branch is asked about."""
    limit, _of = nine_in_ten_us(levels)
    stays = measured.stays
    own = limit[levels[0].codes]
    long = (own != MISSING) & (stays.held_us(measured.as_of_us) >= own)
    return np.asarray(long & stays.open & (stays.branch == 0), dtype=np.bool_)


def usual_stays(measured: Measured) -> tuple[UsualStay, ...]:
    """One row an office and service that met, with enough history."""
    if not len(measured.stays):
        return ()
    services = coded(measured.frames.cases["service"])[1]
    offices = measured.stays.offices
    limit, of = nine_in_ten_us(kinds_of_stays(measured))
    return tuple(
        UsualStay(
            offices[code // len(services)],
            services[code % len(services)],
            timedelta(microseconds=int(limit[code])),
            int(of[code]),
        )
        for code in np.flatnonzero(limit != MISSING).tolist()
        if UNKNOWN not in (offices[code // len(services)], services[code % len(services)])
    )
