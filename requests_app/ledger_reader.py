"""How readers learn what is new in the ledger: the segment store, feeds, webhooks, map cells, resync.

Ids of a sequence commit out of order: a transaction that took id 7 may commit after one that took
id 8, and a reader that remembers "I have seen 8" would never see 7. So every event stores the id
of the transaction that wrote it, readers take only rows of transactions before the oldest one
still running (`pg_snapshot_xmin`), in the order (transaction, id), and keep one row of progress.
Nothing can appear behind that row any more: see docs/adr/0003.
"""

from collections.abc import Callable, Iterable, Sequence

from django.db import connection, transaction

from requests_app.clock import now
from requests_app.models import LedgerCursor, RequestEvent, ServiceRequest
from requests_app.projection import CaseState, Change, replay
from requests_app.promises import read_promise
from requests_app.states import Activity, Outcome

BATCH = 1000
BEFORE_ALL = -(2**62)
"""Where a new reader begins: before every transaction, those that `move_behind_this_server` has lowered too."""

_NEW = """
SELECT * FROM requests_app_requestevent
 WHERE (xact, id) > (%s, %s) AND xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
 ORDER BY xact, id LIMIT %s
"""

_AHEAD = """
SELECT coalesce((SELECT max(xact) FROM requests_app_requestevent), 0)
       - pg_snapshot_xmax(pg_current_snapshot())::text::bigint
"""


Place = tuple[int, int]
"""(transaction, event): everything up to and with it was taken."""
FROM_THE_BEGINNING: Place = (BEFORE_ALL, 0)

_LAST_SETTLED = """
SELECT xact, id FROM requests_app_requestevent
 WHERE xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint ORDER BY xact DESC, id DESC LIMIT 1
"""
_NEXT_SETTLED = """
SELECT xact, id FROM (
    SELECT xact, id FROM requests_app_requestevent
     WHERE (xact, id) > (%s, %s) AND xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
     ORDER BY xact, id LIMIT %s
) AS following ORDER BY xact DESC, id DESC LIMIT 1
"""


_SETTLED_AFTER = """
SELECT count(*) FROM (
    SELECT 1 FROM requests_app_requestevent
     WHERE (xact, id) > (%s, %s) AND xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint LIMIT %s
) AS following
"""


class LedgerRestored(RuntimeError):
    """The ledger holds transaction ids this server has not reached: it was restored from another server's dump."""

    def __init__(self) -> None:
        super().__init__(
            "The ledger was written by another database server, so readers would miss new events. "
            "Run `./clearway manage ledger_after_restore` once, before the site is used."
        )


Handle = Callable[[Sequence[RequestEvent]], None]


def take(reader: str, handle: Handle, *, limit: int = BATCH) -> int:
    """Give `handle` the next events and remember them as taken, in one transaction; how many there were.

    When `handle` raises, nothing was taken. Two processes of one reader take turns.
    """
    with transaction.atomic():
        events = read_new(reader, limit)
        if events:
            handle(events)
            advance(reader, events[-1])
    return len(events)


def read_new(reader: str, limit: int = BATCH) -> list[RequestEvent]:
    """The next events `reader` has not taken, in commit order, with its row of progress locked.

    To be called in the transaction that ends with `advance`; LedgerRestored when the ledger came
    from another server. Three statements.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("read the ledger inside the transaction that advances its reader")
    place = _locked(reader)
    _refuse_restored()
    return list(RequestEvent.objects.raw(_NEW, [place.xact, place.event_id, limit]))


def advance(reader: str, last: RequestEvent) -> None:
    """Remember that `reader` has taken everything up to and with `last`."""
    LedgerCursor.objects.filter(reader=reader).update(xact=last.xact, event_id=last.pk, moved_at=now())


# --- Readers that keep their own place -------------------------------------------------------------------------------


def settled_place(after: Place | None = None, limit: int = BATCH) -> Place | None:
    """How far a reader may read now: to the last event of a transaction that is over.

    With `after`, at most `limit` events further than that place; None when nothing is new. What lies before a
    settled place never changes any more. LedgerRestored as in `read_new`.
    """
    _refuse_restored()
    with connection.cursor() as cursor:
        if after is None:
            cursor.execute(_LAST_SETTLED)
        else:
            cursor.execute(_NEXT_SETTLED, [*after, limit])
        found = cursor.fetchone()
    return (found[0], found[1]) if found else None


def settled_after(place: Place, most: int = 10_000) -> int:
    """How many events a reader at that place has not taken; no more than `most` are counted."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED_AFTER, [*place, most])
        return int(cursor.fetchone()[0])


def ledger_has(place: Place) -> bool:
    """Whether an event stands at that place: False in another ledger, or in one that was put back to an earlier day."""
    return RequestEvent.objects.filter(xact=place[0], pk=place[1]).exists()


def note_place(reader: str, place: Place) -> None:
    """Show how far a reader has come that keeps its place together with its own files."""
    row = {"xact": place[0], "event_id": place[1], "moved_at": now()}
    LedgerCursor.objects.update_or_create(reader=reader, defaults=row)


def _locked(reader: str) -> LedgerCursor:
    place = LedgerCursor.objects.select_for_update().filter(reader=reader).first()
    if place is None:
        LedgerCursor.objects.bulk_create([LedgerCursor(reader=reader, xact=BEFORE_ALL)], ignore_conflicts=True)
        place = LedgerCursor.objects.select_for_update().get(reader=reader)
    return place


def _refuse_restored() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_AHEAD)
        if cursor.fetchone()[0] >= 0:
            raise LedgerRestored


def move_behind_this_server() -> int:
    """After a restore, lower every transaction id by the same amount, so that the next ones are higher again.

    The order of the events and every reader's place stay what they were. Needs the owner of the
    tables; the number of events moved, 0 when there was nothing to do.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE requests_app_requestevent, requests_app_ledgercursor IN ACCESS EXCLUSIVE MODE")
        cursor.execute(_AHEAD)
        ahead = cursor.fetchone()[0] + 1
        if ahead <= 0:
            return 0
        cursor.execute("SET LOCAL clearway.ledger_maintenance = 'on'")
        cursor.execute("UPDATE requests_app_ledgercursor SET xact = xact - %s", [ahead])
        cursor.execute("UPDATE requests_app_desklook SET xact = xact - %s", [ahead])
        cursor.execute("UPDATE requests_app_requestevent SET xact = xact - %s", [ahead])
        return int(cursor.rowcount)


# --- One case --------------------------------------------------------------------------------------------------------


def state_in_ledger(request_id: int) -> CaseState:
    """The state of a case rebuilt from its events and what it was promised; ValueError when it has none."""
    promised = ServiceRequest.objects.values_list("promise", flat=True).get(pk=request_id)
    events = RequestEvent.objects.filter(request_id=request_id).order_by("sequence")
    return replay(changes(events.iterator()), read_promise(promised))


def changes(events: Iterable[RequestEvent]) -> Iterable[Change]:
    """Events as the projection sees them."""
    for event in events:
        yield Change(
            activity=Activity(event.activity),
            occurred_at=event.occurred_at,
            office_id=event.office_id,
            handler_id=event.handler_id,
            outcome=Outcome(event.outcome) if event.outcome else None,
            service_id=event.service_id,
            area_id=event.area_id,
            priority=event.priority,
            step=event.step,
            branch=event.branch,
            merged_into_id=event.merged_into_id,
            promised_at=event.promised_at,
            until_at=event.until_at,
        )
