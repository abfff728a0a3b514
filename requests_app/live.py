"""News of the ledger, pushed on commit: ids only, and only to those who may know of the case.

The path: an event row commits → a trigger notifies `clearway_ledger` with "low,high,count" → the
one `Listener` of this process reads those events by SQL → `publish` hands their facts to the
channel layer's groups → each socket filters them by its viewer's rights. Delivery is at most once;
whoever was away catches up by `changes_since`, and every page is right without a socket.
"""

import asyncio
import logging
import os
import select
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import psycopg2
from channels.layers import get_channel_layer
from django.db import DatabaseError, InterfaceError, connection

from requests_app.models import Jurisdiction, RequestEvent
from requests_app.permissions import Publicity, Viewer
from requests_app.states import CITIZEN_SEES, Activity, Capability

log = logging.getLogger(__name__)

NOTICE = "clearway_ledger"
MOST_EVENTS = 500
"""More events in one notice than this (an import, a bulk load) are told as one `resync`."""

IDLE_S = 30.0
"""How long the listener waits before it proves that its connection still lives."""

BACK_OFF_S = (0.2, 1.0, 3.0, 10.0, 30.0)
EVERYONE = "live.everyone"


@dataclass(frozen=True, slots=True)
class Fact:
    """One event: what is told of it, and what decides who is told."""

    event_id: int
    request_id: int
    reference: str
    activity: str
    sequence: int
    jurisdiction_id: int
    service_id: int
    area_id: int | None
    office_ids: frozenset[int]
    """Every office that holds or held the case."""
    is_public: bool
    """Whether everybody may know of the case: its service is not private and it is not hidden."""

    def message(self) -> dict[str, Any]:
        """What a socket says: ids and codes; no words, no names."""
        return {
            "request": self.reference,
            "activity": self.activity,
            "sequence": self.sequence,
            "event": self.event_id,
        }

    def groups(self) -> list[str]:
        """The groups of sockets that may be concerned."""
        concerned = [staff_group(self.jurisdiction_id), request_group(self.request_id)]
        concerned += [office_group(office_id) for office_id in self.office_ids]
        return [*concerned, public_group(self.jurisdiction_id)] if self.is_public else concerned


def staff_group(jurisdiction_id: int) -> str:
    """Staff whose grants are not narrowed to an office."""
    return f"live.staff.{jurisdiction_id}"


def office_group(office_id: int) -> str:
    """Staff of one office."""
    return f"live.office.{office_id}"


def request_group(request_id: int) -> str:
    """Readers of one case."""
    return f"live.request.{request_id}"


def public_group(jurisdiction_id: int) -> str:
    """Readers of a city's public pages."""
    return f"live.public.{jurisdiction_id}"


def may_know(viewer: Viewer, fact: Fact) -> bool:
    """`visible_to` on one fact, without a query: the same rule (a test holds them together)."""
    if fact.is_public:
        return _is_told_to_all(fact) or _reaches(viewer, fact)
    own = fact.request_id in viewer.tracked_request_ids
    return (own and _is_told_to_all(fact)) or _reaches(viewer, fact)


def _is_told_to_all(fact: Fact) -> bool:
    # That a note was written is the office's own business, whatever the case.
    return Activity(fact.activity) in CITIZEN_SEES


def _reaches(viewer: Viewer, fact: Fact) -> bool:
    return any(
        grant.covers(
            jurisdiction_id=fact.jurisdiction_id,
            office_ids=fact.office_ids,
            service_id=fact.service_id,
            area_id=fact.area_id,
        )
        for grant in viewer.grants
    )


# --- Reading ---------------------------------------------------------------------------------------------------------

_FACTS = """
SELECT e.id, e.request_id, r.reference, e.activity, e.sequence, e.jurisdiction_id, r.service_id, r.area_id,
       ARRAY(SELECT DISTINCT h.office_id FROM requests_app_hold h WHERE h.request_id = r.id),
       s.publicity <> %(private)s AND NOT r.hidden
  FROM requests_app_requestevent e
  JOIN requests_app_servicerequest r ON r.id = e.request_id
  JOIN requests_app_service s ON s.id = r.service_id
 WHERE e.id BETWEEN %(low)s AND %(high)s AND (%(ids)s::bigint[] IS NULL OR e.id = ANY(%(ids)s))
 ORDER BY e.id
 LIMIT %(most)s
"""


