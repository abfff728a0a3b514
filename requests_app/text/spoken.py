"""Times, durations and numbers in words, as people in Ontario write them in English and in French."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

NARROW_SPACE = "\u202f"

MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
}
WEEKDAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "fr": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
}
UNITS = {
    "en": {"day": ("day", "days"), "hour": ("hour", "hours"), "minute": ("minute", "minutes")},
    "fr": {"day": ("jour", "jours"), "hour": ("heure", "heures"), "minute": ("minute", "minutes")},
}
UNDER_A_MINUTE = {"en": "less than a minute", "fr": "moins d’une minute"}
NOON = 12


def tongue(language: str | None) -> str:
    """The language whose rules are used: "fr" for any French, English for everything else."""
    return "fr" if (language or "en").startswith("fr") else "en"


def spoken_date(day: date, language: str | None, *, weekday: bool = True) -> str:
    """Say a day: Tuesday, November 3, 2026; mardi 3 novembre 2026."""
    spoken = tongue(language)
    month, name = MONTHS[spoken][day.month - 1], WEEKDAYS[spoken][day.weekday()]
    if spoken == "fr":
        first = "1er" if day.day == 1 else str(day.day)
        return f"{name} {first} {month} {day.year}" if weekday else f"{first} {month} {day.year}"
    plain = f"{month} {day.day}, {day.year}"
    return f"{name}, {plain}" if weekday else plain


def spoken_iso_date(written: str, language: str | None) -> str:
    """Say a day that is written 2026-05-31; anything else stays as it is."""
    try:
        return spoken_date(date.fromisoformat(written), language)
    except ValueError:
        return written


def spoken_decimal(written: str, language: str | None) -> str:
    """Write a number that is kept with a point as the language writes it."""
    return written.replace(".", ",") if tongue(language) == "fr" else written


def spoken_clock(moment: datetime, language: str | None) -> str:
    """Say the wall time that `moment` carries: 2:05 pm; 14 h 05."""
    if tongue(language) == "fr":
        minutes = f"{NARROW_SPACE}{moment.minute:02}" if moment.minute else ""
        return f"{moment.hour}{NARROW_SPACE}h{minutes}"
    hour = moment.hour % NOON or NOON
    half = "am" if moment.hour < NOON else "pm"  # without full stops: these words end sentences
    return f"{hour}:{moment.minute:02} {half}"


def spoken_time(moment: datetime, zone: str, language: str | None, *, weekday: bool = True) -> str:
    """An aware moment on the clocks of `zone`, with its day."""
    local = moment.astimezone(ZoneInfo(zone))
    at = "à" if tongue(language) == "fr" else "at"
    return f"{spoken_date(local.date(), language, weekday=weekday)} {at} {spoken_clock(local, language)}"


def spoken_duration(lasted: timedelta, language: str | None) -> str:
    """The two largest units that matter: "3 days 4 hours", "25 minutes", "less than a minute"."""
    spoken = tongue(language)
    parts = _parts(int(max(lasted, timedelta(0)).total_seconds() // 60))
    if not parts:
        return UNDER_A_MINUTE[spoken]
    return " ".join(_counted(count, unit, spoken) for count, unit in parts)


def _parts(minutes: int) -> list[tuple[int, str]]:
    """At most two neighbouring units; the smaller one only while the larger is small enough for it to matter."""
    hours, days = minutes // 60, minutes // 1440
    if days >= 7:
        return [(round(minutes / 1440), "day")]
    if days:
        return [(count, unit) for count, unit in ((days, "day"), (hours % 24, "hour")) if count]
    if hours >= 6:
        return [(round(minutes / 60), "hour")]
    return [(count, unit) for count, unit in ((hours, "hour"), (minutes % 60, "minute")) if count]


def _counted(count: int, unit: str, spoken: str) -> str:
    one, many = UNITS[spoken][unit]
    is_one = count < 2 if spoken == "fr" else count == 1
    gap = "\u00a0"
    return f"{spoken_number(count, spoken)}{gap}{one if is_one else many}"


def spoken_number(value: float, language: str | None, decimals: int = 0) -> str:
    """Write a number: 12,345.5; 12 345,5."""
    plain = f"{value:,.{decimals}f}"
    if tongue(language) == "en":
        return plain
    return plain.replace(",", NARROW_SPACE).replace(".", ",")
