"""The settings of a place, as the administrators' lists and pages need them."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from requests_app.models import (
    Area,
    Jurisdiction,
    Membership,
    Office,
    ReplyTemplate,
    Route,
    Service,
    ServiceRequest,
    WorkCalendar,
    Workflow,
    not_over,
)
from requests_app.models.area import in_force_on
from requests_app.permissions import Viewer
from requests_app.reads.named_in import RuleUse, names_leaf, rules_where
from requests_app.text.normalise import is_text

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


def calendar_coded(place: Jurisdiction, code: str) -> WorkCalendar | None:
    """The calendar of a place with that code; none for what can be no code."""
    return WorkCalendar.objects.filter(jurisdiction=place, code=code).first() if is_text(code) else None


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


def open_cases_offered(viewer: Viewer, row: ReplyTemplate) -> int:
    """The open cases that staff can start this reply on, among those the viewer may know of."""
    cases = ServiceRequest.objects.visible_to(viewer).of(row.jurisdiction_id).open()
    if row.service_id:
        cases = cases.filter(service_id=row.service_id)
    return (cases.filter(office_id=row.office_id) if row.office_id else cases).count()


# --- What settings choose from ---------------------------------------------------------------------------------------


def named_offices(place: Jurisdiction) -> list[tuple[str, str]]:
    """Code and name of every office of a place, by name."""
    return _named(list(Office.objects.filter(jurisdiction=place)))


def office_names_by_id(place: Jurisdiction) -> list[tuple[int, str]]:
    """Id and name of every office of a place, by name."""
    rows = [(row.pk, row.name) for row in Office.objects.filter(jurisdiction=place)]
    return sorted(rows, key=lambda pair: pair[1].casefold())


def named_services(place: Jurisdiction) -> list[tuple[str, str]]:
    """Code and name of every service of a place that is not retired, by name."""
    return _named(list(Service.objects.filter(~Q(state="retired"), jurisdiction=place)))


def named_calendars(place: Jurisdiction) -> list[tuple[str, str]]:
    """Code and name of every calendar in use in a place, by name."""
    return _named(list(WorkCalendar.objects.filter(jurisdiction=place, is_active=True)))


def named_areas(place: Jurisdiction) -> list[tuple[str, str]]:
    """Key (kind:code) and name of every area of a place, by name."""
    return _areas(Area.objects.filter(jurisdiction=place))


def areas_with_requests(place: Jurisdiction, held: Collection[int] = ()) -> list[tuple[str, str]]:
    """Key and name of the areas that requests can come to lie in, and of those of `held`; by name."""
    usual = Q(kind=place.area_kind) & in_force_on(place.today)
    return _areas(Area.objects.filter(usual | Q(pk__in=held), jurisdiction=place))


def area_key(area: Area) -> str:
    """What names an area in a document: its code is its own only among those of its kind."""
    return f"{area.kind}:{area.code}"


def _areas(found: QuerySet[Area]) -> list[tuple[str, str]]:
    rows = found.only("kind", "code", "names")
    return sorted(((area_key(row), row.name) for row in rows), key=lambda pair: pair[1].casefold())


def _named(rows: list[Office] | list[Service] | list[WorkCalendar]) -> list[tuple[str, str]]:
    return sorted(((row.code, row.name) for row in rows), key=lambda pair: pair[1].casefold())


# --- Services --------------------------------------------------------------------------------------------------------


def every_service_of(place: Jurisdiction) -> list[Service]:
    """The services of a place, offered or not; one statement."""
    found = Service.objects.select_related("owner").filter(jurisdiction=place)
    return list(found.order_by("state", "kind", "position", "code"))


def groups_of_services(place: Jurisdiction) -> dict[str, list[str]]:
    """The groups that services of a place are shown in, by language, each once; one statement."""
    found = Service.objects.filter(jurisdiction=place).order_by("position", "code")
    rows = list(found.values_list("group_names", flat=True))
    return {code: list(dict.fromkeys(row[code] for row in rows if row.get(code))) for code in ("en", "fr")}


def every_service(place: Jurisdiction, pk: int) -> Service | None:
    """One service of a place, with all that its definition names."""
    related = Service.objects.select_related("jurisdiction", "owner", "workflow", "work_calendar")
    return related.filter(jurisdiction=place, pk=pk).first()


@dataclass(frozen=True, slots=True)
class ServiceUses:
    """What uses a service."""

    open_requests: int
    requests: int
    routes: list[Route]
    replies: list[ReplyTemplate]
    memberships: int
    rules: list[RuleUse]


def uses_of_service(viewer: Viewer, service: Service) -> ServiceUses:
    """What uses a service, among what the viewer may know of."""
    cases = ServiceRequest.objects.visible_to(viewer).of(service.jurisdiction_id).filter(service=service)
    return ServiceUses(
        open_requests=cases.open().count(),
        requests=cases.count(),
        routes=list(Route.objects.select_related("area", "office").filter(service=service).order_by("area__code")),
        replies=list(ReplyTemplate.objects.filter(service=service)),
        memberships=Membership.objects.filter(
            not_over(service.jurisdiction.today), service=service, user__is_active=True
        ).count(),
        rules=rules_where(service.jurisdiction, names_leaf("service", service.code)),
    )


def named_workflows(place: Jurisdiction) -> list[tuple[str, str]]:
    """Code and name of every workflow of a place, its newest version's, by name."""
    newest = {row.code: row for row in Workflow.objects.filter(jurisdiction=place).order_by("version")}
    return sorted(((code, row.name) for code, row in newest.items()), key=lambda pair: pair[1].casefold())
