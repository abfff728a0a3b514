"""One move made to many cases, case by case, and what became of each."""

from typing import ClassVar

from django.db import models

from requests_app.models.jurisdiction import Jurisdiction
from requests_app.models.service_request import ServiceRequest
from requests_app.models.user import User


class BulkRun(models.Model):
    """A move chosen for several cases. It runs in pieces, so that a long one neither blocks nor is lost.

    `given` holds the codes and ids that were chosen; `words` what is written with each case, kept only until the run
    is over. `undoes` is the run whose moves this one takes back.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    move = models.CharField(max_length=40)
    given = models.JSONField(default=dict)
    words = models.JSONField(default=dict, help_text="Emptied when the run is over.")
    query = models.TextField(blank=True, help_text="The list the cases were chosen from.")
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="undone_by")
    made_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)


class BulkItem(models.Model):
    """One case of a run: the version its officer saw, and how it went.

    `before` is what an undo puts back: ids and codes. `sentence` says why the case was refused.
    """

    class Result(models.TextChoices):
        """How it went."""

        WAITING = "waiting"
        DONE = "done"
        REFUSED = "refused"

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="+")
    seen = models.PositiveIntegerField(help_text="The version that was seen.")
    version = models.PositiveIntegerField(null=True, help_text="The version after the move.")
    before = models.JSONField(default=dict)
    result = models.CharField(max_length=10, choices=Result.choices, default=Result.WAITING)
    code = models.CharField(max_length=40, blank=True)
    sentence = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "request"], name="bulk_case_once"),
        ]
