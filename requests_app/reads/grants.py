"""What somebody who signed in may do: from their memberships, and from those of colleagues they stand in for."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import connection

from requests_app.clock import now
from requests_app.models import User
from requests_app.permissions import Grant, Role

PASSED_ON = (Role.HANDLER, Role.MANAGER)
"""The roles whose rights a deputy has meanwhile: nobody administers or evaluates in place of somebody else."""

_STATEMENT = """
SELECT role, jurisdiction_id, office_id, service_id, area_id, NULL FROM requests_app_membership membership
  LEFT JOIN requests_app_jurisdiction place ON place.id = membership.jurisdiction_id
 WHERE user_id = %(user)s AND {in_force}
   AND EXISTS (SELECT 1 FROM requests_app_user myself WHERE myself.id = %(user)s AND myself.is_active)
UNION ALL
SELECT membership.role, absence.jurisdiction_id, office_id, service_id, area_id, absence.user_id
  FROM requests_app_absence absence
  JOIN requests_app_jurisdiction place ON place.id = absence.jurisdiction_id
  JOIN requests_app_user absent ON absent.id = absence.user_id AND absent.is_active
  JOIN requests_app_user deputy ON deputy.id = absence.deputy_id AND deputy.is_active
  JOIN requests_app_membership membership ON membership.user_id = absence.user_id AND {in_force}
   AND (membership.jurisdiction_id IS NULL OR membership.jurisdiction_id = absence.jurisdiction_id)
 WHERE absence.deputy_id = %(user)s AND absence.ended_at IS NULL
   AND (%(now)s AT TIME ZONE place.time_zone)::date BETWEEN absence.starts_on AND absence.ends_on
   AND membership.role = ANY(%(passed_on)s)
   AND EXISTS (SELECT 1 FROM requests_app_membership own WHERE own.user_id = %(user)s AND own.role = ANY(%(passed_on)s)
               AND (own.jurisdiction_id IS NULL OR own.jurisdiction_id = absence.jurisdiction_id) AND {own_in_force})
"""
_IN_FORCE = """(%(now)s AT TIME ZONE COALESCE(place.time_zone, %(zone)s))::date
       BETWEEN COALESCE({rows}.starts_on, '-infinity') AND COALESCE({rows}.ends_on, 'infinity')"""
_GRANTS = _STATEMENT.format(in_force=_IN_FORCE.format(rows="membership"), own_in_force=_IN_FORCE.format(rows="own"))

_WITH_GRANTS = """
SELECT person.*, (SELECT coalesce(json_agg(json_build_array(role, place_id, office_id, service_id, area_id, behalf)),
                                  '[]')
                    FROM (GRANTS) AS granted (role, place_id, office_id, service_id, area_id, behalf)) AS grant_rows
  FROM requests_app_user person WHERE person.id = %(user)s
""".replace("GRANTS", _GRANTS)


def grants_of(user_id: int) -> tuple[Grant, ...]:
    """The grants of a user today, none of somebody who may not sign in any more; one statement.

    What is passed on for the days of an absence is what the absent person has themselves, in the place of the absence
    only, as far as a deputy may be given it; what they were passed on is not passed on again.
    """
    with connection.cursor() as cursor:
        cursor.execute(_GRANTS, _asked(user_id))
        return _read(cursor.fetchall())


def user_with_grants(user_id: int) -> User | None:
    """The user with what they may do, read together: one statement on every page of somebody who signed in."""
    return next(iter(User.objects.raw(_WITH_GRANTS, _asked(user_id))), None)


def grants_read_with(user: User) -> tuple[Grant, ...]:
    """The grants that were read with the user, once; those of now where they were not, or were used before."""
    rows = getattr(user, "grant_rows", None)
    if rows is None:
        return grants_of(user.pk)
    del user.grant_rows  # type: ignore[attr-defined]
    return _read(rows)


def _asked(user_id: int) -> dict[str, Any]:
    passed_on = [role.value for role in PASSED_ON]
    return {"user": user_id, "now": now(), "passed_on": passed_on, "zone": settings.TIME_ZONE}


def _read(rows: Iterable[Sequence[Any]]) -> tuple[Grant, ...]:
    return tuple(Grant(Role(role), *narrowed) for role, *narrowed in rows)
