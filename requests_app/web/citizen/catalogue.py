"""The services a citizen can choose from: by kind and group, searched by their words."""

from dataclasses import dataclass

from requests_app.models import Jurisdiction, Service, ServiceKind
from requests_app.text.normalise import fold


@dataclass(frozen=True, slots=True)
class Group:
    """Services that are shown together under a name."""

    name: str
    kind: str
    services: list[Service]


KIND_ORDER = [ServiceKind.STREET, ServiceKind.APPLICATION, ServiceKind.FEEDBACK]


def groups_of(place: Jurisdiction, typed: str = "") -> list[Group]:
    """The active services in groups, street problems first; only those that answer to `typed`, best first."""
    services = list(Service.objects.filter(jurisdiction=place, is_active=True).order_by("position", "pk"))
    words = fold(typed).split()
    found = [service for service in services if all(word in _heard(service) for word in words)]
    groups: dict[tuple[int, str], list[Service]] = {}
    for service in found:
        order = KIND_ORDER.index(ServiceKind(service.kind))
        groups.setdefault((order, service.group), []).append(service)
    return [Group(name, KIND_ORDER[order], held) for (order, name), held in sorted(groups.items(), key=_by_kind)]


def _by_kind(item: tuple[tuple[int, str], list[Service]]) -> tuple[int, int]:
    (order, _name), held = item
    return order, min(service.position for service in held)


def _heard(service: Service) -> str:
    """Everything a service answers to, in every language: people search in their own words."""
    texts = [*service.names.values(), *service.descriptions.values(), *service.group_names.values(), *service.keywords]
    return fold(" ".join(str(text) for text in texts))
