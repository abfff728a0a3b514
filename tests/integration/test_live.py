"""News on commit: what the listener hears, who is told, and how a page that was away catches up."""

import json
import random
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from backend.asgi import application
from requests_app import actions, live
from requests_app.models import RequestEvent, ServiceRequest, User
from requests_app.permissions import Role, Viewer
from requests_app.states import Activity, Outcome
from requests_app.web import consumers
from tests import factories
from tests.factories import IN_THE_EAST, IN_THE_WEST, World, command, file_request

PATIENCE_S = 60.0


@pytest.fixture
def town(transactional_db: None) -> World:
    return factories.world("testford")


@pytest.fixture(autouse=True)
def quiet_afterwards() -> Iterator[None]:
    yield
    live.broadcast.detach()


def cookie_of(viewer: Viewer | None) -> str:
    client = Client()
    if viewer is not None:
        client.force_login(User.objects.get(pk=viewer.user_id))
    else:
        client.session.save()
    held = client.cookies.get(settings.SESSION_COOKIE_NAME)
    return f"{settings.SESSION_COOKIE_NAME}={held.value}" if held else ""


class Socket:
    """A page's socket on the real application, without a server between."""

    def __init__(self, query: str, cookie: str = "", origin: str = "http://localhost") -> None:
        headers = [(b"host", b"localhost"), (b"cookie", cookie.encode())]
        headers += [(b"origin", origin.encode())] if origin else []
        scope = {"type": "websocket", "path": "/ws/live/", "query_string": query.encode(), "headers": headers}
        self._held = ApplicationCommunicator(application, {**scope, "subprotocols": []})

    async def connect(self) -> bool:
        """Ask to come in; whether we may."""
        await self._held.send_input({"type": "websocket.connect"})
        return (await self._held.receive_output(PATIENCE_S))["type"] == "websocket.accept"

    async def hear(self) -> dict[str, Any]:
        """What it says next."""
        return json.loads((await self._held.receive_output(PATIENCE_S))["text"])

    async def close_code(self) -> int:
        """The code with which it is closed next."""
        return int((await self._held.receive_output(PATIENCE_S))["code"])

    async def talk(self, text: str) -> None:
        await self._held.send_input({"type": "websocket.receive", "text": text})

    async def leave(self) -> None:
        await self._held.send_input({"type": "websocket.disconnect", "code": 1000})
        await self._held.wait(PATIENCE_S)


def play(scene: Callable[[], Awaitable[None]]) -> None:
    """Run a scene on an event loop; what it does to the database happens in this thread."""
    async_to_sync(scene)()


async def opened(query: str, cookie: str) -> tuple[Socket, dict[str, Any]]:
    page = Socket(query, cookie)
    assert await page.connect()
    return page, await page.hear()


async def do(act: Callable[[], Any]) -> Any:
    return await sync_to_async(act)()


# --- Who is told -----------------------------------------------------------------------------------------------------


def test_a_manager_hears_of_a_new_request_on_commit_by_ids_only(town: World) -> None:
    cookie = cookie_of(town.manager)

    async def scene() -> None:
        page, hello = await opened("desk=testford", cookie)
        assert hello["type"] == "hello"
        request = await do(lambda: file_request(town.pothole, words="Waldemar fell here."))
        told = await page.hear()
        assert told["type"] == "events"
        assert [(e["request"], e["activity"], e["sequence"]) for e in told["events"]] == [
            (request.reference, "submitted", 1),
            (request.reference, "routed", 2),
        ]
        assert set(told["events"][0]) == {"request", "activity", "sequence", "event"}
        await page.leave()

    play(scene)


def test_nothing_is_said_of_what_was_rolled_back(town: World) -> None:
    cookie = cookie_of(town.manager)

    def fail() -> None:
        with transaction.atomic():
            file_request(town.needle)
            transaction.set_rollback(True)

    async def scene() -> None:
        page, _hello = await opened("desk=testford", cookie)
        await do(fail)
        kept = await do(lambda: file_request(town.pothole))
        told = await page.hear()
        assert {event["request"] for event in told["events"]} == {kept.reference}
        await page.leave()

    play(scene)


