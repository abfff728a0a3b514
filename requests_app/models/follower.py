"""People who want to hear of a case, or whom it affects, without an account."""

from typing import ClassVar

from django.db import models

from requests_app.models.person import Person
from requests_app.models.service_request import ServiceRequest


class Follower(models.Model):
    """Somebody who follows a case. The address is the person's; nothing is sent before it was confirmed.

    `moved_from` is the case that was joined with this one: undoing the merge brings the follower back.
    `is_filer` marks who filed that case: they follow the other one as long as the two are joined.
    """

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="followers")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    moved_from = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, null=True, related_name="+")
    is_filer = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person"], name="follower_person")]


class Supporter(models.Model):
    """One person whom a case affects too, counted once: a keyed hash that tells nothing of who it is."""

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="+")
    person_hash = models.CharField(max_length=64)
    supported_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "person_hash"], name="supported_once"),
        ]
