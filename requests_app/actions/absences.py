"""Being away: from when until when, and who stands in; it ends by itself with its last day."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from requests_app.actions.errors import Forbidden, Missing, Refused
from requests_app.clock import now
from requests_app.models import Absence, Jurisdiction, User
from requests_app.permissions import Viewer
from requests_app.reads.absences import away_today, colleagues, of_days, people_of
from requests_app.text.spoken import spoken_date

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Away:
    """Who is away, both days included, and who stands in."""

    user_id: int
    deputy_id: int
    starts_on: date
    ends_on: date


def enter_absence(viewer: Viewer, place: Jurisdiction, away: Away) -> Absence:
    """Say that somebody is away. Oneself, or somebody one manages; Refused with the field that cannot be taken.

    Nobody stands in who is away then, and nobody goes away who stands in for another then: so a deputy is always
    there, and no two stand in for each other.
    """
    if place.is_read_only:
        raise Forbidden
    people = {person.pk: person for person in people_of(viewer, place)}
    if not people:
        raise Forbidden
    with transaction.atomic():
        # Two who name each other at the same moment wait here, one behind the other.
        both = User.objects.select_for_update().filter(pk__in=(away.user_id, away.deputy_id)).order_by("pk")
        known = {person.pk: person for person in both}
        _refuse_days(away, place)
        if away.user_id not in people:
            raise Refused({"user": _("Choose who is away from the list.")})
        _refuse_deputy(away, place, known)
        _refuse_meanwhile(away, place, known)
        return Absence.objects.create(
            jurisdiction=place,
            user_id=away.user_id,
            deputy_id=away.deputy_id,
            starts_on=away.starts_on,
            ends_on=away.ends_on,
            entered_by_id=viewer.user_id,
            entered_at=now(),
        )


def call_off(viewer: Viewer, place: Jurisdiction, absence_id: int) -> Absence:
    """End an absence now, or before it begins; Missing when it is over or of somebody one does not answer for."""
    people = [person.pk for person in people_of(viewer, place)]
    with transaction.atomic():
        found = of_days(place, place.today, date.max).filter(pk=absence_id, user_id__in=people)
        absence = found.select_for_update(of=("self",)).first()
        if absence is None:
            raise Missing
        absence.ended_at = now()
        absence.save(update_fields=["ended_at"])
        return absence


def refuse_absent(place: Jurisdiction, user_id: int) -> None:
    """Refused when somebody is away today, naming until when and who stands in; one statement."""
    absence = away_today(place, user_id)
    if absence is None:
        return
    values = {"person": absence.user.display_name, "until": _day(absence.ends_on)}
    if absence.deputy is None:
        sentence = _("%(person)s is away until %(until)s. Choose somebody else, or tick “even if away”.")
    else:
        values["deputy"] = absence.deputy.display_name
        sentence = _(
            "%(person)s is away until %(until)s and %(deputy)s stands in. Choose %(deputy)s, or tick “even if away”: "
            "%(deputy)s then sees it on their Today."
        )
    raise Refused({"handler": sentence % values})


def _refuse_days(away: Away, place: Jurisdiction) -> None:
    if away.starts_on < place.today:
        raise Refused({"starts_on": _("This day has passed. Give today or a day to come.")})
    if away.ends_on < away.starts_on:
        raise Refused({"ends_on": _("The last day is before the first one. Give a later day.")})
    if away.ends_on - away.starts_on > LONGEST:
        raise Refused({"ends_on": _("An absence lasts a year at most. Give an earlier day.")})


def _refuse_deputy(away: Away, place: Jurisdiction, known: dict[int, User]) -> None:
    if away.deputy_id == away.user_id:
        raise Refused({"deputy": _("Nobody stands in for themselves. Choose somebody else.")})
    if away.deputy_id not in known or not colleagues(place).filter(pk=away.deputy_id).exists():
        raise Refused({"deputy": _("Choose who stands in from the list.")})


def _refuse_meanwhile(away: Away, place: Jurisdiction, known: dict[int, User]) -> None:
    """What is already known of those days stands against it."""
    person, deputy = known[away.user_id].display_name, known[away.deputy_id].display_name
    for other in of_days(place, away.starts_on, away.ends_on):
        days = {"from": _day(other.starts_on), "until": _day(other.ends_on)}
        if other.user_id == away.user_id:
            sentence = _("%(person)s is away already from %(from)s until %(until)s. Call that off first.")
            raise Refused({"starts_on": sentence % {"person": person, **days}})
        if other.user_id == away.deputy_id:
            sentence = _("%(deputy)s is away too, from %(from)s until %(until)s. Choose somebody else.")
            raise Refused({"deputy": sentence % {"deputy": deputy, **days}})
        if other.deputy_id == away.user_id:
            sentence = _(
                "%(person)s stands in for %(other)s from %(from)s until %(until)s. First let somebody else stand in "
                "for %(other)s."
            )
            raise Refused({"user": sentence % {"person": person, "other": other.user.display_name, **days}})


def _day(day: date) -> str:
    return spoken_date(day, get_language())
