"""People who sign in, and what they may do where."""

from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from requests_app.permissions import Grant, Role


class UserManager(BaseUserManager["User"]):
    """Makes users."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """A new user; without a password nobody can sign in as them."""
        if not username:
            raise ValueError("a user needs a user name")
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Somebody who signs in: staff only, since citizens need no account."""

    username = models.CharField(max_length=150, unique=True)
    display_name = models.CharField(max_length=150)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=10, default="en")
    mail_moments = models.BooleanField(default=True, db_default=True, help_text="Wants a mail when something happens.")
    mail_digest = models.BooleanField(default=True, db_default=True, help_text="Wants the morning mail.")
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.display_name or self.username


def in_force(on: date, before: str = "") -> models.Q:
    """The memberships that hold on a day, as a condition; `before` is the way to them from another table."""
    begun = models.Q(**{f"{before}starts_on": None}) | models.Q(**{f"{before}starts_on__lte": on})
    return begun & not_over(on, before)


def not_over(on: date, before: str = "") -> models.Q:
    """The memberships that hold on a day or are to come, as a condition."""
    return models.Q(**{f"{before}ends_on": None}) | models.Q(**{f"{before}ends_on__gte": on})


class Membership(models.Model):
    """One role of one user: in a jurisdiction (null = every one), narrowed by office, service or area.

    It holds from its first day to its last, both included, on the clocks of its place; without a day it has no bound.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(r.value, r.value) for r in Role])
    jurisdiction = models.ForeignKey("Jurisdiction", on_delete=models.CASCADE, null=True, blank=True)
    office = models.ForeignKey("Office", on_delete=models.CASCADE, null=True, blank=True)
    service = models.ForeignKey("Service", on_delete=models.CASCADE, null=True, blank=True)
    area = models.ForeignKey("Area", on_delete=models.CASCADE, null=True, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "role", "jurisdiction", "office", "service", "area", "starts_on"],
                nulls_distinct=False,
                name="membership_once",
            ),
            models.CheckConstraint(
                condition=models.Q(starts_on=None)
                | models.Q(ends_on=None)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="membership_ends_later",
            ),
        ]

    def is_in_force(self, on: date) -> bool:
        """Whether it holds on a day."""
        return (self.starts_on or on) <= on <= (self.ends_on or on)

    def as_grant(self) -> Grant:
        """The membership as the plain fact that permissions work with."""
        return Grant(Role(self.role), self.jurisdiction_id, self.office_id, self.service_id, self.area_id)
