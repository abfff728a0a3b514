"""Finding a place by what somebody types, in either language: a corner, a street, an address, what resembles it."""

import re
from dataclasses import dataclass
from typing import Any

from django.db import connection

from requests_app.places.streets import (
    Crossing,
    Street,
    bare_name,
    crossings,
    localized_labels,
    middles,
    streets_like,
    streets_of,
)
from requests_app.text.localized import pick
from requests_app.text.normalise import fold

MOST = 8
_NUMBER = re.compile(r"\b(\d{1,6})[a-z]?\b")
_CIVIC = re.compile(r"^\d{1,6}[a-z]? ")
_MEETS = re.compile(r"\s*[/&+@]\s*|\s+(?:et|and|at|à|x|corner)\s+", re.IGNORECASE)
_CORNER_OF = re.compile(
    r"^\s*(?:(?:à l[’'])?(?:angle|intersection)|(?:au )?coin|(?:the )?corner)(?:\s+(?:of|de la|de|des|du))?\s+",
    re.IGNORECASE,
)

_SQL = """
SELECT d.id, d.label, ST_Y(d.point), ST_X(d.point)
  FROM requests_app_address d
 WHERE d.jurisdiction_id = %(jurisdiction)s AND ({match})
 ORDER BY d.search_text = %(typed)s DESC,
          d.search_text LIKE %(beginning)s DESC,
          round(word_similarity(%(name)s, d.search_text)::numeric, 1) DESC,
          abs(coalesce(substring(d.search_text FROM '^[0-9]{{1,6}}')::int, 0) - %(number)s),
          length(d.search_text), d.search_text
 LIMIT %(most)s
"""
_ON_STREETS = """
SELECT d.id, d.label, ST_Y(d.point), ST_X(d.point)
  FROM unnest(%(streets)s::text[]) WITH ORDINALITY AS s(name, place)
  JOIN requests_app_address d ON d.search_text ~ ('^[0-9]+[a-z]? ' || s.name || '$')
 WHERE d.jurisdiction_id = %(jurisdiction)s
 ORDER BY substring(d.search_text FROM '^[0-9]{1,6}')::int = %(number)s DESC NULLS LAST, s.place,
          abs(coalesce(substring(d.search_text FROM '^[0-9]{1,6}')::int, 0) - %(number)s), d.search_text
 LIMIT %(most)s
"""
_LIKELY = "d.search_text LIKE %(beginning)s OR %(name)s <%% d.search_text"
_LOOSE = "word_similarity(%(name)s, d.search_text) > 0.3"


@dataclass(frozen=True, slots=True)
class Found:
    """One entry of the gazetteer; degrees WGS84."""

    address_id: int
    label: str
    lat: float
    lon: float


def search_addresses(jurisdiction_id: int, typed: str, limit: int = MOST) -> list[Found]:
    """The entries nearest to what was typed, best first.

    A typing error is forgiven, a street is known by its name in any language, and a number that is not there finds
    its neighbours.
    """
    text = folded(typed)
    if not text:
        return []
    streets = streets_like(streets_of(jurisdiction_id), _CIVIC.sub("", text))
    return _on_streets(jurisdiction_id, streets, text, limit) or _resembling(jurisdiction_id, text, limit)


def folded(typed: str) -> str:
    """What was typed, as the gazetteer is searched."""
    return fold(typed.replace("\x00", ""))[:100]


def _on_streets(jurisdiction_id: int, streets: list[Street], text: str, limit: int) -> list[Found]:
    """The addresses on streets, nearest number first; a gazetteer speaks one language, a street several."""
    if not streets:
        return []
    number = _NUMBER.match(text)
    given: dict[str, Any] = {
        "jurisdiction": jurisdiction_id,
        "streets": [fold(name) for street in streets for name in street.names.values()],
        "number": int(number[1]) if number else 0,
        "most": limit,
    }
    return _rows(_ON_STREETS, given)