def test_a_handler_hears_of_cases_their_office_holds_or_held_and_of_no_other(town: World) -> None:
    cookie = cookie_of(town.handler)

    async def scene() -> None:
        page, _hello = await opened("desk=testford", cookie)
        await do(lambda: file_request(town.benefit))
        await do(lambda: file_request(town.pothole, location=IN_THE_EAST))
        mine = await do(lambda: file_request(town.pothole, location=IN_THE_WEST))
        assert {event["request"] for event in (await page.hear())["events"]} == {mine.reference}
        await do(lambda: actions.accept(command(mine, town.handler)))
        await do(lambda: actions.hand_off(command(mine, town.handler), office_id=town.parks.pk))
        await do(lambda: actions.accept(command(mine, town.other_handler)))
        heard: list[str] = []
        while "accepted" not in heard[1:]:
            heard += [event["activity"] for event in (await page.hear())["events"]]
        assert heard == ["accepted", "handed_off", "accepted"]
        await page.leave()

    play(scene)


def test_the_public_page_of_a_case_hears_what_citizens_see_and_no_notes(town: World) -> None:
    request = file_request(town.pothole, location=IN_THE_WEST)
    cookie = cookie_of(None)

    async def scene() -> None:
        page, hello = await opened(f"request={request.reference}", cookie)
        assert hello["sequence"] == 2
        await do(lambda: file_request(town.pothole))
        await do(lambda: actions.note(command(request, town.manager), body="Between us."))
        await do(lambda: actions.accept(command(request, town.handler)))
        told = await page.hear()
        assert [(e["request"], e["activity"]) for e in told["events"]] == [(request.reference, "accepted")]
        await page.leave()

    play(scene)


def test_the_city_s_public_page_hears_of_public_cases_only(town: World) -> None:
    cookie = cookie_of(None)

    async def scene() -> None:
        page, _hello = await opened("city=testford", cookie)
        await do(lambda: file_request(town.benefit))
        hidden = await do(lambda: file_request(town.pothole))
        await page.hear()
        await do(lambda: actions.hide(command(hidden, town.manager)))
        await do(lambda: actions.accept(command(hidden, town.handler)))
        shown = await do(lambda: file_request(town.needle))
        assert {event["request"] for event in (await page.hear())["events"]} == {shown.reference}
        await page.leave()

    play(scene)


def test_who_may_not_listen_is_let_go(town: World) -> None:
    private = file_request(town.benefit)
    factories.world("otherford")
    refused = [
        ("desk=testford", cookie_of(None)),
        ("desk=testford", cookie_of(town.evaluator)),
        ("desk=otherford", cookie_of(town.manager)),
        ("desk=nowhere", cookie_of(town.manager)),
        (f"request={private.reference}", cookie_of(None)),
        (f"request={private.reference}", cookie_of(town.other_handler)),
        ("request=%00", cookie_of(None)),
        ("", cookie_of(town.manager)),
    ]

    async def scene() -> None:
        for path, cookie in refused:
            page = Socket(path, cookie)
            assert await page.connect()
            assert await page.close_code() == consumers.REFUSED, path

    play(scene)


@pytest.mark.parametrize("origin", ["", "https://elsewhere.example", "http://localhost:9999", "null"])
def test_a_page_of_another_origin_gets_no_socket(town: World, origin: str) -> None:
    cookie = cookie_of(town.manager)

    async def scene() -> None:
        assert not await Socket("desk=testford", cookie, origin).connect()

    play(scene)


def test_a_browser_that_talks_is_shown_the_door(town: World) -> None:
    cookie = cookie_of(town.manager)

    async def scene() -> None:
        page, _hello = await opened("desk=testford", cookie)
        await page.talk("give me everything")
        assert await page.close_code() == consumers.TALKED

    play(scene)


def test_a_sign_out_ends_the_socket_at_the_next_check(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "RECHECK_S", 0.05)
    client = Client()
    client.force_login(User.objects.get(pk=town.manager.user_id))
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"

    async def scene() -> None:
        page, _hello = await opened("desk=testford", cookie)
        await do(client.logout)
        assert await page.close_code() == consumers.REFUSED

    play(scene)


# --- How much --------------------------------------------------------------------------------------------------------


