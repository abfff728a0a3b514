"""Numbers, durations and days as a reader of English or French writes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from requests_app.text.spoken import spoken_date, spoken_number, spoken_time, tongue

NO_BREAK: Final = "\u00a0"
MINUTE_US: Final = 60_000_000
HOUR_US: Final = 60 * MINUTE_US
DAY_US: Final = 24 * HOUR_US


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit of one table of durations: every cell of a column is in the same one."""

    code: str
    us: int

    @property
    def word(self) -> str:
        """Name the unit as it stands in a column head."""
        words = {"minutes": pgettext("unit", "minutes"), "hours": pgettext("unit", "hours")}
        return words.get(self.code, pgettext("unit", "days"))


DAYS: Final = Unit("days", DAY_US)
HOURS: Final = Unit("hours", HOUR_US)
MINUTES: Final = Unit("minutes", MINUTE_US)


def unit_for(longest_us: float | None) -> Unit:
    """Take hours for tables whose largest typical time is under two days, minutes under two hours."""
    if longest_us is None or longest_us >= 2 * DAY_US:
        return DAYS
    return MINUTES if 0 < longest_us < 2 * HOUR_US else HOURS


def number(value: float, decimals: int = 0) -> str:
    """1234.5 → “1,234.5” or « 1 234,5 »."""
    return spoken_number(value, get_language(), decimals)


def amount(value: float, decimals: int = 1) -> str:
    """Write a measured amount; one too small to show is not called zero."""
    least = 0.1 if decimals else 1.0
    if 0 < value < least / 2:
        return f"<{NO_BREAK}{number(least, decimals)}"
    return number(value, decimals)


def percent(share: float) -> str:
    """0.125 → “12.5%” or « 12,5 % »; a share under a tenth of a percent is not called zero."""
    if 0 < share < 0.001:
        return pgettext("percent", "< %(number)s%%") % {"number": number(0.1, 1)}
    return pgettext("percent", "%(number)s%%") % {"number": number(100 * share, 1 if share < 0.995 else 0)}


def duration(us: float | None) -> str:
    """Say a time in words: “3.2 days”, « 3,2 jours », “40 minutes”; “not known” for ``None``."""
    if us is None:
        return _("not known")
    if 0 < us < MINUTE_US / 2:
        return _("less than a minute")
    if us < HOUR_US:
        return _amount(us / MINUTE_US, 0, ngettext("%(n)s minute", "%(n)s minutes", _plural(round(us / MINUTE_US))))
    if us < 2 * DAY_US:
        hours = round(us / HOUR_US, 1)
        return _amount(hours, 1, ngettext("%(n)s hour", "%(n)s hours", _plural(hours)))
    days = round(us / DAY_US, 1)
    return _amount(days, 1 if days < 100 else 0, ngettext("%(n)s day", "%(n)s days", _plural(days)))


def brief(us: float | None) -> str:
    """Say a time where there is little room: a dash for none, “< 1 min” for one too short to say."""
    if us is None:
        return "–"
    return pgettext("duration", "< 1 min").replace(" ", NO_BREAK) if 0 < us < MINUTE_US / 2 else duration(us)


def case_days(us: float) -> str:
    """Say a sum of times over cases: “1,234 case-days”."""
    days = us / DAY_US
    said = _("%(n)s case-days") % {"n": amount(days, 0 if days >= 10 else 1)}
    return said.replace(" ", NO_BREAK)


def count_of_stays(n: int) -> str:
    """Write “1 stay”, “2,300 stays”."""
    return ngettext("%(n)s stay", "%(n)s stays", n) % {"n": number(n)}


def count_of_cases(n: int) -> str:
    """Say how many cases: “1 case”, “1,234 cases”."""
    return ngettext("%(n)s case", "%(n)s cases", n) % {"n": number(n)}


def day(on: date) -> str:
    """Say a day in full."""
    return spoken_date(on, get_language(), weekday=False)


def moment(at: datetime, zone: str) -> str:
    """Say a moment in the local time of the jurisdiction."""
    return spoken_time(at, zone, get_language(), weekday=False)


def _amount(value: float, decimals: int, text: str) -> str:
    shown = number(value, decimals)
    said = text % {"n": shown.removesuffix(number(0.0, 1)[1:]) if decimals else shown}
    return said.replace(" ", NO_BREAK)


def _plural(value: float) -> int:
    """Pick the number whose grammar fits: English says 1.5 days, French 1,5 jour."""
    if tongue(get_language()) == "fr":
        return 1 if value < 2 else 2
    return 1 if value == 1 else 2
