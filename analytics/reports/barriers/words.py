"""How barriers are spoken of: names of groups, clocks, baselines and amounts."""

from __future__ import annotations

from typing import Final

import numpy as np
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from analytics.core.barriers.ranking import Barrier
from analytics.core.frames import MISSING
from analytics.reports.barriers.asked import HANDOVER, STEP, TARGET, Choice
from analytics.reports.barriers.rows import BETWEEN, Rows
from analytics.reports.sections import Subject, calendar_clock
from analytics.reports.wording import DAY_US, amount, case_days, count_of_cases, duration, number, percent
from requests_app.text.localized import pick

NO_BREAK: Final = "\u00a0"


def name_of(subject: Subject, choice: Choice, group: str) -> str:
    """Name an office, a step with its workflow’s, or a hand-over."""
    if choice.by == STEP:
        return step_name(subject, group)
    if choice.by == HANDOVER:
        sender, receiver = group.split(BETWEEN)
        said = {"sender": subject.offices.get(sender, sender), "receiver": subject.offices.get(receiver, receiver)}
        return pgettext("hand-over", "%(sender)s → %(receiver)s") % said
    return subject.offices.get(group, group)


def step_name(subject: Subject, label: str) -> str:
    """Return the name a step has in the newest version of its workflow, with the workflow where two would be alike."""
    named = {
        step.label: pick(step.names, get_language()) or step.code for step in subject.measured.source.steps.terms.steps
    }
    name = named.get(label, label)
    alike = sum(other == name for other in named.values()) > 1
    return f"{name} ({label.split(':', maxsplit=1)[0]})" if alike else name


def clock_of(choice: Choice) -> str:
    """Name the clock of the view."""
    if choice.working:
        return _("working time by the office’s own calendar; a working day of the office counts as one day")
    return calendar_clock()


def baseline_name(choice: Choice) -> str:
    """Name the baseline as it stands in sentences."""
    if choice.baseline == TARGET:
        return _("the step’s own target")
    return _("the median of comparable offices")


def baseline_said(choice: Choice, rows: Rows, group: int) -> str:
    """Name the baseline with its size: one length, or from which to which where kinds of work differ.

    A target is said whole and by its own clock, though a case that comes back to its step has only what is left of it.
    """
    here = rows.waits.group == group
    us, working = rows.baseline.us[here], np.full(int(here.sum()), choice.working)
    if rows.targets is not None:
        us, working = rows.targets.us[here], rows.targets.working[here]
    known = us != MISSING
    if not known.any():
        return baseline_name(choice)
    us, working = us[known], working[known]
    if rows.targets is not None:
        us = np.where(working, rows.days.in_days(rows.passes.office[here][known], us), us)
    order = np.argsort(us, kind="stable")
    low, high = (order[round(share * (len(order) - 1))] for share in (0.05, 0.95))
    both = bool(working[low] and working[high])
    said = {
        "baseline": baseline_name(choice),
        "low": amount(us[low] / DAY_US) if both else days_said(us[low], is_working=working[low]),
        "high": days_said(us[high], is_working=working[high]),
    }
    if us[low] == us[high]:
        return _("%(baseline)s (%(high)s)") % said
    return _("%(baseline)s (%(low)s to %(high)s, by kind of work)") % said


def days_said(us: float, *, is_working: bool) -> str:
    """Say how long one wait is."""
    if not is_working:
        return duration(us)
    days = us / DAY_US
    said = ngettext("%(n)s working day", "%(n)s working days", 1 if round(days, 1) == 1 else 2) % {"n": amount(days)}
    return said.replace(" ", NO_BREAK)


def sum_said(us: float, choice: Choice) -> str:
    """Say a sum of waits."""
    if not choice.working:
        return case_days(us)
    days = us / DAY_US
    said = _("%(n)s working case-days") % {"n": amount(days, 0 if days >= 10 else 1)}
    return said.replace(" ", NO_BREAK)


def money(us: int, choice: Choice) -> str:
    """Say what a sum of waits costs at the rate the reader stated; nothing without one."""
    if choice.dollars is None:
        return ""
    said = {"rate": choice.rate, "sum": pgettext("money", "$%(n)s") % {"n": number(us / DAY_US * choice.dollars)}}
    return _("At your rate of $%(rate)s a case-day that is %(sum)s.") % said


