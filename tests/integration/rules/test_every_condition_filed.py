"""Every condition, alone and under all, any and not, and every action, through the real filing of a request.

A rule of each combination gives a tag of its own, so that one filing answers all of them: the tags of the case must be
those of the rules that hold for it, no more and no fewer.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from requests_app import actions
from requests_app.clock import frozen_at
from requests_app.models import Channel, Hold, MapFeature, Question, RequestEvent, Service, ServiceRequest
from requests_app.reads.explained import teller_of
from tests import factories
from tests.factories import IN_THE_EAST, IN_THE_WEST, World
from tests.rules import make_live, rule

pytestmark = pytest.mark.django_db
MONDAY_MORNING = datetime(2026, 5, 4, 10, tzinfo=ZoneInfo("America/Toronto"))
SATURDAY_NIGHT = datetime(2026, 5, 9, 23, tzinfo=ZoneInfo("America/Toronto"))
WEST = [[-79.1, 43.9], [-79.0, 43.9], [-79.0, 44.1], [-79.1, 44.1]]

HOLDS: dict[str, dict[str, Any]] = {
    "service": {"service": ["pothole"]},
    "kind": {"kind": "street"},
    "channel": {"channel": ["phone", "counter"]},
    "words": {"words": ["wire", "inond*"]},
    "area": {"area": "1"},
    "polygon": {"polygon": WEST},
    "near": {"near": {"feature": "landmark:mill", "metres": 300}},
    "workload": {"workload": {"office": "parks", "over": 1}},
    "answer-is": {"answer": {"question": "lane", "is": "yes"}},
    "answer-least": {"answer": {"question": "depth", "at_least": 10}},
    "answer-most": {"answer": {"question": "depth", "at_most": 20}},
    "answer-given": {"answer": {"question": "depth", "given": True}},
    "time-working": {"time": {"working": True}},
    "time-days": {"time": {"days": ["mon", "tue"]}},
    "time-hours": {"time": {"from": "09:30", "to": "10:30"}},
}
"""A condition of every kind that holds for the first request below and for no part of the second."""

TRUE, FALSE = {"not": {"channel": "import"}}, {"channel": "import"}


def combinations(name: str, leaf: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """A tag, a condition, and whether it holds where the leaf does; where it does not, the opposite must be."""
    yield f"{name}-alone", leaf, True
    yield f"{name}-all", {"all": [leaf, TRUE]}, True
    yield f"{name}-any", {"any": [FALSE, leaf]}, True
    yield f"{name}-not", {"not": leaf}, False
    yield f"{name}-not-all", {"not": {"all": [TRUE, leaf]}}, False
    yield f"{name}-any-not", {"any": [FALSE, {"not": leaf}]}, False


EVERY = [one for name, leaf in HOLDS.items() for one in combinations(name, leaf)]
NEVER = [(f"{name}-and-false", {"all": [leaf, FALSE]}) for name, leaf in HOLDS.items()]
ALWAYS = [(f"{name}-or-true", {"any": [leaf, TRUE]}) for name, leaf in HOLDS.items()]


WORK = {"step": "work"}
EVERY_ACTION = {"office": "intake", "further": ["parks"], **WORK, "priority": 2, "promise_hours": 5, "tags": ["x"]}


@pytest.fixture
def world() -> World:
    found = factories.world("testford")
    for code, datatype in (("lane", "yes_no"), ("depth", "number")):
        for service in (found.pothole, found.compliment):
            Question.objects.create(service=service, code=code, names=factories.names(code), datatype=datatype)
    mill = {"kind": "landmark", "code": "mill", "names": factories.names("Mill"), "geometry": IN_THE_WEST}
    MapFeature.objects.create(jurisdiction=found.jurisdiction, **mill)
    return found


def filed(world: World, service: Service, at: datetime, **fields: Any) -> ServiceRequest:
    with frozen_at(at):
        return factories.file_request(service, **fields)


def test_each_condition_holds_where_it_should_alone_and_joined(world: World) -> None:
    for _ in range(2):
        factories.file_request(world.pothole, location=IN_THE_EAST)
    plain = [rule(tag, when, tags=[tag]) for tag, when, _holds in EVERY]
    make_live(world, *plain, *(rule(tag, when, tags=[tag]) for tag, when in (*NEVER, *ALWAYS)))
    everything = {"channel": Channel.PHONE, "viewer": world.handler, "answers": {"lane": "yes", "depth": "15"}}
    first = filed(
        world, world.pothole, MONDAY_MORNING, location=IN_THE_WEST, words="Rue inondée, a WIRE fell", **everything
    )
    always = {tag for tag, _when in ALWAYS}
    assert set(first.tags) == always | {tag for tag, _when, holds in EVERY if holds}
    assert len(first.tags) == len(set(first.tags))
    for request in ServiceRequest.objects.exclude(pk=first.pk):
        actions.close(factories.command(request, world.other_handler), outcome="resolved")
    second = filed(world, world.compliment, SATURDAY_NIGHT, words="Thank you all")
    assert set(second.tags) == always | {tag for tag, _when, holds in EVERY if not holds}
    told = RequestEvent.objects.get(request=first, activity="routed").explanation
    teller = teller_of(world.jurisdiction, told["rules"])
    assert set(told["because"]) == set(first.tags), "each rule that matched says why"
    assert all(teller.reasons(told, code) for code in told["because"])


@pytest.mark.parametrize(
    ("then", "shows"),
    [
        ({"office": "parks"}, {"office": "parks"}),
        ({"further": ["intake"]}, {"office": "roads", "asked": ["intake"]}),
        ({"step": "work"}, {"office": "roads", "step": "work"}),
        ({"priority": -1}, {"office": "roads", "priority": -1}),
        ({"promise_hours": 3}, {"office": "roads", "hours": 3}),
        ({"tags": ["a", "b"]}, {"office": "roads", "tags": ["a", "b"]}),
        (EVERY_ACTION, {"office": "intake", "asked": ["parks"], **WORK, "priority": 2, "hours": 5, "tags": ["x"]}),
    ],
)
def test_each_action_is_done_when_a_request_is_filed(
    world: World, then: Mapping[str, Any], shows: Mapping[str, Any]
) -> None:
    make_live(world, rule("one", {"service": "pothole"}, **then))
    request = filed(world, world.pothole, MONDAY_MORNING, location=IN_THE_WEST)
    asked = Hold.objects.filter(request=request, is_lead=False).values_list("office__code", flat=True)
    usual = {"asked": [], "step": "intake", "priority": 0, "hours": 40, "tags": []}
    found = {
        "office": request.office.code if request.office else "",
        "asked": list(asked),
        "step": request.step,
        "priority": request.priority,
        "hours": request.promise["terms"][0]["resolve"]["hours"],
        "tags": request.tags,
    }
    assert found == {**usual, **shows}
