"""Streets by their names in every language: found, crossed with each other, said in the reader's words."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.db import connection
from django.db.models import Q

from requests_app.models import MapFeature
from requests_app.places.degrees import METRES_A_DEGREE
from requests_app.text.localized import pick
from requests_app.text.normalise import fold

STREET_KINDS = ("street", "highway")
CROSSING_METRES = 30
"""Streets drawn this near to each other meet: centre lines of real maps do not always touch."""

ALIKE = 0.75
"""How alike a typed word and a word of a street's name must be (difflib's ratio) to be taken for each other."""

KIND_OF_STREET = re.compile(
    r"\b(street|st|avenue|ave|av|road|rd|drive|dr|boulevard|blvd|boul|lane|ln|court|crt|crescent|cres|way|place|pl"
    r"|rue|chemin|ch|promenade|prom|allee|voie|cour|croissant|de|du|la|le|les|des|the|d|l)\b"
)
_LABEL = re.compile(r"(?P<number>\d+[A-Za-z]?),? (?P<street>.+)")

_CROSSING = """
SELECT a.names, b.names, ST_Y(c.point), ST_X(c.point)
  FROM requests_app_mapfeature a
  JOIN requests_app_mapfeature b ON b.id = ANY(%(second)s) AND b.id <> a.id
   AND ST_DWithin(a.geometry, b.geometry, %(degrees)s),
 LATERAL (SELECT ST_ClosestPoint(a.geometry, b.geometry) AS point, ST_ClosestPoint(b.geometry, a.geometry) AS other) c
 WHERE a.id = ANY(%(first)s) AND ST_DistanceSphere(c.point, c.other) <= %(metres)s
 ORDER BY array_position(%(first)s, a.id), array_position(%(second)s, b.id)
 LIMIT %(most)s
"""
_MIDDLES = """
SELECT f.id, ST_Y(c.point), ST_X(c.point)
  FROM requests_app_mapfeature f,
       LATERAL (SELECT ST_ClosestPoint(f.geometry, ST_Centroid(f.geometry)) AS point) c
 WHERE f.id = ANY(%(ids)s)
"""


@dataclass(frozen=True, slots=True)
class Street:
    """A street of the map: its names by language; `bare` are the same folded, without “street”, “rue” and the like."""

    feature_id: int
    names: dict[str, str]
    bare: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where two streets meet; degrees WGS84."""

    first: dict[str, str]
    second: dict[str, str]
    lat: float
    lon: float


def bare_name(text: str) -> str:
    """The part of folded text that names a street: without “street”, “rue” …; the text when that is all."""
    return " ".join(KIND_OF_STREET.sub(" ", text).split()) or text


def streets_of(jurisdiction_id: int) -> list[Street]:
    """Every named street of a place. One statement."""
    rows = MapFeature.objects.filter(jurisdiction_id=jurisdiction_id, kind__in=STREET_KINDS)
    return [
        Street(pk, names, tuple(dict.fromkeys(bare_name(fold(name)) for name in names.values())))
        for pk, names in rows.order_by("rank", "code").values_list("pk", "names")
        if names
    ]


def streets_like(streets: Iterable[Street], typed: str, most: int = 3) -> list[Street]:
    """The streets that what was typed may mean, in any language, best first; a typing error is forgiven."""
    text = fold(typed)
    wanted = bare_name(text)
    if not wanted:
        return []
    scored = [(_score(street, wanted, text), number, street) for number, street in enumerate(streets)]
    return [street for score, _number, street in sorted(scored, key=lambda one: (-one[0], one[1])) if score >= ALIKE][
        :most
    ]


def _score(street: Street, wanted: str, text: str) -> float:
    """How well a street answers: 2 for its name (more with “street”, “rue” …), 1.5 for a beginning, else likeness."""
    if wanted in street.bare:
        said = set(text.split())
        return 2.5 if any(said <= set(fold(name).split()) for name in street.names.values()) else 2
    if len(wanted) >= 3 and any(bare.startswith(wanted) for bare in street.bare):
        return 1.5
    return max((_likeness(bare, wanted) for bare in street.bare), default=0.0)


def _likeness(bare: str, wanted: str) -> float:
    if abs(len(bare) - len(wanted)) > 3 or len(wanted) < 4:
        return 0.0
    return SequenceMatcher(None, bare, wanted, autojunk=False).ratio()


def crossings(first: list[Street], second: list[Street], most: int = 3) -> list[Crossing]:
    """Where streets of the first list meet streets of the second, in the order of the lists. One statement."""
    given: dict[str, Any] = {
        "first": [s.feature_id for s in first],
        "second": [s.feature_id for s in second],
        "most": most,
        "metres": CROSSING_METRES,
        # Degrees for the index: a circle that is wide enough at the latitude of any city; then the metres decide.
        "degrees": 2 * CROSSING_METRES / METRES_A_DEGREE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CROSSING, given)
        return [Crossing(_named(a), _named(b), lat, lon) for a, b, lat, lon in cursor.fetchall()]


def _named(names: Any) -> dict[str, str]:
    return json.loads(names) if isinstance(names, str) else dict(names)


def middles(streets: list[Street]) -> dict[int, tuple[float, float]]:
    """The middle of each street as (lat, lon), on the street itself. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_MIDDLES, {"ids": [street.feature_id for street in streets]})
        return {feature_id: (lat, lon) for feature_id, lat, lon in cursor.fetchall()}


# --- Addresses in the reader's language ----------------------------------------------------------------------------


def address_in(number: str, street: str, language: str) -> str:
    """An address as people of a language write it: ``128 King Street``, ``128, rue King``."""
    return f"{number}, {street}" if language == "fr" else f"{number} {street}"


def localized_labels(jurisdiction_id: int, labels: Iterable[str], language: str) -> dict[str, str]:
    """Each address with its street's name in the language; one of no known street stays. At most one statement."""
    parts = {label: found for label in set(labels) if (found := _LABEL.fullmatch(label))}
    streets = {found["street"] for found in parts.values()}
    if not streets:
        return {}
    known = MapFeature.objects.filter(
        Q(names__en__in=streets) | Q(names__fr__in=streets),
        jurisdiction_id=jurisdiction_id,
        kind__in=STREET_KINDS,
    ).values_list("names", flat=True)
    spoken = {name: pick(names, language) for names in known for name in names.values()}
    return {
        label: address_in(found["number"], spoken[found["street"]], language)
        for label, found in parts.items()
        if found["street"] in spoken
    }


def localized_label(jurisdiction_id: int, label: str, language: str) -> str:
    """One address in the language."""
    return localized_labels(jurisdiction_id, [label], language).get(label, label)
