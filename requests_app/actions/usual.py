"""Keep what was measured of past requests: the whole of one place at once, so that no page mixes two measurements."""

from collections.abc import Mapping, Sequence

from django.db import connection, transaction

from requests_app.clock import now
from requests_app.models import Jurisdiction, Office, OfficeTime, Service, ServiceTime
from requests_app.projection import LEAD
from requests_app.usual import Usual


@transaction.atomic
def keep_usual(place: Jurisdiction, usual: Usual) -> None:
    """Put what is usual now in the place of what was. A service or office that is gone meanwhile is left out."""
    services, offices = _ids(Service, place), _ids(Office, place)
    at = now()
    ServiceTime.objects.filter(service__jurisdiction=place).delete()
    OfficeTime.objects.filter(office__jurisdiction=place).delete()
    ServiceTime.objects.bulk_create(
        ServiceTime(
            service_id=services[one.service],
            requests=one.requests,
            still_open=one.still_open,
            half_days=one.half_days,
            most_days=one.most_days,
            filed_from=one.filed_from,
            measured_at=at,
        )
        for one in usual.times
        if one.service in services
    )
    OfficeTime.objects.bulk_create(
        OfficeTime(
            office_id=offices[one.office],
            service_id=services[one.service],
            nine_in_ten=one.nine_in_ten,
            of=one.of,
            measured_at=at,
        )
        for one in usual.stays
        if one.office in offices and one.service in services
    )
    keep_long(place.pk)


# Of a case that moves meanwhile the row is read again, but not what was worked out of it: the version says so.
_KEEP_LONG = """
UPDATE requests_app_servicerequest r SET long_at = known.long_at
  FROM (SELECT c.id, c.version, s.sent_at + t.nine_in_ten AS long_at
          FROM requests_app_servicerequest c
          LEFT JOIN requests_app_hold s
            ON s.request_id = c.id AND s.branch = %(lead)s AND s.ended_at IS NULL AND c.parent_id IS NULL
          LEFT JOIN requests_app_officetime t ON t.office_id = s.office_id AND t.service_id = c.service_id
         WHERE c.jurisdiction_id = %(place)s AND c.status <> 'closed'
           AND (%(ids)s::bigint[] IS NULL OR c.id = ANY(%(ids)s))) known
 WHERE known.id = r.id AND known.version = r.version AND r.long_at IS DISTINCT FROM known.long_at
"""


def keep_long(place_id: int, request_ids: Sequence[int] | None = None) -> None:
    """Work out anew from when each open case of a place is longer at its office than nine in ten of its kind.

    Only `request_ids`, when given. A part is no case of its own. Where a case moves, `_saving` writes the same.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP_LONG, {"place": place_id, "lead": LEAD, "ids": None if request_ids is None else list(request_ids)}
        )


def _ids(kind: type[Service] | type[Office], place: Jurisdiction) -> Mapping[str, int]:
    return dict(kind.objects.filter(jurisdiction=place).values_list("code", "pk"))
