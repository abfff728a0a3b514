"""Personal data: its own table, read through one function, every read logged."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Upper

from requests_app.models.jurisdiction import Jurisdiction
from requests_app.models.user import User


class Person(models.Model):
    """Who filed a request, if they chose to say. Erasing empties the row and keeps the link."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE)
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=10, default="en")
    wants_news = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "people"
        # Forms that anybody can send look for an address; erased people have none.
        indexes: ClassVar = [models.Index(Upper("email"), condition=~models.Q(email=""), name="person_email")]


class PersonRead(models.Model):
    """One reading of somebody's personal data: who, when, for what purpose."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="reads")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True)
    purpose = models.CharField(max_length=40)
    read_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "read_at"], name="person_read_when")]
