"""A link that lets somebody in once, so that no password is ever mailed."""

from typing import ClassVar

from django.db import models

from requests_app.models.user import User


class SignInLink(models.Model):
    """A secret address for one person: good once and for a few days; only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_links")
    token_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "-made_at"], name="sign_in_link_newest")]
