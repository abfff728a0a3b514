"""One visit of several offices to one place, or along one round: proposed, accepted by each, made."""

from typing import ClassVar

from django.contrib.gis.db import models

from requests_app.models.jurisdiction import Jurisdiction
from requests_app.models.office import Office
from requests_app.models.service_request import ServiceRequest
from requests_app.models.user import User


class Visit(models.Model):
    """One visit. `inputs` is what the proposal went by: ids, codes and numbers, as they were then.

    `separate` is how many visits would have been made without it, one by each office whose case was seen; it and
    `saved` (`separate` less the one that was made) are filled in when the visit is over.
    """

    class Kind(models.TextChoices):
        """Whether everything is at one place, or at stops along one way."""

        PLACE = "place"
        ROUND = "round"

    class State(models.TextChoices):
        """Where it stands."""

        PROPOSED = "proposed"
        PLANNED = "planned"
        DONE = "done"
        CANCELLED = "cancelled"

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE, related_name="visits")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PLACE)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    inputs = models.JSONField(default=dict)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField()
    planned_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True, help_text="When it was done, or cancelled.")
    separate = models.PositiveIntegerField(null=True)
    saved = models.PositiveIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="visit_ends_after_start")
        ]
        indexes: ClassVar = [models.Index(fields=["jurisdiction", "state", "starts_at"], name="visit_to_come")]


class VisitPart(models.Model):
    """One office's part: asked, and what it answered."""

    class State(models.TextChoices):
        """What the office said."""

        PROPOSED = "proposed"
        ACCEPTED = "accepted"
        DECLINED = "declined"

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="parts")
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    reason = models.CharField(max_length=40, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["visit", "office"], name="visit_part_once")]


class VisitCase(models.Model):
    """One case of a visit, at the office that held it when the visit was proposed.

    A case is in one visit at a time: until it is seen, drops out, or the visit is over.
    """

    class State(models.TextChoices):
        """What became of the case in this visit."""

        IN = "in"
        DROPPED = "dropped"
        VISITED = "visited"

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="cases")
    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="visit_cases")
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0, help_text="Its place along the way.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.IN)
    reason = models.CharField(max_length=40, blank=True, help_text="Why it dropped out.")
    outcome = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["visit", "request"], name="visit_case_once"),
            models.UniqueConstraint(fields=["request"], condition=models.Q(state="in"), name="one_visit_at_a_time"),
        ]
