"""A link that lets somebody in once, so that no password is ever mailed."""

from typing import ClassVar

from django.db import models

from requests_app.models.user import User


class SignInLink(models.Model):
    """A link for one person, good once and for a few days: signed, so that nothing secret is kept.

    The newest of a person is the one that works; an older one is void.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_links")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "-made_at"], name="sign_in_link_newest")]
