"""What citizens can ask for, the questions it asks, and the way it goes."""

from typing import ClassVar

from django.contrib.gis.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from requests_app.models.area import Area
from requests_app.models.fields import Named, NamesField, localized
from requests_app.models.jurisdiction import Jurisdiction
from requests_app.models.office import Office
from requests_app.models.user import User
from requests_app.models.work_calendar import WorkCalendar
from requests_app.permissions import Publicity
from requests_app.text.spoken import spoken_decimal, spoken_iso_date


class Workflow(Named):
    """One version of a way through the offices: never changed, since a case keeps the version it began with.

    `source` is the definition as it was written (see `workflows.parse`), "" for a way that is told and not held to.
    `steps` is what pages tell of it: the steps of the case's own way, [{"code", "names", "plain", "office_kind",
    "target_hours"}] in order.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE, related_name="workflows")
    code = models.SlugField(max_length=60)
    version = models.PositiveIntegerField(default=1)
    steps = models.JSONField(default=list)
    source = models.TextField(blank=True, default="")
    saved_at = models.DateTimeField(null=True)
    saved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["jurisdiction", "code", "version"], name="workflow_version_once"),
        ]

    @property
    def first_step(self) -> str:
        """The code of the step a case begins with; "" where there is none."""
        return str(self.steps[0]["code"]) if self.steps else ""


class ServiceKind(models.TextChoices):
    """The three kinds of service."""

    STREET = "street"
    APPLICATION = "application"
    FEEDBACK = "feedback"


class ServiceState(models.TextChoices):
    """Where a service stands: being prepared, offered to citizens, or no longer offered."""

    DRAFT = "draft"
    LIVE = "live"
    RETIRED = "retired"


class Service(Named):
    """Something a citizen can ask for. How public its cases are is decided here.

    The columns are what is live. What an administrator prepares is in `draft` until it goes live: then the columns,
    questions and stoppers are made from it and `form_version` grows. `is_active` is true while the state is live.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE, related_name="services")
    code = models.SlugField(max_length=100)
    kind = models.CharField(max_length=20, choices=ServiceKind.choices, default=ServiceKind.STREET)
    source_name = models.CharField(max_length=150, blank=True, db_default="", help_text="What an import calls it.")
    group_names = NamesField(blank=True)
    descriptions = NamesField(blank=True)
    keywords = models.JSONField(default=list, blank=True)
    publicity = models.CharField(
        max_length=20, choices=[(p.value, p.value) for p in Publicity], default=Publicity.PRIVATE.value
    )
    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, null=True, blank=True)
    needs_place = models.BooleanField(default=True)
    takes_photo = models.BooleanField(default=True)
    target_hours = models.PositiveIntegerField(
        null=True, blank=True, help_text="The promise: working hours until it is resolved."
    )
    skills_needed = models.JSONField(
        default=list, blank=True, db_default=models.Value([], models.JSONField()), help_text="Codes; by who goes there."
    )
    icon = models.CharField(max_length=40, blank=True)
    position = models.PositiveIntegerField(default=100)
    is_active = models.BooleanField(default=True)
    state = models.CharField(
        max_length=10, choices=ServiceState.choices, default=ServiceState.LIVE, db_default=ServiceState.LIVE
    )
    form_version = models.PositiveIntegerField(
        default=1, db_default=1, help_text="Grows when changed questions go live."
    )
    draft = models.JSONField(null=True, blank=True, help_text="The whole definition as it is being prepared.")
    owner = models.ForeignKey(
        Office, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="Who answers for it."
    )
    work_calendar = models.ForeignKey(
        WorkCalendar, on_delete=models.PROTECT, null=True, blank=True, related_name="services"
    )
    promises = models.JSONField(
        default=dict, blank=True, help_text='{"acknowledge": {"hours", "count", "by_priority"}, "resolve": {…}}'
    )
    partner_sees_contact = models.BooleanField(
        default=False, db_default=False, help_text="A partner outside who is sent a case sees how to reach the citizen."
    )
    retention_days = models.PositiveIntegerField(
        null=True, blank=True, help_text="How long a closed case’s personal data is kept."
    )
    data_standard = models.JSONField(
        default=dict,
        blank=True,
        help_text='Of the fields every form has: {"words": {"tag": "personal", "purposes": {…}}, "place": …}.',
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["jurisdiction", "code"], name="service_code_once"),
        ]

    @property
    def description(self) -> str:
        """The description in the active language."""
        return localized(self.descriptions)

    def questions_of(self, form_version: int) -> "models.QuerySet[Question]":
        """The questions of one version of its form, in their order."""
        asked = self.questions.filter(since_form__lte=form_version)
        return asked.filter(models.Q(is_active=True) | models.Q(until_form__gt=form_version))

    @property
    def group(self) -> str:
        """The group's name in the active language."""
        return localized(self.group_names)


