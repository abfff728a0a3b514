"""The morning mail: one a person and working day, queued by a job; what is in it is read when it is sent."""

from datetime import datetime
from zoneinfo import ZoneInfo

from requests_app.clock import now
from requests_app.models import Jurisdiction, Membership, Provenance, in_force
from requests_app.notify.queueing import queue_morning
from requests_app.permissions import Role

HOURS = range(7, 12)
"""The hours of the place's clocks in which the mail goes out: a server that slept through them sends none late."""


def queue_morning_mails() -> int:
    """Queue the mail of everybody whose working day has begun; how many people that are, told before or not."""
    moment = now()
    told = {user for place in _places() if _is_morning(place, moment) for user in _workers(place)}
    queue_morning(told, moment)
    return len(told)


def _places() -> list[Jurisdiction]:
    return list(Jurisdiction.objects.exclude(provenance=Provenance.IMPORTED).defer("boundary"))


def _is_morning(place: Jurisdiction, moment: datetime) -> bool:
    here = moment.astimezone(ZoneInfo(place.time_zone))
    return here.hour in HOURS and bool(place.calendar().open_slots(here.date()))


def _workers(place: Jurisdiction) -> list[int]:
    working = Membership.objects.filter(
        in_force(place.today),
        jurisdiction=place,
        role__in=(Role.HANDLER, Role.MANAGER),
        user__is_active=True,
        user__mail_digest=True,
    )
    return list(working.exclude(user__email="").values_list("user_id", flat=True).distinct())
