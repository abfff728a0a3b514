"""What the citizen said of how it went."""

from django.db import models

from requests_app.models.service_request import ServiceRequest


class Rating(models.Model):
    """One rating of a closed case: a score from 1 to 5 and whether it is fixed."""

    request = models.OneToOneField(ServiceRequest, on_delete=models.CASCADE, related_name="rating")
    score = models.PositiveSmallIntegerField()
    is_fixed = models.BooleanField(null=True)
    rated_at = models.DateTimeField()
