"""The live socket: tells a page which cases changed, by ids, within its viewer's rights.

    /ws/live/?desk=CODE          a desk of a jurisdiction
    /ws/live/?request=REFERENCE  one case the viewer may see
    /ws/live/?city=CODE          what is public in a jurisdiction

It says `{"type": "hello", "cursor": …, "sequence": …}` once, then `{"type": "events", "events": [{request,
activity, sequence, event}, …]}` at most four times a second, or `{"type": "resync"}` when the page
should look again. The browser says nothing; one that does is shown the door.
"""

import asyncio
import contextlib
import json
from dataclasses import dataclass
from importlib import import_module
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth import get_user
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest
from django.http.cookie import parse_cookie

from requests_app import live
from requests_app.permissions import Viewer
from requests_app.reads.one_request import find_request
from requests_app.reads.places import place_named
from requests_app.web.viewer import build_viewer

BATCH_EVERY_S = 0.25
MOST_WAITING = 200
"""Facts kept for one socket; more become one resync."""

SLOW_S = 10.0
"""A browser that does not take a frame for so long is let go; it comes back and resyncs."""

RECHECK_S = 60.0
READY_S = 5.0
REFUSED, TOO_SLOW, TALKED, TRY_AGAIN = 4403, 4408, 4400, 1013


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a socket listens to, and what its page should know at once."""

    viewer: Viewer
    groups: frozenset[str]
    hello: dict[str, Any]
    request_id: int | None = None
    jurisdiction_id: int | None = None

    def wants(self, fact: live.Fact) -> bool:
        """Whether the page is concerned and the viewer may know."""
        concerned = self.request_id in (None, fact.request_id) and self.jurisdiction_id in (None, fact.jurisdiction_id)
        return concerned and live.may_know(self.viewer, fact)


def viewer_behind(scope: dict[str, Any]) -> Viewer:
    """The viewer of a socket's session as it stands now: a sign-out or a lost role counts at once."""
    cookies = next((value for name, value in scope["headers"] if name == b"cookie"), b"")
    key = parse_cookie(cookies.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    bearer = cast("HttpRequest", SimpleNamespace(session=session))
    return build_viewer(get_user(bearer), session)


def subscription(scope: dict[str, Any]) -> Subscription | None:
    """What the address asks for, if the viewer may have it."""
    wanted = {name: values[-1] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
    viewer = viewer_behind(scope)
    if "request" in wanted:
        return _to_request(viewer, wanted["request"])
    place = place_named(wanted.get("desk") or wanted.get("city") or "")
    if place is None:
        return None
    cursor = str(live.present_cursor())
    groups = live.desk_groups(viewer, place) if "desk" in wanted else {live.public_group(place.pk)}
    listener = viewer if "desk" in wanted else Viewer()
    hello = {"cursor": cursor}
    return Subscription(listener, frozenset(groups), hello, jurisdiction_id=place.pk) if groups else None


def _to_request(viewer: Viewer, reference: str) -> Subscription | None:
    request = find_request(reference.replace("\x00", ""), viewer)
    if request is None:
        return None
    groups = frozenset({live.request_group(request.pk)})
    return Subscription(viewer, groups, {"sequence": request.version}, request_id=request.pk)


def comes_from_here(scope: dict[str, Any]) -> bool:
    """Whether the page that opened the socket is one of ours: same host and port, or a trusted origin."""
    headers = dict(scope["headers"])
    origin, host = headers.get(b"origin", b"").decode("latin-1"), headers.get(b"host", b"").decode("latin-1")
    return bool(origin) and (urlsplit(origin).netloc == host or origin in settings.CSRF_TRUSTED_ORIGINS)


class LiveUpdates(AsyncWebsocketConsumer):
    """One browser page that listens."""

    subscription: Subscription | None = None

    async def connect(self) -> None:
        """Let the page in, join its groups, and say how far the ledger is."""
        self._waiting: dict[int, dict[str, Any]] = {}
        self._must_resync = False
        self._tasks: dict[str, asyncio.Task[None]] = {}
        if not comes_from_here(self.scope):
            await self.close()
            return
        listener = live.broadcast.attach(asyncio.get_running_loop())
        await asyncio.to_thread(listener.listening.wait, READY_S)
        await self.accept()
        if await self._subscribe():
            assert self.subscription is not None
            await self._say({"type": "hello", **self.subscription.hello})
            self._tasks["recheck"] = asyncio.create_task(self._recheck())

    async def disconnect(self, code: int) -> None:  # noqa: ARG002 (Channels' own signature)
        """Leave every group and stop what runs for this page."""
        for task in self._tasks.values():
            task.cancel()
        await self._move_to(frozenset())

    async def receive(self, **frame: Any) -> None:  # noqa: ARG002 (whatever it is, it is refused)
        """Nothing is taken from a browser."""
        await self.close(TALKED)

    async def live_facts(self, message: dict[str, Any]) -> None:
        """Facts from the ledger: keep those for this page until the next batch leaves."""
        wanted = [fact for fact in message["facts"] if self.subscription and self.subscription.wants(fact)]
        for fact in wanted:
            self._waiting[fact.event_id] = fact.message()
        if len(self._waiting) > MOST_WAITING:
            self._must_resync = True
            self._waiting.clear()
        if wanted:
            self._send_soon()

    async def live_resync(self, message: dict[str, Any]) -> None:  # noqa: ARG002 (Channels' own signature)
        """Too much happened, or the listener was away."""
        self._must_resync = True
        self._waiting.clear()
        self._send_soon()

    async def _subscribe(self) -> bool:
        """Work out rights and groups; close the socket when there are none."""
        # Groups first, then the cursor: what happens between is told twice rather than never.
        wanted = await database_sync_to_async(subscription)(self.scope)
        if wanted is None:
            await self.close(REFUSED)
            return False
        before = self.subscription
        await self._move_to(wanted.groups)
        self.subscription = wanted
        if before is None:
            self.subscription = await database_sync_to_async(subscription)(self.scope) or wanted
        return True

    async def _move_to(self, groups: frozenset[str]) -> None:
        held = self.subscription.groups if self.subscription else frozenset()
        for group in held - groups:
            await self.channel_layer.group_discard(group, self.channel_name)
        for group in groups - held:
            await self.channel_layer.group_add(group, self.channel_name)
        if groups:
            await self.channel_layer.group_add(live.EVERYONE, self.channel_name)
        else:
            await self.channel_layer.group_discard(live.EVERYONE, self.channel_name)

    async def _recheck(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_S)
            try:
                if not await self._subscribe():
                    return
            except (DatabaseError, InterfaceError):
                # Rights that cannot be checked are not rights: the page comes back when the database does.
                await self.close(TRY_AGAIN)
                return

    def _send_soon(self) -> None:
        running = self._tasks.get("send")
        if running is None or running.done():
            self._tasks["send"] = asyncio.create_task(self._send_batches())

    async def _send_batches(self) -> None:
        while self._waiting or self._must_resync:
            if self._must_resync:
                told: dict[str, Any] = {"type": "resync"}
            else:
                told = {"type": "events", "events": list(self._waiting.values())}
            self._must_resync = False
            self._waiting = {}
            await self._say(told)
            await asyncio.sleep(BATCH_EVERY_S)

    async def _say(self, message: dict[str, Any]) -> None:
        try:
            await asyncio.wait_for(self.send(json.dumps(message)), SLOW_S)
        except TimeoutError:
            with contextlib.suppress(Exception):
                await self.close(TOO_SLOW)