def facts_between(low: int, high: int, ids: list[int] | None = None) -> list[Fact]:
    """The facts of the committed events between two ids, or of some of them; one statement.

    At most one more than `MOST_EVENTS` come back, by which the caller sees that there are too many.
    """
    given = {"low": low, "high": high, "ids": ids, "most": MOST_EVENTS + 1, "private": Publicity.PRIVATE.value}
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, given)
        return [Fact(*[*row[:8], frozenset(row[8]), row[9]]) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a page has seen the ledger, in commit order: (transaction, event)."""

    xact: int
    event_id: int

    def __str__(self) -> str:
        return f"{self.xact},{self.event_id}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read "xact,event"; ValueError when it is not two whole numbers that the database can hold."""
        xact, _comma, event_id = text.partition(",")
        if not (xact.isascii() and xact.isdigit() and event_id.isascii() and event_id.isdigit()):
            raise ValueError("a cursor is two whole numbers with a comma between")
        if max(int(xact), int(event_id)) >= 2**63:
            raise ValueError("a cursor’s numbers are below 2^63")
        return cls(int(xact), int(event_id))


def present_cursor() -> Cursor:
    """Everything of transactions that are over lies behind it; read it *before* what it is to cover."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return Cursor(cursor.fetchone()[0], 0)


@dataclass(frozen=True, slots=True)
class Changes:
    """What a reader missed: the facts it may know, and where it stands now; `resync` when there is too much."""

    facts: list[Fact]
    cursor: Cursor
    resync: bool


def changes_since(since: Cursor, *, jurisdiction: Jurisdiction, viewer: Viewer) -> Changes:
    """The desk's changes after a cursor.

    Every committed event behind the cursor is told, those of transactions younger than a running
    one too; but the cursor only moves to `pg_snapshot_xmin`, below which nothing can still
    appear. So a change may be told twice and is never lost.
    """
    now = present_cursor()
    missed = (
        RequestEvent.objects.filter(jurisdiction=jurisdiction, xact__gte=since.xact)
        .exclude(xact=since.xact, pk__lte=since.event_id)
        .order_by("xact", "pk")
        .values_list("pk", flat=True)[: MOST_EVENTS + 1]
    )
    ids = list(missed)
    if len(ids) > MOST_EVENTS:
        return Changes([], now, resync=True)
    facts = facts_between(min(ids), max(ids), ids) if ids else []
    return Changes([fact for fact in facts if may_know(viewer, fact)], now, resync=False)


def desk_groups(viewer: Viewer, jurisdiction: Jurisdiction) -> set[str]:
    """The groups a member of staff listens to; empty when they have no desk there."""
    grants = [g for g in viewer.grants_with(Capability.SEE_DESK, jurisdiction.pk) if not g.is_void]
    wide = {staff_group(jurisdiction.pk) for g in grants if g.office_id is None}
    return wide | {office_group(g.office_id) for g in grants if g.office_id is not None}


# --- Listening -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification: the ids between which its events lie, and how many they are."""

    low: int
    high: int
    count: int

    @classmethod
    def parse(cls, payload: str) -> "Notice":
        """Read "low,high,count"."""
        return cls(*(int(part) for part in payload.split(",")))


Tell = Callable[[list[Fact]], None]
Resync = Callable[[], None]


class Listener:
    """A thread with a database connection of its own that LISTENs, reads and tells.

    A lost connection is made again with growing pauses, and then everybody is told to resync:
    what was notified meanwhile is gone.
    """

    def __init__(self, tell: Tell, resync: Resync) -> None:
        self._tell, self._resync = tell, resync
        self._stopping = threading.Event()
        self._waker = os.pipe()
        self._thread = threading.Thread(target=self._run, name="clearway-live", daemon=True)
        self.listening = threading.Event()

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and close its connection."""
        self._stopping.set()
        os.write(self._waker[1], b"x")
        self._thread.join(timeout=10)
        for end in self._waker:
            os.close(end)

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                self._listen(was_away=failures > 0)
                failures = 0
            except (psycopg2.Error, DatabaseError, InterfaceError, OSError) as error:
                if self.listening.is_set():
                    failures = 0
                self.listening.clear()
                log.warning("The live listener lost its connection (%s); trying again.", type(error).__name__)
                self._stopping.wait(BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)])
                failures += 1
            finally:
                connection.close()

    def _listen(self, *, was_away: bool) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {NOTICE}")
        self.listening.set()
        if was_away:
            self._resync()
        while not self._stopping.is_set():
            for notice in self._wait():
                self._pass_on(notice)

    def _wait(self) -> Iterable[Notice]:
        raw = connection.connection
        pause = 0.0 if raw.notifies else IDLE_S
        ready, _write, _error = select.select([raw, self._waker[0]], [], [], pause)
        if not ready and pause:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        raw.poll()
        notices = [Notice.parse(raw.notifies.pop(0).payload) for _ in range(len(raw.notifies))]
        return _joined(notices)

    def _pass_on(self, notice: Notice) -> None:
        facts = [] if notice.count > MOST_EVENTS else facts_between(notice.low, notice.high)
        if 0 < len(facts) <= MOST_EVENTS:
            self._tell(facts)
        else:
            self._resync()


def _joined(notices: list[Notice]) -> list[Notice]:
    """Notices that came together as one, so that a burst is read by one statement."""
    if len(notices) < 2:
        return notices
    return [Notice(min(n.low for n in notices), max(n.high for n in notices), sum(n.count for n in notices))]


# --- Fanning out -----------------------------------------------------------------------------------------------------


class Broadcast:
    """Hands facts from the listener's thread to the channel layer on the sockets' event loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listener: Listener | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def attach(self, loop: asyncio.AbstractEventLoop) -> Listener:
        """Send to the sockets of `loop` from now on; the first socket of a process starts its listener."""
        with self._lock:
            self._loop = loop
            if self._listener is None or not self._listener.is_alive:
                self._listener = Listener(self.tell, self.resync)
                self._listener.start()
            return self._listener

    def detach(self) -> None:
        """Stop listening."""
        with self._lock:
            if self._listener is not None:
                self._listener.stop()
            self._listener = self._loop = None

    def tell(self, facts: list[Fact]) -> None:
        """Tell each group of the facts that may concern it."""
        by_group: dict[str, list[Fact]] = defaultdict(list)
        for fact in facts:
            for group in fact.groups():
                by_group[group].append(fact)
        for group, concerned in by_group.items():
            self._send(group, {"type": "live.facts", "facts": concerned})

    def resync(self) -> None:
        """Tell everybody to look again."""
        self._send(EVERYONE, {"type": "live.resync"})

    def _send(self, group: str, message: dict[str, Any]) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            asyncio.run_coroutine_threadsafe(get_channel_layer().group_send(group, message), loop)


broadcast = Broadcast()
"""The one of this process."""