def _resembling(jurisdiction_id: int, text: str, limit: int) -> list[Found]:
    number = _NUMBER.search(text)
    given: dict[str, Any] = {
        "jurisdiction": jurisdiction_id,
        "typed": text,
        "beginning": f"{text}%",
        "name": bare_name(_NUMBER.sub(" ", text)).strip() or text,
        "number": int(number[1]) if number else 0,
        "most": limit,
    }
    return next((rows for match in (_LIKELY, _LOOSE) if (rows := _rows(_SQL.format(match=match), given))), [])


def _rows(statement: str, values: dict[str, Any]) -> list[Found]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [Found(*row) for row in cursor.fetchall()]


def address_by_id(jurisdiction_id: int, address_id: int) -> Found | None:
    """One entry of the gazetteer, None when there is no such one here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, label, ST_Y(point), ST_X(point) FROM requests_app_address"
            " WHERE id = %s AND jurisdiction_id = %s",
            [address_id, jurisdiction_id],
        )
        row = cursor.fetchone()
    return Found(*row) if row else None


# --- Corners and streets -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """A place that is offered: `value` is an address's id, or "lat,lon"; degrees WGS84."""

    value: str
    label: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Places:
    """What is offered for what was typed. `apart` names two streets that were typed as a corner and do not meet."""

    choices: list[Choice]
    apart: tuple[str, str] | None = None


def search_places(jurisdiction_id: int, typed: str, language: str, limit: int = MOST) -> Places:
    """A corner first when two streets are named, then streets, then addresses; labels in the language."""
    if not folded(typed):
        return Places([])
    known = streets_of(jurisdiction_id)
    return _corner(known, typed, language) or Places(_plain(jurisdiction_id, known, typed, language, limit))


def corner_parts(typed: str) -> tuple[str, str] | None:
    """The two streets of “A and B”, “A / B”, « angle A et B »; None when it is no corner."""
    parts = [part.strip(" ,") for part in _MEETS.split(_CORNER_OF.sub("", typed.strip()))]
    return (parts[0], parts[1]) if len(parts) == 2 and all(parts) else None


def _corner(known: list[Street], typed: str, language: str) -> Places | None:
    """The corner of two known streets, or both streets when they do not meet; None when it is no such thing."""
    parts = corner_parts(typed.replace("\x00", "")[:100])
    if parts is None:
        return None
    first, second = (streets_like(known, _CIVIC.sub("", fold(part))) for part in parts)
    if not first or not second or first[0] == second[0]:
        return None
    met = crossings(first, second)
    if met:
        return Places([_corner_choice(one, language) for one in met])
    return Places(
        _street_choices([first[0], second[0]], language),
        apart=(pick(first[0].names, language), pick(second[0].names, language)),
    )


def _corner_choice(corner: Crossing, language: str) -> Choice:
    one, other = pick(corner.first, language), pick(corner.second, language)
    label = f"angle {one} et {other}" if language == "fr" else f"{one} at {other}"
    return Choice(_at(corner.lat, corner.lon), label, corner.lat, corner.lon)


def _plain(jurisdiction_id: int, known: list[Street], typed: str, language: str, limit: int) -> list[Choice]:
    """Streets when no number was typed, then addresses."""
    text = folded(typed)
    streets = streets_like(known, _CIVIC.sub("", text))
    if not streets and "," in typed:  # the name of the town behind the street
        text = folded(typed.partition(",")[0]) or text
        streets = streets_like(known, _CIVIC.sub("", text))
    offered = [] if _CIVIC.match(text) else _street_choices(streets, language)
    found = _on_streets(jurisdiction_id, streets, text, limit) or _resembling(jurisdiction_id, text, limit)
    spoken = localized_labels(jurisdiction_id, [one.label for one in found], language)
    addresses = [Choice(str(one.address_id), spoken.get(one.label, one.label), one.lat, one.lon) for one in found]
    return [*offered, *addresses][:limit]


def _street_choices(streets: list[Street], language: str) -> list[Choice]:
    at = middles(streets) if streets else {}
    return [
        Choice(_at(*at[street.feature_id]), pick(street.names, language), *at[street.feature_id])
        for street in streets
        if street.feature_id in at
    ]


def _at(lat: float, lon: float) -> str:
    return f"{lat:.6f},{lon:.6f}"
