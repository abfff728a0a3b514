"""How long similar requests took, in the words of a citizen’s page."""

from dataclasses import dataclass

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from requests_app.models import Jurisdiction, ServiceTime
from requests_app.text.spoken import WEEKDAYS, spoken_date, spoken_number


@dataclass(frozen=True, slots=True)
class UsualSaid:
    """The figures in one sentence, and what they rest on in another."""

    sentence: str
    basis: str


def usual_said(time: ServiceTime | None, place: Jurisdiction) -> UsualSaid | None:
    """What to say of similar requests; None where too few say it."""
    return UsualSaid(_sentence(time), _basis(time, place)) if time else None


def _sentence(time: ServiceTime) -> str:
    half, most = time.half_days or 0, time.most_days
    if half == 0:
        first = _("Of similar requests, half were finished on the day they were sent or before the next working day")
    else:
        days = ngettext("%(half)s working day", "%(half)s working days", half) % {"half": _number(half)}
        first = _("Of similar requests, half were finished in %(days)s") % {"days": days}
    if most is None:
        return _("%(first)s; one in ten or more take longer than we can tell yet.") % {"first": first}
    return ngettext("%(first)s, nine in ten in %(most)s day.", "%(first)s, nine in ten in %(most)s days.", most) % {
        "first": first,
        "most": _number(most),
    }


def _basis(time: ServiceTime, place: Jurisdiction) -> str:
    """Which requests, counted how, by which calendar."""
    said = {
        "number": _number(time.requests),
        "since": spoken_date(time.filed_from, get_language(), weekday=False),
        "place": place.name,
        "days": _days_of(place),
    }
    return (
        _(
            "This is measured, not promised: %(number)s requests for this service sent since %(since)s, those still "
            "open counted too. Working days are those of %(place)s: %(days)s."
        )
        % said
    )


def _days_of(place: Jurisdiction) -> str:
    """The days of the week on which the place works, and whether holidays count."""
    calendar = place.calendar()
    names = WEEKDAYS["fr" if (get_language() or "en").startswith("fr") else "en"]
    open_days = [day for day in range(7) if calendar.slots.get(day)]
    week = _week(open_days, [names[day] for day in open_days])
    if not calendar.holiday_subdivision:
        return week
    return _("%(week)s, without public holidays") % {"week": week}


def _week(days: list[int], names: list[str]) -> str:
    if len(days) == 7:
        return _("every day")
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return _("%(first)s to %(last)s") % {"first": names[0], "last": names[-1]}
    return ", ".join(names)


def _number(value: int) -> str:
    return spoken_number(value, get_language())
