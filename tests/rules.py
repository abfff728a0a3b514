"""Rules for tests: a small place as plain values, and rules that go live in a real one."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, LineString

from requests_app.actions import rules as acts
from requests_app.calendars import Calendar
from requests_app.models import Jurisdiction, RuleSet
from requests_app.permissions import Viewer
from requests_app.reads.rules import draft_set, live_set, seen_mark
from requests_app.routing.compile import Compiled, compile_rules
from requests_app.routing.conditions import Facts
from requests_app.routing.known import Known, KnownOffice, KnownPlace, KnownService
from requests_app.routing.parse import parse
from tests.factories import EAST, NORTH, SOUTH, WEST, World, box

OFFICES = {"roads": 1, "parks": 2, "intake": 3}


def rule(code: str, when: Mapping[str, Any], **then: Any) -> dict[str, Any]:
    """A rule as a document has it."""
    return {"code": code, "en": code.title(), "fr": code.title(), "when": dict(when), "then": then}


def document(*rules: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"rule": list(rules), **more}


def known(**features: GEOSGeometry) -> Known:
    """Three offices, two services, two wards and the features that are named."""
    steps = {"intake": {"en": "Intake"}, "work": {"en": "Work"}}
    middle = (WEST + EAST) / 2
    return Known(
        jurisdiction_id=0,
        area_kind="ward",
        calendar=Calendar("America/Toronto", holiday_subdivision="ON"),
        offices={code: KnownOffice(pk, {"en": code}, is_fallback=code == "intake") for code, pk in OFFICES.items()},
        services={
            code: KnownService(pk, {"en": code}, "street", steps) for pk, code in enumerate(("pothole", "tree"), 1)
        },
        areas={
            "1": KnownPlace(11, {"en": "Ward 1"}, box(WEST, SOUTH, middle, NORTH)),
            "2": KnownPlace(12, {"en": "Ward 2"}, box(middle, SOUTH, EAST, NORTH)),
            "district:all": KnownPlace(13, {"en": "All"}, box(WEST, SOUTH, EAST, NORTH)),
        },
        features={f"street:{code}": KnownPlace(1, {"en": code}, line) for code, line in features.items()},
    )


def compiled(*rules: Mapping[str, Any], at: Known | None = None, **more: Any) -> Compiled:
    """Rules ready to decide; they must have a good form."""
    book, problems = parse(document(*rules, **more))
    assert problems == [], [str(one.sentence) for one in problems]
    return compile_rules(book, at or known())


def facts(**more: Any) -> Facts:
    """A pothole in Ward 1, told on the web on a Monday at ten in the morning (Toronto)."""
    usual = {"service": "pothole", "kind": "street", "channel": "web", "at": datetime(2026, 6, 1, 14, tzinfo=UTC)}
    pin = {"area_id": 11, "point": (-79.05, 44.0), "steps": frozenset({"intake", "work"})}
    return Facts(**{**usual, **pin, **more})


KING = LineString((-79.06, 44.0), (-79.04, 44.0), srid=4326)


def make_live(world: World, *rules: Mapping[str, Any], viewer: Viewer | None = None, **more: Any) -> RuleSet:
    """Have rules go live in a place, through the actions."""
    who, place = viewer or world.administrator, world.jurisdiction
    acts.save_draft(place, who, document(*rules, **more), seen=mark(place))
    return acts.go_live(place, who, seen=mark(place))


def mark(place: Jurisdiction) -> str:
    """What a form of the place's rules carries now."""
    return seen_mark(draft_set(place) or live_set(place))
