"""Stays of cases at offices."""

from typing import ClassVar

from django.db import models

from requests_app.models.office import Office
from requests_app.models.service_request import ServiceRequest


class Hold(models.Model):
    """One stay of a case at an office on one branch, with its three clocks when known.

    transfer = sent_at → accepted_at; queue = accepted_at → started_at; service = started_at →
    ended_at. NULL means not recorded, never zero.
    """

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="holds")
    number = models.PositiveSmallIntegerField()
    branch = models.PositiveSmallIntegerField(default=0)
    is_lead = models.BooleanField(default=True)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+")
    sender = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, related_name="+")
    step = models.CharField(
        max_length=60, blank=True, db_default="", help_text="What a branch beside the lead one is for."
    )
    sent_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(
        null=True, help_text="Until when it must be accepted; not part of the projection."
    )
    ended_by = models.CharField(max_length=24, blank=True, help_text="The activity that ended it.")
    opened_by = models.CharField(max_length=24, blank=True, db_default="", help_text="The activity that opened it.")

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "number"], name="hold_number_once"),
            models.UniqueConstraint(
                fields=["request", "branch"], condition=models.Q(ended_at=None), name="one_open_hold_a_branch"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["office"], name="hold_open_at_office", condition=models.Q(ended_at=None)),
            models.Index(fields=["office", "request"], name="hold_office_request"),
            models.Index(
                fields=["office", "request"],
                name="hold_beside",
                condition=models.Q(ended_at=None, is_lead=False),
            ),
            models.Index(
                fields=["sender", "-sent_at"], name="hold_handed_off", condition=models.Q(opened_by="handed_off")
            ),
        ]
