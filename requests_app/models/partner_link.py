"""The signed link by which a partner outside answers for one case, without an account."""

from typing import ClassVar

from django.db import models

from requests_app.models.office import Office
from requests_app.models.service_request import ServiceRequest
from requests_app.models.user import User


class PartnerLink(models.Model):
    """One link, for one stay of a case at one partner. Only the hash of its secret is kept.

    It is used up by the answer that ends the partner's part; it also ends when it expires or is taken back.
    """

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="partner_links")
    hold_number = models.PositiveSmallIntegerField(help_text="The stay it was made for.")
    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="+", help_text="The partner.")
    sender = models.ForeignKey(
        Office, on_delete=models.CASCADE, null=True, related_name="+", help_text="Who sent it, and whom to call."
    )
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=16, blank=True, help_text="done or cannot, once it was answered.")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "hold_number"], name="partner_link_once"),
        ]
