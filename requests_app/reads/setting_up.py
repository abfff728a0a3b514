"""The settings of a place, as the administrators' lists and pages need them."""

from django.db.models import Count, Q

from requests_app.models import Jurisdiction, Office, ReplyTemplate, Service, WorkCalendar

# --- Calendars -------------------------------------------------------------------------------------------------------


def calendars_of(place: Jurisdiction) -> list[WorkCalendar]:
    """The calendars of a place with how many offices and services work by each; one statement."""
    counted = WorkCalendar.objects.filter(jurisdiction=place).annotate(
        office_count=Count("offices", distinct=True), service_count=Count("services", distinct=True)
    )
    return list(counted.order_by("-is_active", "code"))


def calendar_of(place: Jurisdiction, pk: int) -> WorkCalendar | None:
    """One calendar of a place."""
    return WorkCalendar.objects.select_related("jurisdiction").filter(jurisdiction=place, pk=pk).first()


def users_of_calendar(row: WorkCalendar) -> tuple[list[Office], list[Service]]:
    """The offices and services that work by a calendar."""
    return list(row.offices.order_by("code")), list(row.services.order_by("code"))


# --- Reply templates -------------------------------------------------------------------------------------------------


def replies_of(place: Jurisdiction) -> list[ReplyTemplate]:
    """The reply templates of a place; one statement."""
    found = ReplyTemplate.objects.select_related("service", "office").filter(jurisdiction=place)
    return list(found.order_by("-is_active", "kind", "code"))


def reply_of(place: Jurisdiction, pk: int) -> ReplyTemplate | None:
    """One reply template of a place."""
    return ReplyTemplate.objects.select_related("service", "office").filter(jurisdiction=place, pk=pk).first()


# --- What settings choose from ---------------------------------------------------------------------------------------


def named_offices(place: Jurisdiction) -> list[tuple[str, str]]:
    """Code and name of every office of a place, by name."""
    return _named(list(Office.objects.filter(jurisdiction=place)))


def named_services(place: Jurisdiction) -> list[tuple[str, str]]:
    """Code and name of every service of a place that is not retired, by name."""
    return _named(list(Service.objects.filter(~Q(state="retired"), jurisdiction=place)))


def named_calendars(place: Jurisdiction) -> list[tuple[str, str]]:
    """Code and name of every calendar in use in a place, by name."""
    return _named(list(WorkCalendar.objects.filter(jurisdiction=place, is_active=True)))


def _named(rows: list[Office] | list[Service] | list[WorkCalendar]) -> list[tuple[str, str]]:
    return sorted(((row.code, row.name) for row in rows), key=lambda pair: pair[1].casefold())
