"""What rules may name: the offices, services, questions, areas and features of a place, read for one rule book."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db.models import Q

from requests_app.calendars import Calendar
from requests_app.models import Area, Jurisdiction, MapFeature, Office, Question, Service
from requests_app.routing.document import RuleBook, leaves


@dataclass(frozen=True, slots=True)
class KnownOffice:
    """An office that a rule may send to."""

    pk: int
    names: Mapping[str, str]
    is_closed: bool = False
    is_fallback: bool = False


@dataclass(frozen=True, slots=True)
class KnownService:
    """A service with the steps of its workflow and its questions by code."""

    pk: int
    names: Mapping[str, str]
    kind: str
    steps: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    questions: Mapping[str, Question] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """An area or a feature of the map."""

    pk: int
    names: Mapping[str, str]
    geometry: GEOSGeometry
    is_ended: bool = False
    """An area of an earlier version: no request comes to lie in it any more."""


@dataclass(frozen=True)
class Known:
    """Everything of a place that its rules may name, by code. Areas and features only those that a rule names."""

    jurisdiction_id: int
    area_kind: str
    calendar: Calendar
    offices: Mapping[str, KnownOffice]
    services: Mapping[str, KnownService]
    areas: Mapping[str, KnownPlace]
    features: Mapping[str, KnownPlace]

    def area_codes(self) -> list[str]:
        """How rules may name the areas of the place that have not ended. One statement."""
        rows = Area.objects.filter(jurisdiction_id=self.jurisdiction_id, valid_to=None).values_list("kind", "code")
        return [area_key(kind, code, self.area_kind) for kind, code in rows]

    def feature_codes(self) -> list[str]:
        """How rules may name the features of the map. One statement."""
        rows = MapFeature.objects.filter(jurisdiction_id=self.jurisdiction_id).values_list("kind", "code")
        return [f"{kind}:{code}" for kind, code in rows]

    @cached_property
    def office_names(self) -> dict[int, Mapping[str, str]]:
        """The names of every office by its id."""
        return {office.pk: office.names for office in self.offices.values()}


def area_key(kind: str, code: str, usual_kind: str) -> str:
    """How rules name an area: by its code, with its kind before it when it is not the usual one."""
    return code if kind == usual_kind else f"{kind}:{code}"


def known_for(place: Jurisdiction, *books: RuleBook) -> Known:
    """What the books may name in a place. Five statements."""
    named = [leaf for book in books for rule in book.rules for leaf in leaves(rule.when)]
    areas = {code for leaf in named if leaf.kind == "area" for code in leaf.value}
    features = {leaf.value["feature"] for leaf in named if leaf.kind == "near" and leaf.value}
    return Known(
        jurisdiction_id=place.pk,
        area_kind=place.area_kind,
        calendar=place.calendar(),
        offices=_offices(place),
        services=_services(place.pk),
        areas=_areas(place, areas),
        features=_features(place.pk, features),
    )


def nothing_known(place: Jurisdiction) -> Known:
    """What a place without rules need know. No statement."""
    return Known(place.pk, place.area_kind, place.calendar(), {}, {}, {}, {})


def _offices(place: Jurisdiction) -> dict[str, KnownOffice]:
    today = place.today
    return {
        office.code: KnownOffice(office.pk, office.names, not office.is_open_on(today), office.is_fallback)
        for office in Office.objects.filter(jurisdiction=place).order_by("code")
    }


def _services(place_id: int) -> dict[str, KnownService]:
    questions: dict[int, dict[str, Question]] = {}
    for question in Question.objects.filter(service__jurisdiction_id=place_id).order_by("version"):
        questions.setdefault(question.service_id, {})[question.code] = question
    return {
        service.code: KnownService(
            service.pk,
            service.names,
            service.kind,
            {step["code"]: step.get("names", {}) for step in service.workflow.steps} if service.workflow else {},
            questions.get(service.pk, {}),
        )
        for service in Service.objects.filter(jurisdiction_id=place_id).select_related("workflow").order_by("code")
    }


def _areas(place: Jurisdiction, wanted: Iterable[str]) -> dict[str, KnownPlace]:
    pairs = [_split(code, place.area_kind) for code in wanted]
    return {
        area_key(area.kind, area.code, place.area_kind): _known_area(area, place)
        for area in Area.objects.filter(_any_of(pairs), jurisdiction=place)
    }


def _known_area(area: Area, place: Jurisdiction) -> KnownPlace:
    if area.is_in_force_on(place.today):
        return KnownPlace(area.pk, area.names, area.geometry)
    return KnownPlace(area.pk, area.names, MultiPolygon(srid=4326), is_ended=True)


def _features(place_id: int, wanted: Iterable[str]) -> dict[str, KnownPlace]:
    pairs = [_split(key, "") for key in wanted]
    return {
        f"{feature.kind}:{feature.code}": KnownPlace(feature.pk, feature.names, feature.geometry)
        for feature in MapFeature.objects.filter(_any_of(pairs), jurisdiction_id=place_id)
    }


def _split(key: str, usual_kind: str) -> tuple[str, str]:
    kind, colon, code = key.partition(":")
    return (kind, code) if colon else (usual_kind, key)


def _any_of(pairs: Iterable[tuple[str, str]]) -> Q:
    condition = Q(pk__in=[])
    for kind, code in pairs:
        condition |= Q(kind=kind, code=code)
    return condition
