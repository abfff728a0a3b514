"""The services a citizen can choose from: by kind and group, searched by their words."""

from dataclasses import dataclass

from requests_app.models import Jurisdiction, Service, ServiceKind
from requests_app.reads.services import services_of
from requests_app.text.normalise import fold


@dataclass(frozen=True, slots=True)
class Choice:
    """A service as it is offered; `heard` is every word it answers to, folded."""

    service: Service
    heard: str


@dataclass(frozen=True, slots=True)
class Group:
    """Services that are shown together under a name."""

    name: str
    kind: str
    choices: list[Choice]


KIND_ORDER = [ServiceKind.STREET, ServiceKind.APPLICATION, ServiceKind.FEEDBACK]


def groups_of(place: Jurisdiction, typed: str = "") -> list[Group]:
    """The active services in groups, street problems first; only those that answer to every word of `typed`."""
    words = [stem(word) for word in fold(typed).split() if word not in SMALL_WORDS]
    groups: dict[tuple[int, str], list[Choice]] = {}
    for choice in (Choice(service, heard(service)) for service in services_of(place)):
        if all(word in choice.heard for word in words):
            order = KIND_ORDER.index(ServiceKind(choice.service.kind))
            groups.setdefault((order, choice.service.group), []).append(choice)
    by_kind = sorted(groups.items(), key=lambda item: item[0][0])
    return [Group(name, KIND_ORDER[order], held) for (order, name), held in by_kind]


_SMALL = "a an the of in on my de du des le la les un une d l au aux en sur mon ma mes"
SMALL_WORDS = frozenset(_SMALL.split())


def stem(word: str) -> str:
    """A folded word without the s or x of a plural: “potholes” finds “pothole”, « poteaux » finds « poteau »."""
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


def heard(service: Service) -> str:
    """Everything a service answers to, in every language: people search in their own words."""
    texts = [*service.names.values(), *service.descriptions.values(), *service.group_names.values(), *service.keywords]
    return fold(" ".join(str(text) for text in texts))
