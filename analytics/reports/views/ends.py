"""How cases end: of 100 that came in, how many have ended in each way after so many days, and how many are open."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analytics.core.frames import Floats, Ints
from analytics.core.survival.competing import STILL_OPEN, Incidence, aalen_johansen, band, share_by
from analytics.reports.ends import WAYS, Ends, ends_of, way_words
from analytics.reports.recompute import Recompute
from analytics.reports.sections import (
    EMPTY,
    Section,
    Subject,
    calendar_clock,
    is_small,
    labelled,
    nothing_here,
)
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.views.panels import Key, Panel, Panels, area, in_steps, levels
from analytics.reports.views.parts import Choice, Made, Options, one_of
from analytics.reports.views.spectrum_picture import Tick
from analytics.reports.wording import DAY_US, count_of_cases, number

AGES: Final = (1, 3, 7, 14, 30, 60, 90, 180, 365)
"""Days at which the table is read."""
ASKED: Final = ("30", "7", "14", "60", "90", "180")
KINDS: Final = ("good", "late", "unavailability", "not_identifiable")
MOST_DRAWN: Final = 300


def ends_view(subject: Subject, options: Options) -> Made:
    """Show the curves of the cohort, and every service at one age."""
    age = one_of(options, "age", ASKED)
    kept = {} if age == ASKED[0] else {"age": age}
    rows = ends_of(subject)
    basis = subject.basis(count_of_cases(len(rows.case)), calendar_clock(), "still-open", _open(rows))
    if not len(rows.case):
        sections = (Section("ages", _("After so many days"), nothing_here(), basis, state=EMPTY),)
        return Made(nothing_here(), sections, options=kept)
    found = aalen_johansen(rows.age_us, rows.how, WAYS)
    sentence = _few(rows) or _sentence(found, min(int(age), int(rows.age_us.max()) // DAY_US))
    by_age = _ages_section(subject, rows, found, sentence)
    days = [(one, ngettext("%(n)s day", "%(n)s days", int(one)) % {"n": number(int(one))}) for one in ASKED]
    days.sort(key=lambda one: int(one[0]))
    return Made(
        sentence,
        (by_age, _services_section(subject, rows, int(age))),
        picture=lambda _links: _picture(rows, found),
        template="analytics/_panels.html",
        options=kept,
        choices=(Choice("age", _("After"), tuple(sorted(days, key=lambda one: one[0] != ASKED[0])), age),),
    )


def _few(rows: Ends) -> str:
    if not is_small(len(rows.case)):
        return ""
    return _("%(cases)s: too few to speak of 100. The table shows their shares in grey.") % {
        "cases": count_of_cases(len(rows.case))
    }


def _open(rows: Ends) -> str:
    still = int((rows.how == STILL_OPEN).sum())
    return _("open, counted up to their age: %(n)s") % {"n": number(still)} if still else ""


def _at(found: tuple[Incidence, ...], age_us: int) -> list[float]:
    """Return the share that ended in each way by an age, and the share still open."""
    at = np.array([age_us], dtype=np.int64)
    shares = [float(share_by(one, at)[0]) for one in found]
    return [*shares, max(1.0 - sum(shares), 0.0)]


def _sentence(found: tuple[Incidence, ...], days: int) -> str:
    if not days:
        return _("The oldest of these cases is younger than a day: nothing can be said yet of how they end.")
    answered, withdrawn, joined, not_valid, still = _at(found, days * DAY_US)
    said = {
        "days": ngettext("%(n)s day", "%(n)s days", days) % {"n": number(days)},
        "answered": _of_100(answered),
        "withdrawn": _of_100(withdrawn),
        "joined": _of_100(joined),
        "not_valid": _of_100(not_valid),
        "open": _of_100(still),
    }
    return (
        _(
            "Of 100 that came in, after %(days)s %(answered)s are answered, %(withdrawn)s withdrawn, %(joined)s joined "
            "with another, %(not_valid)s not valid and %(open)s still open."
        )
        % said
    )


def _of_100(share: float) -> str:
    return number(100 * share, 1 if 0 < 100 * share < 9.95 else 0)


# --- By age -----------------------------------------------------------------------------------------------------------


def _ages_section(subject: Subject, rows: Ends, found: tuple[Incidence, ...], sentence: str) -> Section:
    title = _("After so many days")
    basis = subject.basis(count_of_cases(len(rows.case)), calendar_clock(), "still-open", _open(rows))
    ages = [days for days in AGES if days * DAY_US <= int(rows.age_us.max())]
    if not ages:
        return Section("ages", title, sentence, basis, state=EMPTY)
    columns = (
        Column("days", _("Days since filed"), Kind.NUMBER),
        Column("watched", _("Seen that long or ended")),
        *_share_columns(),
    )
    table = Table("ages", title, columns, tuple(_age_row(rows, found, days) for days in ages))
    recompute = Recompute(lambda: _rows(rows), _SCRIPT + _BY_AGE.replace("AGES", str(ages)))
    return Section("ages", title, sentence, basis, table, _notes(subject), recompute=recompute)


def _notes(subject: Subject) -> tuple[str, ...]:
    if not subject.records("outcomes"):
        return (_("This source does not say how a case ended: every closed one counts as answered."),)
    if not subject.records_open:
        return (_("This source does not say which cases are open: all of them count as ended."),)
    return ()


def _share_columns() -> tuple[Column, ...]:
    return (
        Column("answered", pgettext("end of a case", "Answered"), Kind.SHARE),
        Column("low", _("Answered, from"), Kind.SHARE),
        Column("high", _("Answered, to"), Kind.SHARE),
        Column("withdrawn", pgettext("end of a case", "Withdrawn"), Kind.SHARE),
        Column("joined", pgettext("end of a case", "Joined with another"), Kind.SHARE),
        Column("not_valid", pgettext("end of a case", "Not valid"), Kind.SHARE),
        Column("open", pgettext("end of a case", "Still open"), Kind.SHARE),
    )


def _shares(found: tuple[Incidence, ...], age_us: int) -> tuple[Cell, ...]:
    answered, withdrawn, joined, not_valid, still = _at(found, age_us)
    low, high = _band_at(found[0], age_us)
    return tuple(Cell(share) for share in (answered, low, high, withdrawn, joined, not_valid, still))


def _band_at(one: Incidence, age_us: int) -> tuple[float, float]:
    place = int(np.searchsorted(one.ages_us, age_us, side="right")) - 1
    if place < 0:
        return 0.0, 0.0
    low, high = band(one)
    return float(low[place]), float(high[place])


def _age_row(rows: Ends, found: tuple[Incidence, ...], days: int) -> Row:
    age_us = days * DAY_US
    watched = int(((rows.how != STILL_OPEN) | (rows.age_us >= age_us)).sum())
    return Row((Cell(days), Cell(watched), *_shares(found, age_us)), is_small(watched))


def _rows(rows: Ends) -> pd.DataFrame:
    ways = np.array(["open", *WAYS], dtype=object)
    return pd.DataFrame(
        {
            "case": rows.case,
            "service": np.array(rows.services, dtype=object)[rows.service],
            "age_us": rows.age_us,
            "how": ways[rows.how],
        }
    )


_SCRIPT: Final = """
WAYS = ["answered", "withdrawn", "joined", "not_valid"]
def ended_by(cases, days):  # Aalen and Johansen: at each age, the part of those that go on which ends in each way
    sizes = cases.groupby("age_us").size()
    left = len(cases) - sizes.cumsum().shift(fill_value=0)
    ended = pd.crosstab(cases["age_us"], cases["how"]).reindex(columns=WAYS, fill_value=0)
    going_on = (1 - ended.sum(axis=1) / left).cumprod().shift(fill_value=1)
    shares = ended.div(left, axis=0).mul(going_on, axis=0)
    return shares[shares.index <= days * 86_400_000_000].sum()