def test_a_large_batch_is_told_as_one_resync(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_EVENTS", 3)
    cookie = cookie_of(town.manager)

    def batch() -> None:
        with transaction.atomic():
            for _ in range(3):
                file_request(town.pothole)

    async def scene() -> None:
        page, _hello = await opened("desk=testford", cookie)
        await do(batch)
        assert await page.hear() == {"type": "resync"}
        await page.leave()

    play(scene)


def test_a_socket_that_falls_behind_is_told_to_look_again(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "MOST_WAITING", 1)
    cookie = cookie_of(town.manager)

    async def scene() -> None:
        page, _hello = await opened("desk=testford", cookie)
        await do(lambda: file_request(town.pothole))
        assert await page.hear() == {"type": "resync"}
        await page.leave()

    play(scene)


def test_a_lost_listener_comes_back_and_says_so(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BACK_OFF_S", (0.01,))
    cookie = cookie_of(town.manager)

    def cut() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE 'LISTEN %'"
            )
            assert cursor.rowcount == 1

    async def scene() -> None:
        page, _hello = await opened("desk=testford", cookie)
        await do(cut)
        assert await page.hear() == {"type": "resync"}
        request = await do(lambda: file_request(town.pothole))
        assert {event["request"] for event in (await page.hear())["events"]} == {request.reference}
        await page.leave()

    play(scene)


# --- The one rule ----------------------------------------------------------------------------------------------------


def test_what_a_socket_tells_is_what_a_page_would_show(town: World) -> None:
    """`may_know` is `visible_to` without a query: on every case, for every kind of viewer."""
    dice = random.Random(7)
    for of in (town.pothole, town.needle, town.benefit, town.compliment) * 3:
        request = file_request(of, location=dice.choice([IN_THE_WEST, IN_THE_EAST]) if of.needs_place else None)
        if dice.random() < 0.5:
            actions.accept(command(request, town.manager))
            actions.hand_off(
                command(request, town.manager), office_id=dice.choice([town.parks, town.intake]).pk
            ) if request.office_id not in (town.parks.pk, town.intake.pk) else None
        if dice.random() < 0.3:
            actions.hide(command(request, town.manager))
    cases = list(ServiceRequest.objects.all())
    viewers = [
        Viewer(),
        factories.citizen(cases[2]),
        town.handler,
        town.other_handler,
        town.intake_handler,
        town.manager,
        town.evaluator,
        town.administrator,
        factories.member(Role.HANDLER, town.jurisdiction),
        factories.member(Role.MANAGER, None),
    ]
    ids = RequestEvent.objects.filter(activity=Activity.SUBMITTED).values_list("pk", flat=True)
    facts = live.facts_between(min(ids), max(ids), list(ids))
    assert len(facts) == len(cases)
    for viewer in viewers:
        seen = set(ServiceRequest.objects.visible_to(viewer).values_list("pk", flat=True))
        assert {fact.request_id for fact in facts if live.may_know(viewer, fact)} == seen


# --- Catching up -----------------------------------------------------------------------------------------------------


def test_a_change_of_a_transaction_that_commits_late_is_not_lost(town: World) -> None:
    """A begins, B begins and commits, a page reads, A commits: the page's next look must show A."""
    early, late = file_request(town.pothole), file_request(town.pothole)
    written, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            actions.accept(command(early, town.handler))
            written.set()
            may_commit.wait(PATIENCE_S)
        connection.close()

    thread = threading.Thread(target=slow)
    start = live.present_cursor()
    thread.start()
    try:
        assert written.wait(PATIENCE_S)
        actions.accept(command(late, town.handler))
        first = live.changes_since(start, jurisdiction=town.jurisdiction, viewer=town.manager)
    finally:
        may_commit.set()
        thread.join()
    assert accepted_in(first) == {late.pk}
    second = live.changes_since(first.cursor, jurisdiction=town.jurisdiction, viewer=town.manager)
    assert accepted_in(second) == {early.pk, late.pk}


def accepted_in(changes: live.Changes) -> set[int]:
    # Other transactions of the whole server hold a cursor back, so earlier events may be told again.
    return {fact.request_id for fact in changes.facts if fact.activity == Activity.ACCEPTED}


def test_a_page_that_was_away_too_long_looks_again_as_a_whole(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    start = live.present_cursor()
    monkeypatch.setattr(live, "MOST_EVENTS", 3)
    request = file_request(town.pothole)
    actions.accept(command(request, town.handler))
    assert not live.changes_since(start, jurisdiction=town.jurisdiction, viewer=town.manager).resync
    actions.close(command(request, town.handler), outcome=Outcome.RESOLVED)
    assert live.changes_since(start, jurisdiction=town.jurisdiction, viewer=town.manager).resync
