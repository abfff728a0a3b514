"""Little’s check in words."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from analytics.core.progress import Little
from analytics.reports.wording import amount, duration, number, percent

BALANCED: Final = 0.05
"""What came and what left differ by no more than this share of what came: then stays, not a backlog, are the reason."""


def little_sentence(one: Little, weeks: int, period_us: int) -> str:
    """Say whether arrivals × stay gives what was there, and why not where it does not."""
    if one.gap is None or one.mean_stay_us is None:
        return _("Nothing left in this period, so how long a stay lasts cannot be told.")
    a_week = one.came / weeks
    said = {
        "a_week": amount(a_week),
        "stay": duration(one.mean_stay_us),
        "expected": amount(one.came * one.mean_stay_us / period_us),
        "there": amount(one.mean_there),
        "gap": percent(one.gap),
        "came": number(one.came),
        "left": number(one.left),
    }
    first = _(
        "%(a_week)s arrivals a week × %(stay)s each = %(expected)s in progress; %(there)s were there on average, "
        "%(gap)s apart."
    )
    return f"{first % said} {_why(one) % said}"


def _why(one: Little) -> str:
    if one.steady:
        return _("The law holds, so averages of this period describe it.")
    if one.came > one.left * (1 + BALANCED):
        return _(
            "The law does not hold, because more came (%(came)s) than left (%(left)s): a backlog grows, and averages "
            "describe neither the beginning nor the end."
        )
    if one.left > one.came * (1 + BALANCED):
        return _(
            "The law does not hold, because more left (%(left)s) than came (%(came)s): a backlog is cleared, and "
            "averages describe neither the beginning nor the end."
        )
    return _(
        "The law does not hold, because what left is not what was there: long stays began before the period or go on "
        "beyond it."
    )
