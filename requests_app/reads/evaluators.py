"""The staff who read reports of all of a place: whom a report may be mailed to."""

from django.db.models import Q

from requests_app.models import Jurisdiction, Membership, User, in_force
from requests_app.permissions import CAPABILITIES, Role
from requests_app.states import Capability

READERS = tuple(role for role in Role if Capability.SEE_REPORTS in CAPABILITIES[role] and role is not Role.HANDLER)


def whole_evaluators(place: Jurisdiction) -> list[User]:
    """Who may read every report of a place today and has a mail address, in the order of their names; one statement."""
    whole = Q(role__in=READERS, office=None, service=None, area=None) & (Q(jurisdiction=place) | Q(jurisdiction=None))
    reading = Membership.objects.filter(whole, in_force(place.today))
    people = User.objects.filter(pk__in=reading.values("user"), is_active=True).exclude(email="")
    return list(people.order_by("display_name", "username"))
