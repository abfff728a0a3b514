"""The ledger."""

from typing import ClassVar

from django.db import models
from django.db.models.expressions import RawSQL

from requests_app.models.area import Area
from requests_app.models.jurisdiction import Jurisdiction
from requests_app.models.office import Office
from requests_app.models.service import Service
from requests_app.models.service_request import ServiceRequest
from requests_app.models.user import User
from requests_app.states import CITIZEN_ANSWERS, Activity, Actor


class ForeignActivity(models.Model):
    """The name an imported log gives to an activity: the event holds only its id."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE)
    name = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["jurisdiction", "name"], name="foreign_activity_once"),
        ]

    def __str__(self) -> str:
        return self.name


class RequestEvent(models.Model):
    """One thing that happened to a case: codes, ids and times only; no words, names or addresses.

    `occurred_at` is when it happened, `recorded_at` when we learnt it. `xact` is the id of the
    transaction that wrote the row: readers take only rows of transactions that are over
    (`ledger_cursor`), since ids of a sequence commit out of order. A trigger refuses UPDATE,
    DELETE and TRUNCATE.
    """

    request = models.ForeignKey(ServiceRequest, on_delete=models.PROTECT, related_name="events")
    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="+", db_index=False)
    sequence = models.PositiveIntegerField(help_text="1, 2, 3 … within the case; the version after the event.")
    activity = models.CharField(max_length=24, choices=[(a.value, a.value) for a in Activity])
    foreign_activity = models.ForeignKey(
        ForeignActivity, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    xact = models.BigIntegerField(db_default=RawSQL("pg_current_xact_id()::text::bigint", []))

    actor = models.CharField(max_length=16, choices=[(a.value, a.value) for a in Actor])
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    on_behalf_of = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, help_text="Absent, stood in for."
    )
    acting_office = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    holding_office = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    from_status = models.CharField(max_length=20, blank=True)
    to_status = models.CharField(max_length=20)

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, help_text="The office it names."
    )
    handler = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    merged_into = models.ForeignKey(
        ServiceRequest, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    step = models.CharField(max_length=60, blank=True)
    branch = models.PositiveSmallIntegerField(default=0)
    priority = models.SmallIntegerField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    promised_at = models.DateTimeField(null=True, help_text="A date given to the citizen.")
    words_id = models.BigIntegerField(null=True, help_text="Points to `Words`, which may be erased.")
    photo_id = models.BigIntegerField(null=True)
    route_id = models.BigIntegerField(null=True, help_text="The route that fired.")
    score = models.SmallIntegerField(null=True)
    move = models.CharField(
        max_length=60, blank=True, db_default="", help_text="The move of the workflow that was made."
    )
    workflow_id = models.BigIntegerField(null=True, help_text="The version of a workflow the case goes on with.")
    due_at = models.DateTimeField(null=True, help_text="The promise after this event, where it changed.")
    until_at = models.DateTimeField(null=True, help_text="Until when it was put off.")
    document_id = models.BigIntegerField(null=True)
    visit_id = models.BigIntegerField(null=True)
    other_request_id = models.BigIntegerField(null=True, help_text="The part a case was split into, or its whole.")
    explanation = models.JSONField(null=True, help_text="Why it was routed so: codes and ids, never words.")
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        ordering: ClassVar = ["sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "sequence"], name="event_sequence_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["xact", "id"], name="event_commit_order"),
            models.Index(
                fields=["request", "sequence"],
                name="event_citizen_said",
                condition=models.Q(actor=Actor.CITIZEN, activity__in=sorted(CITIZEN_ANSWERS)),
            ),
        ]


class LedgerCursor(models.Model):
    """How far one reader of the ledger has come: the last (transaction, event) it took."""

    reader = models.CharField(max_length=60, primary_key=True)
    xact = models.BigIntegerField(default=0)
    event_id = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(null=True)
