"""The case: a projection of its events."""

from datetime import datetime
from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db.models.functions import Upper

from requests_app.models.area import Area
from requests_app.models.jurisdiction import Jurisdiction
from requests_app.models.office import Office
from requests_app.models.person import Person
from requests_app.models.service import Service, Workflow
from requests_app.models.user import User
from requests_app.querysets import DUE_OR_NEVER, LONG_OR_NEVER, SPARED, URGENCY, RequestQuerySet, hazards
from requests_app.states import KIND_OF, Kind, Outcome, Status

_OPEN = ~models.Q(status=Status.CLOSED)


class Channel(models.TextChoices):
    """How a request came in."""

    WEB = "web"
    PHONE = "phone"
    COUNTER = "counter"
    MAIL = "mail"
    STAFF = "staff"
    OPEN311 = "open311"
    IMPORT = "import"


class ServiceRequest(models.Model):
    """A request as it stands now. Only actions write it; `projection.replay` rebuilds it."""

    reference = models.CharField(max_length=24, unique=True)
    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="requests")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, null=True, related_name="+")
    form_version = models.PositiveIntegerField(
        default=1, db_default=1, help_text="The version of the service’s questions it was filed with."
    )
    step = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=20, choices=[(s.value, s.value) for s in Status])
    outcome = models.CharField(max_length=20, blank=True, choices=[(o.value, o.value) for o in Outcome])
    office = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, related_name="+")
    handler = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    priority = models.SmallIntegerField(default=0)
    version = models.PositiveIntegerField()
    hidden = models.BooleanField(default=False)

    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, related_name="+")
    location = models.PointField(srid=4326, null=True)
    address_label = models.CharField(max_length=200, blank=True)

    channel = models.CharField(max_length=20, choices=Channel.choices, default=Channel.WEB)
    language = models.CharField(max_length=10, default="en")
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")
    supporters = models.PositiveIntegerField(default=0)

    submitted_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    promise = models.JSONField(default=dict, help_text="Target and calendar as they were when promised.")
    acknowledge_due_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    step_began_at = models.DateTimeField(null=True)
    step_due_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True, help_text="Since when the promise waits for the citizen.")
    paused_s = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Seconds it has waited so far, calendar time."
    )
    pauses = models.JSONField(
        default=list, db_default=[], help_text='Stretches that do not count: [[from, to, "citizen" or "closed"], …].'
    )
    delayed_until = models.DateTimeField(null=True, help_text="The new date given for a promise that was not kept.")
    long_at = models.DateTimeField(
        null=True, help_text="From when it is longer at its office than 9 in 10 of its kind; empty: nobody knows."
    )
    put_off_until = models.DateTimeField(null=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    parts = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="How many it was split into.")
    open_parts = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="How many of them are not done.")
    tags = models.JSONField(default=list, db_default=models.Value([], models.JSONField()), help_text="Codes.")
    closed_at = models.DateTimeField(null=True)
    first_closed_at = models.DateTimeField(null=True)

    tracking_hash = models.CharField(max_length=64, blank=True)
    submission_key_hash = models.CharField(max_length=64, null=True)
    submission_body_hash = models.CharField(max_length=64, blank=True)
    source_reference = models.CharField(max_length=120, null=True)

    objects: ClassVar = RequestQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["jurisdiction", "submission_key_hash"], name="submission_once"),
            models.UniqueConstraint(fields=["jurisdiction", "source_reference"], name="source_reference_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["jurisdiction", "-submitted_at", "-id"], name="request_newest"),
            models.Index(fields=["jurisdiction", "office", "status"], name="request_office_queue"),
            models.Index(
                fields=["jurisdiction", "status", "office"],
                include=["id", "due_at", "paused_at", "service", "area", "channel", "priority", "supporters"],
                name="request_counted",
            ),
            models.Index(fields=["jurisdiction", "due_at"], name="request_due", condition=_OPEN),
            models.Index("jurisdiction", DUE_OR_NEVER, "id", name="request_due_first", condition=_OPEN),
            models.Index("jurisdiction", URGENCY, DUE_OR_NEVER, "id", name="request_urgent_first", condition=_OPEN),
            models.Index("jurisdiction", SPARED, DUE_OR_NEVER, "id", name="request_affected_first", condition=_OPEN),
            models.Index("jurisdiction", LONG_OR_NEVER, "id", name="request_longest_first", condition=_OPEN),
            models.Index(fields=["jurisdiction", "-updated_at", "-id"], name="request_changed"),
            models.Index(fields=["jurisdiction"], name="request_hazard", condition=_OPEN & hazards()),
            models.Index(fields=["service", "area"], name="request_service_area"),
            GinIndex(OpClass(Upper("reference"), "gin_trgm_ops"), name="request_reference_said"),
            GinIndex(OpClass(Upper("address_label"), "gin_trgm_ops"), name="request_address_said"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def kind(self) -> Kind:
        """The kind of the status: new, work, handoff, paused or closed."""
        return KIND_OF[Status(self.status)]

    @property
    def is_open(self) -> bool:
        """Whether the case is not closed."""
        return self.status != Status.CLOSED

    def is_overdue_at(self, moment: datetime) -> bool:
        """Whether the promise of an open case is broken at a moment; while it waits for the citizen it cannot break."""
        return self.is_open and self.due_at is not None and self.due_at < (self.paused_at or moment)
