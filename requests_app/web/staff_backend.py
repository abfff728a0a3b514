"""How Django reads who signed in: with their grants, in the statement that reads the user."""

from django.contrib.auth.backends import ModelBackend

from requests_app.models import User
from requests_app.reads.grants import user_with_grants


class StaffBackend(ModelBackend):
    """Passwords as Django keeps them; the user of a session comes with what they may do."""

    def get_user(self, user_id: int) -> User | None:
        """The user of a session, None for one who may not sign in any more."""
        user = user_with_grants(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
