"""People who sign in, and what they may do where."""

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


class Membership(models.Model):
    """One role of one user: in a jurisdiction (null = every one), narrowed by office, service or area."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(r.value, r.value) for r in Role])
    jurisdiction = models.ForeignKey("Jurisdiction", on_delete=models.CASCADE, null=True, blank=True)
    office = models.ForeignKey("Office", on_delete=models.CASCADE, null=True, blank=True)
    service = models.ForeignKey("Service", on_delete=models.CASCADE, null=True, blank=True)
    area = models.ForeignKey("Area", on_delete=models.CASCADE, null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "role", "jurisdiction", "office", "service", "area"],
                nulls_distinct=False,
                name="membership_once",
            )
        ]

    def as_grant(self) -> Grant:
        """The membership as the plain fact that permissions work with."""
        return Grant(Role(self.role), self.jurisdiction_id, self.office_id, self.service_id, self.area_id)