class DataTag(models.TextChoices):
    """What a field holds, for the data standard: whose it is decides who may see it."""

    PERSONAL = "personal"
    BUSINESS = "business"
    DERIVED = "derived"
    OPEN = "open"


class Question(Named):
    """A question of a service. Versioned: an answer keeps the version it answered."""

    class Datatype(models.TextChoices):
        """How a question is answered."""

        TEXT = "text"
        NUMBER = "number"
        YES_NO = "yes_no"
        CHOICE = "choice"
        DATE = "date"

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="questions")
    code = models.SlugField(max_length=60)
    version = models.PositiveIntegerField(default=1)
    datatype = models.CharField(max_length=20, choices=Datatype.choices, default=Datatype.TEXT)
    hints = NamesField(blank=True)
    choices = models.JSONField(default=list, blank=True, help_text='[{"key": …, "names": {…}}]')
    is_required = models.BooleanField(default=False)
    is_personal = models.BooleanField(default=False)
    data_tag = models.CharField(max_length=10, blank=True, choices=DataTag.choices, help_text="The data standard.")
    purposes = NamesField(blank=True, help_text="Why it is asked, in each language.")
    since_form = models.PositiveIntegerField(default=1, db_default=1, help_text="The form version it came with.")
    until_form = models.PositiveIntegerField(null=True, help_text="The form version it was gone with.")
    position = models.PositiveIntegerField(default=100)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "code", "version"], name="question_version_once"),
        ]

    def spoken(self, value: str) -> str:
        """An answer as people read it: the choice's name, yes or no in words, days and numbers in their language."""
        if self.datatype == self.Datatype.YES_NO:
            return str({"yes": _("Yes"), "no": _("No")}.get(value, value))
        if self.datatype == self.Datatype.DATE:
            return spoken_iso_date(value, get_language())
        if self.datatype == self.Datatype.NUMBER:
            return spoken_decimal(value, get_language())
        names = next((c["names"] for c in self.choices if c["key"] == value), None)
        return localized(names) if names else value

    @property
    def hint(self) -> str:
        """The hint in the active language."""
        return localized(self.hints)


class Stopper(Named):
    """An answer that sends the citizen elsewhere before the form: a wire down → the hydro utility.

    `names` is the question ("Is a wire down?"); `advice` what to do.
    """

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="stoppers")
    advice = NamesField()
    organisation_names = NamesField()
    phone = models.CharField(max_length=40, blank=True)
    url = models.URLField(blank=True)
    position = models.PositiveIntegerField(default=100)

    class Meta:
        ordering: ClassVar = ["position", "id"]

    @property
    def organisation(self) -> str:
        """Who is responsible, in the active language."""
        return localized(self.organisation_names)

    @property
    def advice_text(self) -> str:
        """What to do, in the active language."""
        return localized(self.advice)


class Route(models.Model):
    """Where a new case of a service goes: the office, for one area or (null) for all the others."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="routes")
    area = models.ForeignKey(Area, on_delete=models.CASCADE, null=True, blank=True)
    office = models.ForeignKey(Office, on_delete=models.CASCADE)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "area"], nulls_distinct=False, name="route_once"),
        ]
