"""What keeps an office open: the cases that lie there, and everything that would send it more."""

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from requests_app.models import Hold, Office, Route, Service, ServiceState
from requests_app.reads.named_in import RuleUse, names_office, rules_where, workflows_needing

Named = str
"""One thing that names an office, in words."""


def what_names(office: Office) -> list[Named]:
    """Everything that sends to an office or lies there, in the reader's words; seven statements."""
    held = Hold.objects.filter(office=office, ended_at=None).values("request").distinct().count()
    cases = ngettext("%(count)s open request", "%(count)s open requests", held) % {"count": held}
    rules = rules_where(office.jurisdiction, names_office(office.code), fallback=office.code)
    return [
        *([cases] if held else []),
        *(_("the service “%(name)s”, which it answers for") % {"name": one.name} for one in _owned(office)),
        *(_route_said(route) for route in _routes(office)),
        *(_rule_said(rule) for rule in rules),
        *what_needs_its_kind(office),
        *(_("its part “%(name)s”") % {"name": part.name} for part in office.parts.filter(closes_on=None)),
    ]


def what_needs_its_kind(office: Office, kind: str = "") -> list[Named]:
    """The workflows with a step for an office or, where it is the last of a kind, for that kind."""
    found = workflows_needing(office, kind)
    return [_("the workflow “%(name)s”") % {"name": name} for name in dict.fromkeys(row.name for row in found)]


def _owned(office: Office) -> list[Service]:
    offered = Service.objects.filter(jurisdiction=office.jurisdiction).exclude(state=ServiceState.RETIRED)
    return list(offered.filter(Q(owner=office) | Q(draft__owner=office.code)).order_by("code"))


def _routes(office: Office) -> list[Route]:
    found = Route.objects.filter(office=office, service__is_active=True).select_related("service", "area")
    return list(found.order_by("service__code", "area__code"))


def _route_said(route: Route) -> Named:
    named = {"service": route.service.name, "where": route.area.name if route.area else _("everywhere")}
    return _("the route of “%(service)s” (%(where)s)") % named


def _rule_said(rule: RuleUse) -> Named:
    if not rule.name:
        return _("the routing rules, which send it what they cannot decide")
    told = _("the rule “%(name)s” in the draft") if rule.is_draft else _("the rule “%(name)s”")
    return told % {"name": rule.name}