def sentence(
    subject: Subject, choice: Choice, row: Barrier, median: float | None, idle: float | None, baseline: str
) -> str:
    """One barrier in one sentence: what it holds, how long, whether anybody works on it, and how far above what."""
    parts = [_holds(subject, choice, row), _half(choice, median), _nobody(idle)]
    said = {
        "what": pgettext("between clauses", "; ").join(part for part in parts if part),
        "above": sum_said(row.excess_us, choice),
        "baseline": baseline,
    }
    return _("%(what)s: %(above)s above %(baseline)s.") % said


def _holds(subject: Subject, choice: Choice, row: Barrier) -> str:
    now = bool(row.open) and subject.records_open
    said = {"n": number(row.n), "cases": count_of_cases(row.open), "group": name_of(subject, choice, row.group)}
    if choice.by == HANDOVER:
        sender, receiver = row.group.split(BETWEEN)
        said |= {"sender": subject.offices.get(sender, sender), "receiver": subject.offices.get(receiver, receiver)}
        if now:
            return _("%(receiver)s holds %(cases)s that came from %(sender)s") % said
        return _("%(receiver)s held cases from %(sender)s %(n)s times") % said
    if choice.by == STEP:
        return (_("“%(group)s” holds %(cases)s") if now else _("“%(group)s” was passed %(n)s times")) % said
    return (_("%(group)s holds %(cases)s") if now else _("%(group)s held cases %(n)s times")) % said


def _half(choice: Choice, median: float | None) -> str:
    if median is None:
        return _("more than half have not left yet")
    return _("half wait over %(median)s") % {"median": days_said(median, is_working=choice.working)}


def _nobody(idle: float | None) -> str:
    if idle is None:
        return ""
    if idle > 0.5:
        return _("most of that time nobody is working on them")
    return _("%(share)s of that time nobody is working on them") % {"share": percent(idle)}


def interval_said(row: Barrier, choice: Choice) -> str:
    """Say how far the time above the baseline would differ in another such period."""
    if row.excess is None:
        return _("Fewer than 10 weeks: no interval.")
    said = {"low": number(row.excess.low / DAY_US), "high": sum_said(row.excess.high, choice)}
    return _("95%% interval: %(low)s to %(high)s.") % said


def rank_said(row: Barrier, ranked: int) -> str:
    """Say its rank and between which ranks it stands in 95 of 100 such periods."""
    if row.rank is None:
        return _("not ranked")
    said = {"rank": number(row.rank), "all": number(ranked)}
    if row.ranks is None:
        return _("Rank %(rank)s of %(all)s.") % said
    said |= {"low": number(row.ranks.low), "high": number(row.ranks.high)}
    if row.ranks.low == row.ranks.high:
        return _("Rank %(rank)s of %(all)s, and so in 95 of 100 such periods.") % said
    return _("Rank %(rank)s of %(all)s; in 95 of 100 such periods between %(low)s and %(high)s.") % said


def chance_said(row: Barrier, choice: Choice) -> str:
    """Say what chance alone would give, and whether this is more."""
    if row.noise_high_us is None:
        if choice.baseline == TARGET:
            return _("Nobody else does most of this kind of work, so whether it is more than chance cannot be told.")
        return _("One office does most of these services, so whether it is more than chance cannot be told.")
    said = {"noise": sum_said(row.noise_high_us, choice)}
    if row.stands_out is None:
        return _("Names dealt at random give up to %(noise)s; without an interval, more cannot be told.") % said
    if row.stands_out:
        return _("It stands out: names dealt at random give at most %(noise)s.") % said
    if row.excess is not None and row.excess_us > row.noise_high_us:
        # More than chance this time: without a reason, the two numbers would read as a contradiction.
        said["low"] = sum_said(row.excess.low, choice)
        return (
            _("It may be chance: its interval begins at %(low)s, and names dealt at random give up to %(noise)s.")
            % said
        )
    return _("It does not stand out: names dealt at random give up to %(noise)s.") % said
