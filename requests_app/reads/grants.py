"""What somebody who signed in may do: from their memberships, and from those of colleagues they stand in for."""

from django.db import connection

from requests_app.clock import now
from requests_app.permissions import Grant, Role

PASSED_ON = (Role.HANDLER, Role.MANAGER)
"""The roles whose rights a deputy has meanwhile: nobody administers or evaluates in place of somebody else."""

_GRANTS = """
SELECT role, jurisdiction_id, office_id, service_id, area_id, NULL FROM requests_app_membership WHERE user_id = %(user)s
   AND EXISTS (SELECT 1 FROM requests_app_user myself WHERE myself.id = %(user)s AND myself.is_active)
UNION ALL
SELECT membership.role, absence.jurisdiction_id, office_id, service_id, area_id, absence.user_id
  FROM requests_app_absence absence
  JOIN requests_app_jurisdiction place ON place.id = absence.jurisdiction_id
  JOIN requests_app_user absent ON absent.id = absence.user_id AND absent.is_active
  JOIN requests_app_user deputy ON deputy.id = absence.deputy_id AND deputy.is_active
  JOIN requests_app_membership membership ON membership.user_id = absence.user_id
   AND (membership.jurisdiction_id IS NULL OR membership.jurisdiction_id = absence.jurisdiction_id)
 WHERE absence.deputy_id = %(user)s AND absence.ended_at IS NULL
   AND (%(now)s AT TIME ZONE place.time_zone)::date BETWEEN absence.starts_on AND absence.ends_on
   AND membership.role = ANY(%(passed_on)s)
   AND EXISTS (SELECT 1 FROM requests_app_membership own WHERE own.user_id = %(user)s AND own.role = ANY(%(passed_on)s)
               AND (own.jurisdiction_id IS NULL OR own.jurisdiction_id = absence.jurisdiction_id))
"""


def grants_of(user_id: int) -> tuple[Grant, ...]:
    """The grants of a user, none of somebody who may not sign in any more; one statement.

    What is passed on for the days of an absence is what the absent person has themselves, in the place of the absence
    only, as far as a deputy may be given it; what they were passed on is not passed on again.
    """
    passed_on = [role.value for role in PASSED_ON]
    with connection.cursor() as cursor:
        cursor.execute(_GRANTS, {"user": user_id, "now": now(), "passed_on": passed_on})
        return tuple(Grant(Role(role), *narrowed) for role, *narrowed in cursor.fetchall())