"""
_BY_AGE: Final = """
seen = lambda days: ((rows["how"] != "open") | (rows["age_us"] >= days * 86_400_000_000)).sum()
result = pd.DataFrame([{"days": days, "watched": seen(days), **ended_by(rows, days)} for days in AGES])
result["open"] = 1 - result[WAYS].sum(axis=1)
"""


# --- By service -------------------------------------------------------------------------------------------------------


def _services_section(subject: Subject, rows: Ends, days: int) -> Section:
    said = {"days": ngettext("%(n)s day", "%(n)s days", days) % {"n": number(days)}}
    title = _("Each service after %(days)s") % said
    basis = subject.basis(count_of_cases(len(rows.case)), calendar_clock(), "still-open", _open(rows))
    names = labelled(subject.measured.source.catalogue.services, _("Service not recorded"))
    found = []
    for code, service in enumerate(rows.services):
        ages, how = rows.of(code)
        if len(ages) and int(ages.max()) >= days * DAY_US:
            found.append((service, ages, how, aalen_johansen(ages, how, WAYS)))
    if not found:
        sentence = _("No service has a case that old.")
        return Section("services", title, sentence, basis, state=EMPTY)
    found.sort(key=lambda one: (is_small(len(one[1])), _at(one[3], days * DAY_US)[0], one[0]))
    columns = (
        Column("service", pgettext("column", "Service"), Kind.TEXT),
        Column("cases", pgettext("column", "Cases")),
        Column("open_now", _("Open now")),
        *_share_columns(),
    )
    table = Table(
        "services",
        title,
        columns,
        tuple(_service_row(names.get(one[0], one[0]), *one, age_us=days * DAY_US) for one in found),
    )
    most = [one for one in found if not is_small(len(one[1]))]
    sentence = _("No service has 30 cases or more, so none is named.")
    if most:
        said |= {"name": names.get(most[0][0], most[0][0]), "of": _of_100(_at(most[0][3], days * DAY_US)[0])}
        sentence = _("Fewest answered after %(days)s: %(name)s, %(of)s of 100.") % said
    recompute = Recompute(lambda: _rows(rows), _SCRIPT + _BY_SERVICE.replace("DAYS", str(days)))
    return Section("services", title, sentence, basis, table, recompute=recompute)


def _service_row(name: str, service: str, ages: Ints, how: Ints, found: tuple[Incidence, ...], *, age_us: int) -> Row:
    cells = (
        Cell(name),
        Cell(len(ages), {"figure": "all", "service": service}),
        Cell(int((how == STILL_OPEN).sum()), {"figure": "open", "service": service}),
    )
    shares = list(_shares(found, age_us))
    for place, way in ((0, "answered"), (3, "withdrawn"), (4, "joined"), (5, "not_valid")):
        shares[place] = Cell(shares[place].value, {"figure": f"ended_{way}", "service": service})
    return Row((*cells, *shares), is_small(len(ages)))


_BY_SERVICE: Final = """
found = []
for service, cases in rows.groupby("service"):
    if cases["age_us"].max() >= DAYS * 86_400_000_000:
        still = (cases["how"] == "open").sum()
        found.append({"service": service, "cases": len(cases), "open_now": still, **ended_by(cases, DAYS)})
