"""What an administrator sees of the installation: places, offices, services, imports, what is still to do."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from requests_app.models import ImportRun, Jurisdiction, Membership, Office, OutboxEntry, Service, in_force
from requests_app.permissions import Viewer
from requests_app.states import OPEN, Capability


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One jurisdiction in numbers."""

    jurisdiction: Jurisdiction
    requests: int
    open_requests: int
    last_event_at: datetime | None


@dataclass(frozen=True, slots=True)
class Installation:
    """The whole overview; lists are cut to the jurisdictions the viewer administers."""

    places: list[PlaceLine]
    offices: list[Office]
    services: list[Service]
    roles: dict[str, int]
    imports: list[ImportRun]
    outbox_waiting: int
    outbox_failing: int


def administered(viewer: Viewer) -> Q:
    """The jurisdictions the viewer administers, as a condition on Jurisdiction."""
    grants = viewer.grants_with(Capability.ADMINISTER)
    if any(grant.jurisdiction_id is None for grant in grants):
        return Q()
    return Q(pk__in=[grant.jurisdiction_id for grant in grants])


def administered_places(viewer: Viewer) -> list[Jurisdiction]:
    """The jurisdictions the viewer administers, the default one first; one statement."""
    return list(Jurisdiction.objects.filter(administered(viewer)).defer("boundary").order_by("-is_default", "code"))


def installation(viewer: Viewer, jurisdiction: Jurisdiction) -> Installation:
    """The overview, with the offices, services and people of one jurisdiction."""
    places = (
        Jurisdiction.objects.filter(administered(viewer))
        .annotate(
            requests_counted=Count("requests"),
            open_counted=Count("requests", filter=Q(requests__status__in=OPEN)),
            last_event_at=Max("requests__updated_at"),
        )
        .order_by("-is_default", "code")
    )
    return Installation(
        places=[PlaceLine(p, p.requests_counted, p.open_counted, p.last_event_at) for p in places],
        offices=list(Office.objects.filter(jurisdiction=jurisdiction).order_by("is_external", "code")),
        services=list(
            Service.objects.filter(jurisdiction=jurisdiction)
            .select_related("workflow")
            .prefetch_related("questions", "routes__office")
            .order_by("kind", "position", "code")
        ),
        roles=dict(
            Membership.objects.filter(Q(jurisdiction=jurisdiction) | Q(jurisdiction=None), user__is_active=True)
            .filter(in_force(jurisdiction.today))
            .values_list("role")
            .annotate(people=Count("user", distinct=True))
            .order_by()
        ),
        imports=list(ImportRun.objects.filter(jurisdiction=jurisdiction).order_by("-started_at")[:20]),
        outbox_waiting=OutboxEntry.objects.filter(done_at=None).count(),
        outbox_failing=OutboxEntry.objects.filter(done_at=None, attempts__gt=0).count(),
    )
