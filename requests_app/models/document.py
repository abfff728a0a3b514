"""Papers of a case: asked for, received, found good or sent back. Who may read the words of a case may read them."""

from typing import ClassVar

from django.db import models

from requests_app.models.service_request import ServiceRequest
from requests_app.models.user import User


class Document(models.Model):
    """One paper of one kind. It belongs to the case, so it travels with it from office to office.

    A paper that was refused stays as it is; asking again makes another row. Erasing empties the row and drops the file.
    """

    class Status(models.TextChoices):
        """How far it has come."""

        ASKED = "asked"
        RECEIVED = "received"
        ACCEPTED = "accepted"
        REFUSED = "refused"

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=40, help_text='A code of the workflow’s documents; "other" for any other.')
    status = models.CharField(max_length=20, choices=Status.choices)
    reason = models.CharField(max_length=40, blank=True, help_text="Why it was refused: a code.")
    file_name = models.CharField(max_length=80, blank=True, help_text="Random name in the private media store.")
    media_type = models.CharField(max_length=40, blank=True)
    size = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    by_citizen = models.BooleanField(default=True)
    asked_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    erased_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["pk"]
