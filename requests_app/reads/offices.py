"""Offices and partners as administrators see them: the list, and what uses one."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from requests_app.models import (
    Hold,
    Jurisdiction,
    Office,
    ReplyTemplate,
    Route,
    Service,
    ServiceRequest,
    Workflow,
    in_force,
)
from requests_app.permissions import Viewer
from requests_app.reads.named_in import RuleUse, names_office, rules_where, workflows_needing


def offices_of(place: Jurisdiction) -> list[Office]:
    """The offices of a place with how many people work in each, our own first; one statement."""
    found = Office.objects.select_related("parent", "work_calendar").filter(jurisdiction=place)
    works = Q(membership__user__is_active=True) & in_force(place.today, "membership__")
    people = Count("membership__user", filter=works, distinct=True)
    return sorted(found.annotate(people_count=people), key=lambda office: (office.is_external, office.name.casefold()))


def office_of(place: Jurisdiction, pk: int) -> Office | None:
    """One office of a place."""
    related = Office.objects.select_related("jurisdiction", "parent", "work_calendar")
    return related.filter(jurisdiction=place, pk=pk).first()


@dataclass(frozen=True, slots=True)
class OfficeUses:
    """What uses an office."""

    open_requests: int
    reviews: int
    owned: list[Service]
    routes: list[Route]
    rules: list[RuleUse]
    workflows: list[Workflow]
    replies: list[ReplyTemplate]
    parts: list[Office]
    people: int


def uses_of_office(viewer: Viewer, office: Office) -> OfficeUses:
    """What uses an office, among what the viewer may know of; ten statements."""
    cases = ServiceRequest.objects.visible_to(viewer).of(office.jurisdiction_id).open()
    beside = Hold.objects.filter(request=OuterRef("pk"), office=office, ended_at=None, is_lead=False)
    named = names_office(office.code)
    return OfficeUses(
        open_requests=cases.filter(office=office).count(),
        reviews=cases.exclude(office=office).filter(Exists(beside)).count(),
        owned=list(
            Service.objects.filter(
                Q(owner=office) | Q(draft__owner=office.code), jurisdiction=office.jurisdiction
            ).order_by("code")
        ),
        routes=routes_to(office),
        rules=rules_where(office.jurisdiction, named, fallback=office.code),
        workflows=workflows_needing(office),
        replies=list(ReplyTemplate.objects.filter(office=office).order_by("code")),
        parts=list(office.parts.order_by("code")),
        people=office.membership_set.filter(in_force(office.jurisdiction.today), user__is_active=True)
        .values("user")
        .distinct()
        .count(),
    )


def routes_to(office: Office) -> list[Route]:
    """The routes that send to an office, with their service and area; one statement."""
    found = Route.objects.filter(office=office).select_related("service", "area").defer("area__geometry")
    return list(found.order_by("service__position", "service__code", "area__code"))