result = pd.DataFrame(found).assign(few=lambda all: all["cases"] < 30, open=lambda all: 1 - all[WAYS].sum(axis=1))
result = result.sort_values(["few", "answered", "service"]).drop(columns=["few", "service"])
"""


# --- The curves -------------------------------------------------------------------------------------------------------


def _picture(rows: Ends, found: tuple[Incidence, ...]) -> Panels:
    """Stack the ways up to the age by which 95 in 100 of what ended had ended."""
    ended = rows.age_us[rows.how != STILL_OPEN]
    last = int(np.quantile(ended, 0.95)) if len(ended) else int(rows.age_us.max())
    last = max(last, DAY_US)
    ages = np.unique(np.linspace(0, last, MOST_DRAWN).astype(np.int64))
    below: Floats = np.zeros(len(ages))
    shapes = []
    for kind, one in zip(KINDS, found, strict=True):
        above = below + share_by(one, ages)
        x = (ages / last).tolist()
        upper, lower = (list(zip(x, level.tolist(), strict=True)) for level in (above, below))
        shapes.append(area(kind, upper, lower, 1.0))
        below = above
    words = way_words()
    key = tuple(Key(kind, text) for kind, text in zip(KINDS, words, strict=True))
    title = _("Share of all that came in")
    end = [
        f"{text} {number(100 * one.share[-1]) if len(one.share) else 0}" for text, one in zip(words, found, strict=True)
    ]
    said = _("Share of all that came in, by age: at the end, of 100, %(ends)s") % {"ends": ", ".join(end)}
    return Panels(
        title=_("What became of them, by age"),
        says=_("At any age, each colour is the share that has ended so by then; the empty part above is still open."),
        panels=(Panel(title, said, key, tuple(shapes), levels(1.0, share=True)),),
        across=_days_axis(last / DAY_US),
        unit=_("days since filed"),
    )


def _days_axis(last: float) -> tuple[Tick, ...]:
    step, _last = in_steps(last / 2)
    ticks = [n * step for n in range(1, int(last / step) + 1)]
    return tuple(
        Tick(f"{100 * day / last:.1f}%", number(day, 0 if step >= 1 else 1), False)
        for day in ticks
        if day < 0.97 * last
    )
