"""Who is away, who stands in for them, and for whom somebody may say so."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Q, QuerySet

from requests_app.models import Absence, Jurisdiction, User, in_force
from requests_app.permissions import Role, Viewer
from requests_app.reads.grants import PASSED_ON


def of_days(place: Jurisdiction, first: date, last: date) -> QuerySet[Absence]:
    """The absences of a place that share a day with the days from `first` to `last` and were not called off."""
    found = Absence.objects.filter(jurisdiction=place, ended_at=None, starts_on__lte=last, ends_on__gte=first)
    return found.select_related("user", "deputy").order_by("starts_on", "pk")


def away_today(place: Jurisdiction, user_id: int | None) -> Absence | None:
    """The absence of somebody that covers today; one statement, none for nobody."""
    if user_id is None:
        return None
    return of_days(place, place.today, place.today).filter(user_id=user_id).first()


def stood_in_for(viewer: Viewer, place: Jurisdiction) -> list[Absence]:
    """The absences of today for which the viewer stands in; no statement where there is none."""
    absent = viewer.stands_in_for(place.pk)
    if not absent:
        return []
    return list(of_days(place, place.today, place.today).filter(deputy_id=viewer.user_id, user_id__in=absent))


def colleagues(place: Jurisdiction) -> QuerySet[User]:
    """The people of the desks of a place: those who can be away and stand in."""
    here = (Q(memberships__jurisdiction=place) | Q(memberships__jurisdiction=None)) & in_force(
        place.today, "memberships__"
    )
    works = User.objects.filter(here, is_active=True, memberships__role__in=PASSED_ON)
    return works.distinct().order_by("display_name", "pk")


def people_of(viewer: Viewer, place: Jurisdiction) -> list[User]:
    """For whom the viewer may say that they are away: themselves first, then those they manage; one statement."""
    managing = [g for g in viewer.grants_with_role(Role.MANAGER, place.pk) if g.on_behalf_of_id is None]
    wanted = Q(pk=viewer.user_id or 0)
    if any(grant.is_whole for grant in managing):
        wanted = Q()
    for office_id in {grant.office_id for grant in managing if grant.office_id is not None and wanted}:
        wanted |= Q(
            pk__in=User.objects.filter(in_force(place.today, "memberships__"), memberships__office_id=office_id).values(
                "pk"
            )
        )
    return sorted(colleagues(place).filter(wanted), key=lambda person: person.pk != viewer.user_id)


def absences_of(people: Sequence[User], viewer: Viewer, place: Jurisdiction) -> list[Absence]:
    """The absences of today and to come of those people, and those for which the viewer stands in."""
    concerned = Q(user__in=people) | Q(deputy_id=viewer.user_id or 0)
    return list(of_days(place, place.today, date.max).filter(concerned))
