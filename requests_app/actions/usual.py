"""Keep what was measured of past requests: the whole of one place at once, so that no page mixes two measurements."""

from collections.abc import Mapping

from django.db import transaction

from requests_app.clock import now
from requests_app.models import Jurisdiction, Office, OfficeTime, Service, ServiceTime
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


def _ids(kind: type[Service] | type[Office], place: Jurisdiction) -> Mapping[str, int]:
    return dict(kind.objects.filter(jurisdiction=place).values_list("code", "pk"))
