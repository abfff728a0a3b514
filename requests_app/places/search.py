"""Finding an address by what somebody types: exact beginnings first, then what resembles it."""

import re
from dataclasses import dataclass
from typing import Any

from django.db import connection

from requests_app.text.normalise import fold

MOST = 8
_KIND_OF_STREET = re.compile(
    r"\b(street|st|avenue|ave|av|road|rd|drive|dr|boulevard|blvd|boul|lane|ln|court|crt|crescent|cres|way|place|pl"
    r"|rue|chemin|ch|promenade|prom|allee|voie|cour|croissant|de|du|la|le|les|des|the)\b"
)
_NUMBER = re.compile(r"\b(\d{1,6})[a-z]?\b")

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

    A typing error is forgiven, and a number that is not there finds its neighbours.
    """
    text = fold(typed.replace("\x00", ""))[:100]
    if not text:
        return []
    number = _NUMBER.search(text)
    given: dict[str, Any] = {
        "jurisdiction": jurisdiction_id,
        "typed": text,
        "beginning": f"{text}%",
        "name": _name_in(text),
        "number": int(number[1]) if number else 0,
        "most": limit,
    }
    return next((rows for match in (_LIKELY, _LOOSE) if (rows := _rows(match, given))), [])


def _name_in(text: str) -> str:
    """The part of the text that names the street: without numbers and “street”, “rue” …; the text when that is all."""
    bare = " ".join(_KIND_OF_STREET.sub(" ", _NUMBER.sub(" ", text)).split())
    return bare or text


def _rows(match: str, values: dict[str, Any]) -> list[Found]:
    with connection.cursor() as cursor:
        cursor.execute(_SQL.format(match=match), values)
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
