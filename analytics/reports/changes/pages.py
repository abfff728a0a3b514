"""What the pages of the register show: computed here, drawn by templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analytics.core.evaluation.effect import Effect
from analytics.models import Intervention
from analytics.register import by_number, changes_of, judged
from analytics.reports.case_lists import Found
from analytics.reports.changes import section_shifts, sections
from analytics.reports.changes.before import Before, before_of, company, curve, sentence_of
from analytics.reports.changes.draft import Asked
from analytics.reports.changes.evaluated import Evaluated, effect_of, evaluated, planned_until, weeks_seen
from analytics.reports.changes.plot import Picture, picture_of_cuts, picture_of_weeks
from analytics.reports.changes.said import answer, brief, in_words, label_of, listed, whole
from analytics.reports.filters import BadFilters, FilterProblem
from analytics.reports.sections import Section, Subject
from analytics.reports.wording import day, moment, number

JUDGED_IN_LISTS: Final = 30
"""So many changes are evaluated for the list; each takes some hundredths of a second."""


@dataclass(frozen=True, slots=True)
class Line:
    """One change in the list."""

    change: Intervention
    label: str
    offices: str
    when: str
    came: str
    versions: int


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """The changes of a place."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ChangePage:
    """One change, before or after its date. ``facts`` are names and words of the plan."""

    change: Intervention
    versions: tuple[tuple[Intervention, str, str], ...]
    is_judged: bool
    label: str
    headline: str
    facts: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    sections: tuple[Section, ...]
    picture: Picture | None
    cuts: Picture | None
    is_to_come: bool
    evaluated: Evaluated | None


@dataclass(frozen=True, slots=True, eq=False)
class SeenPage:
    """“Could we see it?” answered."""

    seen: Before
    headline: str
    sections: tuple[Section, ...]
    cuts: Picture | None
    compared: str


def kinds() -> list[tuple[str, str]]:
    """Return the kinds of change to choose from, in the reader’s language."""
    return [(code, str(words)) for code, words in Intervention.Kind.choices]


def register_page(subject: Subject) -> RegisterPage:
    """List the changes of a place, the newest first."""
    place = subject.measured.source.jurisdiction
    lines = tuple(
        _line(subject, versions, is_judged=place_in_list < JUDGED_IN_LISTS)
        for place_in_list, versions in enumerate(by_number(changes_of(place)))
    )
    return RegisterPage(lines)


def _line(subject: Subject, versions: list[Intervention], *, is_judged: bool) -> Line:
    change = judged(versions)
    came = _("open the page to see") if not is_judged else _came(subject, change)
    return Line(
        change, label_of(change), listed(change.offices, subject.offices), day(change.happens_on), came, len(versions)
    )


def _came(subject: Subject, change: Intervention) -> str:
    if change.happens_on > today(subject):
        return _("still to come")
    return brief(effect_of(subject.measured, change))


def today(subject: Subject) -> date:
    """Return the day of the place’s present: of its data cut, where it was imported."""
    source = subject.measured.source
    return source.as_of.astimezone(ZoneInfo(source.jurisdiction.time_zone)).date()


def change_page(subject: Subject, versions: list[Intervention], chosen: Intervention | None) -> ChangePage:
    """Evaluate one version of a change: the one asked for, else the one that counts."""
    counts = judged(versions)
    change = chosen or counts
    own = replace(subject, cohort=_cohort(subject, change))
    told = tuple((one, label_of(one), _registered(subject, one)) for one in versions)
    page = ChangePage(
        change=change,
        versions=told,
        is_judged=change.version == counts.version,
        label=label_of(change),
        headline="",
        facts=_facts(subject, change),
        remarks=(),
        sections=(),
        picture=None,
        cuts=None,
        is_to_come=change.happens_on > today(subject),
        evaluated=None,
    )
    return _to_come(own, page) if page.is_to_come else _came_of(own, page)


def _cohort(subject: Subject, change: Intervention) -> str:
    if not change.services:
        return subject.cohort
    names, language = subject.measured.source.catalogue.services, get_language()
    texts = {code: names.of(code, language) for code in change.services}
    return f"{subject.cohort}, {_('services: %(names)s') % {'names': listed(change.services, texts)}}"


def _registered(subject: Subject, change: Intervention) -> str:
    zone = subject.measured.source.jurisdiction.time_zone
    said = {"at": moment(change.registered_at, zone), "who": str(change.registered_by)}
    return _("registered %(at)s by %(who)s") % said


