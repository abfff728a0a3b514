"""People who want to hear of a case, or whom it affects, without an account."""

from typing import ClassVar

from django.db import models

from requests_app.models.person import Person
from requests_app.models.service_request import ServiceRequest


class Follower(models.Model):
    """Somebody who follows a case. The address is the person's; nothing is sent before it was confirmed.

    `moved_from` is the case that was joined with this one: the merge added the row, and undoing it takes it away.
    `is_filer` marks who filed that case: they follow the other one as long as the two are joined. All other rows of
    one person are one following, which ends everywhere at once.
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
    """One person whom a case affects too, counted once, by hashes that tell nothing of who it is.

    Each is keyed with the site's key and of this case only, so that rows of two cases cannot be laid side by side, and
    no address of a person or of a network is kept (docs/adr/0005). `person_hash` is of the mail address where one was
    given, else of the browser; `browser_hash` is always of the browser; `network_hash` of the day and rough network.
    """

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="+")
    person_hash = models.CharField(max_length=64)
    browser_hash = models.CharField(max_length=64, blank=True, db_default="")
    network_hash = models.CharField(max_length=64, blank=True, db_default="")
    supported_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "person_hash"], name="supported_once"),
            models.UniqueConstraint(
                fields=["request", "browser_hash"],
                name="supported_once_a_browser",
                condition=~models.Q(browser_hash=""),
            ),
        ]
