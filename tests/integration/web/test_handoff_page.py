"""The hand-offs of an office as its people see them: every number is the length of the list behind it."""

import re
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from requests_app import actions
from requests_app.actions.sweeps import sweep_handoffs
from requests_app.clock import frozen_at
from requests_app.models import User
from requests_app.permissions import Viewer
from tests import factories
from tests.factories import IN_THE_EAST, World
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
TORONTO = ZoneInfo("America/Toronto")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TORONTO)


def then(play: Play, when: str, action: Any, **facts: Any) -> Play:
    with frozen_at(at(when)):
        return play.do(action, **facts)


@pytest.fixture
def town() -> World:
    return factories.world("testford")


@pytest.fixture
def cases(town: World) -> dict[str, Play]:
    """One hand-off from roads to parks of every kind, and one from parks to roads."""

    def handed(hour: str) -> Play:
        with frozen_at(at(f"2026-05-04T{hour}")):
            play = Play.begin(town).accepted()
        return then(play, f"2026-05-04T{hour}", actions.hand_off, office_id=town.parks.pk)

    waiting = then(handed("09:00"), "2026-05-05T09:00", actions.bounce, reason="wrong_area")
    then(waiting, "2026-05-05T09:30", actions.accept)
    then(waiting, "2026-05-06T09:30", actions.hand_off, office_id=town.parks.pk)
    expired = handed("09:10")
    with frozen_at(at("2026-05-06T09:15")):
        assert sweep_handoffs() == 1
    bounced = then(handed("15:20"), "2026-05-05T10:00", actions.bounce, reason="wrong_office")
    returned = then(handed("15:30"), "2026-05-05T10:00", actions.accept)
    then(returned, "2026-05-05T11:00", actions.hand_off, office_id=town.roads.pk)
    then(returned, "2026-05-05T12:00", actions.accept)
    accepted = then(handed("15:40"), "2026-05-05T10:00", actions.accept)
    recalled = handed("15:50").do(actions.recall, viewer=town.handler)
    forwarded = then(
        handed("15:55"), "2026-05-05T10:00", actions.forward, office_id=town.intake.pk, reason="wrong_office"
    )
    with frozen_at(at("2026-05-04T09:00")):
        theirs = Play.begin(town, location=IN_THE_EAST).accepted()
    then(theirs, "2026-05-06T10:00", actions.hand_off, office_id=town.roads.pk)
    return {
        "waiting": waiting,
        "expired": expired,
        "bounced": bounced,
        "returned": returned,
        "accepted": accepted,
        "recalled": recalled,
        "forwarded": forwarded,
        "theirs": theirs,
    }


def client_of(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


def page(viewer: Viewer, query: str = "", status: int = 200, when: str = "2026-05-06T12:00") -> str:
    with frozen_at(at(when)):
        answer = client_of(viewer).get(f"/desk/hand-offs/{query}")
    assert answer.status_code == status
    return answer.content.decode()


def chips(html: str) -> Iterator[tuple[str, int]]:
    """The address and the number of every figure beside a state."""
    for address, number in re.findall(r'<a class="chip" href="([^"#]+)#list".*?chip__count">(\d+)<', html, re.DOTALL):
        yield unescape(address), int(number)


def listed(html: str) -> list[str]:
    return re.findall(r'handoff__link" href="/desk/requests/([^/]+)/', html)


@pytest.mark.parametrize("who", ["handler", "other_handler", "manager"])
def test_every_number_is_the_length_of_its_list(town: World, cases: dict[str, Play], who: str) -> None:
    viewer = getattr(town, who)
    figures = list(chips(page(viewer)))
    assert sum(number for _address, number in figures) > 0
    for address, number in figures:
        assert len(listed(page(viewer, address))) == number, address


def test_each_state_holds_the_cases_it_should(town: World, cases: dict[str, Play]) -> None:
    for state, names in {
        "waiting": ["waiting"],
        "expired": ["expired"],
        "bounced": ["bounced", "waiting"],
        "returned": ["returned"],
        "accepted": ["accepted"],
        "recalled": ["recalled"],
    }.items():
        shown = listed(page(town.handler, f"?side=sent&state={state}"))
        assert sorted(shown) == sorted(cases[name].request.reference for name in names), state
    received = listed(page(town.handler, "?side=received&state=waiting"))
    assert received == [cases["theirs"].request.reference]


def test_a_bounce_says_why_and_what_waits_says_until_when(town: World, cases: dict[str, Play]) -> None:
    assert "Another office’s work" in page(town.handler, "?side=sent&state=bounced")
    assert "to be accepted by Friday, May 8, 2026 at 9:30 am" in page(town.handler, "?side=sent&state=waiting")
    assert "à accepter" in page(town.handler, "?side=sent&state=waiting&lang=fr")


def test_both_offices_see_who_plays_ping_pong_with_whom_and_each_number_leads_to_its_cases(
    town: World, cases: dict[str, Play]
) -> None:
    for viewer in (town.handler, town.other_handler, town.manager):
        html = page(viewer)
        ((back, back_number), (again, again_number)) = re.findall(
            r'<td class="number"><a href="([^"#]+)#list">(\d+)</a>', html
        )
        assert (back_number, again_number) == ("5", "1")
        assert len(listed(page(viewer, unescape(back)))) == 5
        assert listed(page(viewer, unescape(again))) == [cases["waiting"].request.reference]


def test_what_is_settled_is_shown_for_ninety_days_and_what_waits_for_ever(town: World, cases: dict[str, Play]) -> None:
    later = "2026-10-06T12:00"
    assert listed(page(town.handler, "?side=sent&state=bounced", when=later)) == []
    assert listed(page(town.handler, "?side=sent&state=waiting", when=later)) == [cases["waiting"].request.reference]


def test_an_office_that_had_no_part_in_it_sees_nothing_of_it(town: World, cases: dict[str, Play]) -> None:
    roads = town.roads.pk
    assert listed(page(town.intake_handler, f"?office={roads}&side=sent&state=waiting")) == []


@pytest.mark.parametrize(
    "query", ["?office=77777", "?side=up", "?state=lost", "?pair=1-x", "?side=all", "?page=0", "?office=%00"]
)
def test_an_address_that_makes_no_sense_is_answered_with_a_sentence(town: World, query: str) -> None:
    status = 200 if "page" in query else 422
    html = page(town.handler, query, status)
    assert ("There is no such list" in html) == (status == 422)


def test_the_page_costs_the_same_however_much_was_handed_off(town: World, cases: dict[str, Play]) -> None:
    client = client_of(town.handler)
    for query in ("", "?side=sent&state=bounced", f"?pair={town.roads.pk}-{town.parks.pk}"):
        with frozen_at(at("2026-05-06T12:00")), CaptureQueriesContext(connection) as sent:
            client.get(f"/desk/hand-offs/{query}")
        ours = [q["sql"] for q in sent.captured_queries if "django_session" not in q["sql"]]
        assert len(ours) <= 8, "\n".join(ours)
