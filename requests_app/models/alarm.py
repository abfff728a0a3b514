"""Something that a person of the place must look at: a broken rule, a hand-off nobody took."""

from enum import StrEnum
from typing import ClassVar

from django.db import models

from requests_app.models.jurisdiction import Jurisdiction
from requests_app.models.office import Office
from requests_app.models.service_request import ServiceRequest
from requests_app.models.user import User


class AlarmKind(StrEnum):
    """What an alarm is about. A new kind needs no migration."""

    RULE_BROKEN = "rule_broken"
    HANDOFF_EXPIRED = "handoff_expired"
    PROMISE_UNKEEPABLE = "promise_unkeepable"


class Alarm(models.Model):
    """One alarm, raised once however often its cause is met, open until it is settled. Codes and ids only.

    `subject` tells alarms of a kind apart where no case or office does: the code of the rule.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE, related_name="alarms")
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=100, blank=True)
    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, null=True, related_name="alarms")
    office = models.ForeignKey(Office, on_delete=models.CASCADE, null=True, related_name="alarms")
    codes = models.JSONField(default=dict)
    raised_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="Who ended it; nobody when it went.",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["jurisdiction", "kind", "subject", "request", "office"],
                condition=models.Q(settled_at=None),
                nulls_distinct=False,
                name="alarm_open_once",
            ),
        ]
