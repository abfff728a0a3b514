"""Words and pictures: erasable, and public only after a person released them."""

from typing import ClassVar

from django.db import models

from requests_app.models.service import Question
from requests_app.models.service_request import ServiceRequest
from requests_app.models.user import User


class Words(models.Model):
    """A text that belongs to a case. Events point here; erasing empties the body, never the event."""

    class Kind(models.TextChoices):
        """Who wrote it, for whom."""

        DESCRIPTION = "description"
        COMMENT = "comment"
        REPLY = "reply"
        ANSWER = "answer"
        NOTE = "note"
        RATING = "rating"

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="words")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    body = models.TextField()
    language = models.CharField(max_length=10, default="en")
    written_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    erased_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "words"


class Answer(models.Model):
    """The answer to one question, as the version that was asked."""

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    value = models.TextField(blank=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "question"], name="answer_once"),
        ]


class Photo(models.Model):
    """A photo, always re-encoded: no metadata of the original is kept."""

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="photos")
    file_name = models.CharField(max_length=80, help_text="Random name in the private media store.")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    added_at = models.DateTimeField()
    by_citizen = models.BooleanField(default=True)
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    erased_at = models.DateTimeField(null=True)