def _facts(subject: Subject, change: Intervention) -> tuple[tuple[str, str], ...]:
    services = subject.measured.source.catalogue.services
    texts = {code: services.of(code, get_language()) for code in change.services}
    expected = _("not said") if change.expected_percent is None else _expected(change.expected_percent)
    weeks = {"before": number(change.weeks_before), "after": number(change.weeks_after)}
    return (
        (_("Kind"), str(change.get_kind_display())),
        (_("Offices that change"), listed(change.offices, subject.offices)),
        (_("Services"), listed(change.services, texts) or _("all of them")),
        (_("In force from"), day(change.happens_on)),
        (_("Expected"), expected),
        (_("Compared with"), listed(change.comparison, subject.offices)),
        (_("Measure"), str(change.get_measure_display())),
        (_("Weeks"), _("at most %(before)s before, %(after)s after") % weeks),
        (_("Plan"), f"{label_of(change)}; {_registered(subject, change)}"),
    )


def _expected(percent: int) -> str:
    text = _("%(share)s less time") if percent < 0 else _("%(share)s more time")
    return text % {"share": whole(abs(percent) / 100)}


def _to_come(subject: Subject, page: ChangePage) -> ChangePage:
    change = page.change
    asked = Asked(
        tuple(change.offices), tuple(change.services), tuple(change.comparison), change.measure, change.weeks_before,
        change.weeks_after,
    )  # fmt: skip
    seen = before_of(subject, asked)
    text = _("This change comes on %(day)s. Its planned weeks are over on %(until)s: judge it then.")
    said = {"day": day(change.happens_on), "until": day(planned_until(change))}
    shown = curve(subject, seen)
    return replace(
        page,
        headline=text % said,
        remarks=(sentence_of(subject, seen),),
        sections=(shown,) if shown else (),
        cuts=picture_of_cuts(seen.found) if seen.found else None,
    )


def _came_of(subject: Subject, page: ChangePage) -> ChangePage:
    found = evaluated(subject.measured, page.change)
    effect = found.effect
    shown: list[Section] = []
    if found.compared is not None:
        shown = [
            sections.by_week(subject, found),
            sections.by_office(subject, found),
            sections.elsewhere(subject, found),
            *([one] if (one := sections.without(subject, found)) else []),
            section_shifts.services(subject, found),
            section_shifts.shares(subject, found),
            sections.whole_cases_beside(subject, found),
        ]
    return replace(
        page,
        headline=answer(page.change, effect, subject.offices),
        remarks=_remarks(subject, found),
        sections=tuple(shown),
        picture=picture_of_weeks(found.periods),
        evaluated=found,
    )


def _remarks(subject: Subject, found: Evaluated) -> tuple[str, ...]:
    effect: Effect = found.effect
    remarks = effect.remarks if effect.estimate is not None else effect.remarks[:-1]
    said = [in_words(remark, subject.offices) for remark in remarks]
    change, seen = found.change, weeks_seen(found)
    if 0 < seen < change.weeks_after:
        text = _(
            "%(weeks)s weeks after the change were planned; %(seen)s can be used so far, so this is an interim result. "
            "The last weeks of the record are left out: their long stays are not over yet."
        )
        said.insert(0, text % {"weeks": number(change.weeks_after), "seen": number(seen)})
    if effect.estimate is not None and change.expected_percent is not None:
        said.append(_beside_expected(effect, change.expected_percent))
    return tuple(said)


def _beside_expected(effect: Effect, percent: int) -> str:
    inside = (effect.low or 0) <= percent / 100 <= (effect.high or 0)
    said = {"expected": _expected(percent)}
    if inside:
        return _("Expected were %(expected)s: the interval does not rule it out.") % said
    return _("Expected were %(expected)s: the interval rules that out.") % said


def cases_of(found: Evaluated | None, wanted: Mapping[str, str]) -> Found:
    """Find the stays behind a count, a line each: of one side of the change, at an office, of a service."""
    if found is None or found.compared is None or wanted["side"] not in ("before", "after"):
        raise BadFilters([FilterProblem("side", _("There is no such figure: follow a link of the report."))])
    compared, holds = found.compared, found.holds
    rows = compared.after == (wanted["side"] == "after")
    if wanted["office"]:
        rows &= np.array(holds.held.offices)[compared.office] == wanted["office"]
    else:
        rows &= compared.treated
    if wanted["service"]:
        rows &= np.array(holds.services)[holds.service[compared.rows]] == wanted["service"]
    chosen = compared.rows[rows]
    title = _("Stays before the change") if wanted["side"] == "before" else _("Stays after the change")
    waiting = found.change.measure == Intervention.Measure.WAITING
    time_title = _("Waited until work began") if waiting else _("Time held there")
    return Found(holds.case[chosen], holds.held.length_us[chosen], title, time_title, each="stay")


def seen_page(subject: Subject, seen: Before) -> SeenPage:
    """Lay out the answer to “could we see it?”."""
    shown = curve(subject, seen)
    return SeenPage(
        seen,
        sentence_of(subject, seen),
        (*((shown,) if shown else ()), company(subject, seen)),
        picture_of_cuts(seen.found) if seen.found else None,
        listed(seen.compared, subject.offices),
    )
