"""What somebody who signed in may do, from their memberships."""

from requests_app.models import Membership
from requests_app.permissions import Grant


def grants_of(user_id: int) -> tuple[Grant, ...]:
    """The grants of a user; one statement."""
    return tuple(membership.as_grant() for membership in Membership.objects.filter(user_id=user_id))
