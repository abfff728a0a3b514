"""What names an area: routing rules, routes of services, people's roles, and the open cases that are counted in it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Count

from requests_app.models import Area, Jurisdiction, Membership, Route, ServiceRequest, not_over
from requests_app.permissions import Viewer
from requests_app.reads.named_in import RuleUse, rules_by_leaf
from requests_app.routing.known import area_key


@dataclass(slots=True)
class AreaUses:
    """What uses one area."""

    rules: list[RuleUse] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    roles: list[Membership] = field(default_factory=list)
    open_cases: int = 0

    @property
    def names_it(self) -> bool:
        """Whether something would have to be changed when the area ends."""
        return bool(self.rules or self.routes or self.roles)


def uses_of_areas(viewer: Viewer, place: Jurisdiction, areas: Iterable[Area]) -> Mapping[str, AreaUses]:
    """What uses each area of one kind, by its code; four statements however many areas there are."""
    by_id = {area.pk: area for area in areas}
    found: defaultdict[str, AreaUses] = defaultdict(AreaUses)
    rules = rules_by_leaf(place, "area")
    for area in by_id.values():
        found[area.code].rules = rules.get(area_key(area.kind, area.code, place.area_kind), [])
    routes = Route.objects.filter(area__in=by_id).select_related("service", "office")
    for route in routes.order_by("service__position", "service__code"):
        found[by_id[route.area_id or 0].code].routes.append(route)
    roles = Membership.objects.filter(not_over(place.today), area__in=by_id, user__is_active=True)
    for role in roles.select_related("user").order_by("user__display_name", "pk"):
        found[by_id[role.area_id or 0].code].roles.append(role)
    cases = ServiceRequest.objects.visible_to(viewer).of(place.pk).open().filter(area__in=by_id)
    for row in cases.order_by().values("area_id").annotate(n=Count("pk")):
        found[by_id[row["area_id"]].code].open_cases = row["n"]
    return found
