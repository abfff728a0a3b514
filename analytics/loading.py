"""The one door from the ledger to the measures: SQL in, frames out. Nothing else in analytics reads requests_app.

The cases of a jurisdiction are read whole, in three queries of one read-only snapshot, and kept in the process until
its ledger grows: filters then work on arrays, so a changed filter costs milliseconds and no query.
"""

from __future__ import annotations

import io
import json
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, TypeVar

import numpy as np
import pandas as pd
from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction

from analytics.core.frames import MISSING, UNKNOWN, Ints, instant
from analytics.core.selection import CaseFrames
from requests_app.ledger_reader import FROM_THE_BEGINNING, Place
from requests_app.models import Jurisdiction, ServiceRequest
from requests_app.permissions import Viewer
from requests_app.reads.work_terms import WorkTerms, work_terms
from requests_app.states import Activity, Capability
from requests_app.text.localized import pick

STATEMENT_TIMEOUT_MS: Final = 15_000
KEPT: Final = 8
"""Jurisdictions (times kinds of viewer) whose frames stay in the process; about 60 bytes a row each."""

_Codes = dict[str, dict[int, str]]
DUE_COLUMNS: Final = (
    "case", "due_us", "first_due_us", "acknowledge_due_us", "acknowledged_us", "paused_us", "waited_us",
)  # fmt: skip
NO_CASES: Final = "SELECT 0 WHERE false"
_ACTIVITIES: Final = [activity.value for activity in Activity]


def alphabetical(name: str) -> tuple[str, str]:
    """Sort É among the E, as dictionaries of both languages do; accents decide between names that are else equal."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)), name


@dataclass(frozen=True, slots=True)
class Names:
    """Code → names by language, for one kind of thing."""

    texts: Mapping[str, Mapping[str, str]]

    def __contains__(self, code: object) -> bool:
        return code in self.texts

    def of(self, code: str, language: str | None) -> str:
        """Return the name in the reader's language, or the code of something that has none."""
        return pick(self.texts.get(code, {}), language) or code

    def codes(self, language: str | None) -> list[str]:
        """Codes in the order of their names."""
        return sorted(self.texts, key=lambda code: alphabetical(self.of(code, language)))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the codes in the frames are called."""

    offices: Names
    services: Names
    areas: Names
    public_services: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class StepFrames:
    """Which step a case was in since when, and what its time is held against.

    ``changes``  case · branch · at_us · step (a place in ``codes``) int64, in the order of case, branch, time
    ``cases``    case int64 · workflow int64 (0: none)
    ``pauses``   case int64 · from_us · to_us (``MISSING``: still) during which it waited for the citizen
    """

    terms: WorkTerms
    codes: tuple[str, ...]
    changes: pd.DataFrame
    cases: pd.DataFrame
    pauses: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Everything a report starts from, and when it was true."""

    jurisdiction: Jurisdiction
    frames: CaseFrames
    catalogue: Catalogue
    as_of: datetime
    steps: StepFrames
    cut: tuple[int, int, int] = (0, 0, 0)
    """How far the ledger was: cases, events, settings."""
    dues: pd.DataFrame = field(default_factory=lambda: _columns_of(DUE_COLUMNS, [[]] * len(DUE_COLUMNS)))
    """What each case was promised, int64 microseconds, ``MISSING`` for none. Empty unless asked for."""


def jurisdictions_for(viewer: Viewer) -> list[Jurisdiction]:
    """Return the jurisdictions whose reports the viewer may see, the default one first."""
    places = Jurisdiction.objects.defer("boundary").order_by("-is_default", "code")
    return [place for place in places if viewer.has(Capability.SEE_REPORTS, place.pk)]


def working_places() -> list[Jurisdiction]:
    """Return the jurisdictions whose cases are worked on here, not only measured."""
    return [place for place in Jurisdiction.objects.defer("boundary").order_by("code") if not place.is_read_only]


def load(jurisdiction: Jurisdiction, viewer: Viewer, *, events: bool = True, dues: bool = True) -> Source:
    """Read the cases the viewer may measure, with what their codes are called. Two queries when nothing changed.

    Without ``events`` that frame is empty: holds alone say what most reports need, and events are most of the rows.
    Without ``dues`` nothing is known of what was promised.
    """
    with _snapshot():
        catalogue, codes = _catalogue(jurisdiction)
        grants = viewer.grants_with(Capability.SEE_REPORTS, jurisdiction.pk)
        cut = _high_water(jurisdiction)
        frames, steps = _once(
            (jurisdiction.pk, (events, grants), cut), lambda: _read(jurisdiction, viewer, codes, events=events)
        )
        source = Source(jurisdiction, frames, catalogue, jurisdiction.present, steps, cut)
        if not dues:
            return source
        return replace(
            source, dues=_once((jurisdiction.pk, ("dues", grants), cut), lambda: _dues(jurisdiction, viewer))
        )


def _read(jurisdiction: Jurisdiction, viewer: Viewer, codes: _Codes, *, events: bool) -> tuple[CaseFrames, StepFrames]:
    visible = _visible_ids(jurisdiction, viewer)
    return _read_frames(visible, codes, events=events), _read_steps(visible, work_terms(jurisdiction.pk))


def _dues(jurisdiction: Jurisdiction, viewer: Viewer) -> pd.DataFrame:
    columns = _copy(_DUES_SQL, _visible_ids(jurisdiction, viewer), len(DUE_COLUMNS))
    return _columns_of(DUE_COLUMNS, columns)


def references(case_ids: Sequence[int]) -> dict[int, str]:
    """Case id → public reference, for the rows of one page of a list."""
    return dict(ServiceRequest.objects.filter(pk__in=list(case_ids)).values_list("pk", "reference"))


@contextmanager
def _snapshot() -> Iterator[None]:
    """One consistent, read-only view of the tables, given up after a while rather than in the way of others."""
    alone = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        isolation = "ISOLATION LEVEL REPEATABLE READ, " if alone else ""
        cursor.execute(
            f"SET TRANSACTION {isolation}READ ONLY; SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS};"
            " SET LOCAL enable_nestloop = off"  # tables are read whole: without statistics a loop takes minutes
        )
        yield


# --- What the codes are called -------------------------------------------------------------------------------------

_CATALOGUE_SQL: Final = """
    SELECT 'office', id, code, names, '' FROM requests_app_office WHERE jurisdiction_id = %(place)s
    UNION ALL
    SELECT 'service', id, code, names, publicity FROM requests_app_service WHERE jurisdiction_id = %(place)s
    UNION ALL
    SELECT 'area', id, code, names, kind FROM requests_app_area WHERE jurisdiction_id = %(place)s
    UNION ALL
    SELECT 'foreign', id, name, '{}'::jsonb, '' FROM requests_app_foreignactivity WHERE jurisdiction_id = %(place)s
"""


def _catalogue(jurisdiction: Jurisdiction) -> tuple[Catalogue, _Codes]:
    codes: _Codes = {kind: {} for kind in ("office", "service", "area", "foreign")}
    names: dict[str, dict[str, Mapping[str, str]]] = {kind: {} for kind in codes}
    public = set()
    with connection.cursor() as cursor:
        cursor.execute(_CATALOGUE_SQL, {"place": jurisdiction.pk})
        for kind, pk, code, texts, extra in cursor.fetchall():
            label = f"{extra}:{code}" if kind == "area" and extra != jurisdiction.area_kind else code
            codes[kind][pk] = label
            names[kind][label] = _as_mapping(texts)
            if kind == "service" and extra == "public":
                public.add(label)
    catalogue = Catalogue(Names(names["office"]), Names(names["service"]), Names(names["area"]), frozenset(public))
    return catalogue, codes


def _as_mapping(texts: Any) -> Mapping[str, str]:
    """A jsonb column comes as text through a bare cursor."""
    return texts if isinstance(texts, dict) else dict(json.loads(texts))


# --- Frames kept in the process -----------------------------------------------------------------------------------

_T = TypeVar("_T")
_Key = tuple[int, tuple[Any, ...], tuple[int, int, int]]
_frames: OrderedDict[_Key, Any] = OrderedDict()
_lock = threading.Lock()


def _high_water(jurisdiction: Jurisdiction) -> tuple[int, int, int]:
    """(cases, events, settings): every event raises the version of its case by one, so any change shows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(sum(version), 0), (SELECT coalesce(max(id), 0) FROM requests_app_configchange)"
            " FROM requests_app_servicerequest WHERE jurisdiction_id = %s",
            [jurisdiction.pk],
        )
        cases, events, settings = cursor.fetchone()
    return int(cases), int(events), int(settings)


def _once(key: _Key, read: Callable[[], _T]) -> _T:
    """Return what was read of this state of the ledger before, or read it and keep it."""
    with _lock:
        if key in _frames:
            _frames.move_to_end(key)
            kept: _T = _frames[key]
            return kept
    found = read()
    _keep(key, found)
    return found


def _keep(key: _Key, read: object) -> None:
    """Older states of the same ledger go at once; then the one that was not looked at for longest."""
    with _lock:
        for old in [old for old in _frames if old[:2] == key[:2]]:
            del _frames[old]
        _frames[key] = read
        while len(_frames) > KEPT:
            _frames.popitem(last=False)


# --- Reading ------------------------------------------------------------------------------------------------------

_CASES_SQL: Final = """
    SELECT r.id, r.service_id, coalesce(r.area_id, 0), {submitted_at}, {closed_at},
           coalesce(array_position(%(outcomes)s::text[], r.outcome::text), 0)::bigint,
           coalesce(array_position(%(channels)s::text[], r.channel::text), 0)::bigint
    FROM requests_app_servicerequest r WHERE r.id IN ({visible}) ORDER BY r.id
"""
_HOLDS_SQL: Final = """
    SELECT h.request_id, h.branch::bigint, h.office_id, {sent_at}, {accepted_at}, {started_at}, {ended_at}
    FROM requests_app_hold h WHERE h.request_id IN ({visible}) ORDER BY h.request_id, h.branch, h.number
"""
_EVENTS_SQL: Final = """
    SELECT e.request_id, e.branch::bigint, {occurred_at}, e.sequence::bigint,
           array_position(%(activities)s::text[], e.activity::text)::bigint,
           coalesce(e.foreign_activity_id, 0), coalesce(e.holding_office_id, 0)
    FROM requests_app_requestevent e WHERE e.request_id IN ({visible}) ORDER BY e.request_id, e.sequence
"""
_TIMES: Final = {
    **{name: f"r.{name}" for name in ("submitted_at", "closed_at")},
    **{name: f"h.{name}" for name in ("sent_at", "accepted_at", "started_at", "ended_at")},
    "occurred_at": "e.occurred_at",
    **{name: f"r.{name}" for name in ("due_at", "acknowledge_due_at", "acknowledged_at")},
    "paused_at": "r.paused_at",
    "first_due_at": "coalesce(e.due_at, r.due_at)",
    "pause_from": "(pause->>0)::timestamptz",
    "pause_to": "(pause->>1)::timestamptz",
    "never": "NULL::timestamptz",
}
_OUTCOMES: Final = ["resolved", "no_action_needed", "not_responsible", "duplicate", "withdrawn", "invalid"]
_CHANNELS: Final = ["web", "phone", "counter", "mail", "staff", "open311", "import"]


def _read_frames(visible: str, codes: _Codes, *, events: bool) -> CaseFrames:
    case, service, area, submitted, closed, outcome, channel = _copy(_CASES_SQL, visible)
    cases = pd.DataFrame(
        {
            "case": case,
            "service": _named(service, codes["service"]),
            "area": _named(area, codes["area"]),
            "submitted_at": _times(submitted),
            "closed_at": _times(closed),
            "outcome": pd.Categorical.from_codes(outcome, [UNKNOWN, *_OUTCOMES]),
            "channel": pd.Categorical.from_codes(channel, [UNKNOWN, *_CHANNELS]),
        }
    )
    case, branch, office, sent, accepted, started, ended = _copy(_HOLDS_SQL, visible)
    holds = pd.DataFrame(
        {
            "case": case,
            "branch": branch.astype(np.int16),
            "office": _named(office, codes["office"]),
            "sent_at": _times(sent),
            "accepted_at": _times(accepted),
            "started_at": _times(started),
            "ended_at": _times(ended),
        }
    )
    return CaseFrames(cases, holds, _events(visible if events else NO_CASES, codes))


_STEPS_SQL: Final = """
    SELECT e.request_id, e.branch::bigint, {occurred_at}, e.sequence::bigint,
           coalesce(array_position(%(steps)s::text[], e.step::text), 0)::bigint
    FROM requests_app_requestevent e WHERE e.branch = 0 AND e.step <> '' AND e.request_id IN ({visible})
    UNION ALL
    SELECT h.request_id, h.branch::bigint, {sent_at}, h.number::bigint,
           coalesce(array_position(%(steps)s::text[], h.step::text), 0)::bigint
    FROM requests_app_hold h WHERE h.branch > 0 AND h.step <> '' AND h.request_id IN ({visible})
    ORDER BY 1, 2, 3, 4
"""
_STEP_CASES_SQL: Final = """
    SELECT r.id, coalesce(r.workflow_id, 0)::bigint
    FROM requests_app_servicerequest r WHERE r.id IN ({visible}) ORDER BY r.id
"""
_PAUSES_SQL: Final = """
    SELECT r.id, {pause_from}, {pause_to} FROM requests_app_servicerequest r, jsonb_array_elements(r.pauses) pause
    WHERE r.pauses <> '[]' AND pause->>2 = 'citizen' AND r.id IN ({visible})
    UNION ALL
    SELECT r.id, {paused_at}, {never} FROM requests_app_servicerequest r
    WHERE r.paused_at IS NOT NULL AND r.id IN ({visible}) ORDER BY 1, 2
"""

_DUES_SQL: Final = """
    SELECT r.id, {due_at}, {first_due_at}, {acknowledge_due_at}, {acknowledged_at}, {paused_at},
           r.paused_s * 1000000::bigint
    FROM requests_app_servicerequest r LEFT JOIN requests_app_requestevent e ON e.request_id = r.id AND e.sequence = 1
    WHERE r.id IN ({visible}) ORDER BY r.id
"""
"""``first_due``: as it was promised when the case was filed, before it was moved, given another priority or paused."""

STEP_COLUMNS: Final = (("case", "branch", "at_us", "step"), ("case", "workflow"), ("case", "from_us", "to_us"))


def _read_steps(visible: str, terms: WorkTerms) -> StepFrames:
    """Nothing is asked about steps where no workflow has any."""
    steps = tuple(sorted({step.code for step in terms.steps}))
    if not steps:
        return StepFrames(terms, (), *(_columns_of(names, [[]] * len(names)) for names in STEP_COLUMNS))
    case, branch, at, _, step = _copy(_STEPS_SQL, visible, 5, steps=list(steps))
    known = step > 0
    found = [
        [case[known], branch[known], at[known], step[known] - 1],
        _copy(_STEP_CASES_SQL, visible, 2),
        _copy(_PAUSES_SQL, visible, 3),
    ]
    return StepFrames(terms, steps, *map(_columns_of, STEP_COLUMNS, found))


def _columns_of(names: Sequence[str], columns: Sequence[Any]) -> pd.DataFrame:
    return pd.DataFrame(dict(zip(names, columns, strict=True)), dtype=np.int64)


def _visible_ids(jurisdiction: Jurisdiction, viewer: Viewer) -> str:
    """SQL for the ids of the cases the viewer may measure: the one rule of visibility, narrowed to reports."""
    reached = ServiceRequest.objects.of(jurisdiction.pk).in_reach_of(viewer, Capability.SEE_REPORTS)
    allowed = reached.filter(parent=None).values("pk")  # a part is no request of its own: docs/definitions.md
    try:
        sql, parameters = allowed.query.sql_with_params()
    except EmptyResultSet:
        return NO_CASES
    with connection.cursor() as cursor:
        return str(cursor.mogrify(sql, parameters).decode())


def _events(visible: str, codes: _Codes) -> pd.DataFrame:
    case, branch, at, seq, activity, foreign, office = _copy(_EVENTS_SQL, visible)
    return pd.DataFrame(
        {
            "case": case,
            "branch": branch.astype(np.int16),
            "ts": _times(at),
            "seq": seq,
            "activity": _activities(activity, foreign, codes["foreign"]),
            "office": _named(office, codes["office"]),
        }
    )


def _copy(sql: str, visible: str, width: int = 7, **more: list[str]) -> list[Ints]:
    """Run a query of whole numbers and return its columns.

    COPY in binary form gives records of one length (every column is a bigint and never NULL), so a million values
    cross in one piece and no Python object is made for any of them.
    """
    whole = {name: _epoch(column) for name, column in _TIMES.items()}
    values = {"activities": _ACTIVITIES, "outcomes": _OUTCOMES, "channels": _CHANNELS, **more}
    return _copy_out(sql.format(visible=visible.replace("%", "%%"), **whole), values, width)


def _copy_out(sql: str, values: Mapping[str, Any], width: int) -> list[Ints]:
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        statement = cursor.mogrify(sql, values).decode()
        cursor.copy_expert(f"COPY ({statement}) TO STDOUT (FORMAT binary)", buffer)
    return _columns(buffer.getbuffer(), width)


def _epoch(column: str) -> str:
    """SQL for integer microseconds since 1970, and for a missing time."""
    return f"coalesce((extract(epoch FROM {column}) * 1000000)::bigint, '{MISSING}'::bigint)"


def _columns(raw: memoryview, width: int) -> list[Ints]:
    """Take binary COPY apart: a header of 19 bytes, records of a count and (length, value) pairs, a trailer."""
    record = np.dtype([("count", ">i2"), ("fields", [("length", ">i4"), ("value", ">i8")], (width,))])
    body = raw[19:-2]
    rows = np.frombuffer(body, dtype=record)
    return [rows["fields"]["value"][:, column].astype(np.int64) for column in range(width)]


def _times(at_us: Ints) -> pd.Series:
    return pd.Series(at_us.view("datetime64[us]")).dt.tz_localize("UTC")


def _named(ids: Ints, labels: Mapping[int, str]) -> pd.Categorical:
    """Ids → categories by code; 0 (nothing recorded) and ids of another jurisdiction are ``unknown``."""
    present, positions = np.unique(ids, return_inverse=True)
    wanted = [labels.get(int(pk), UNKNOWN) for pk in present]
    categories = sorted(set(wanted))
    place = np.array([categories.index(label) for label in wanted], dtype=np.int64)
    return pd.Categorical.from_codes(place[positions] if len(ids) else [], categories)


def _activities(activity: Ints, foreign: Ints, labels: Mapping[int, str]) -> pd.Categorical:
    """A foreign activity goes by the name its log gives it."""
    names = list(dict.fromkeys([*_ACTIVITIES, *labels.values()]))  # logs of like processes share names
    position = {pk: names.index(name) for pk, name in labels.items()}
    own = activity - 1
    present, places = np.unique(foreign, return_inverse=True)
    named = np.array([position.get(int(pk), -1) for pk in present], dtype=np.int64)
    chosen = named[places] if len(foreign) else own
    return pd.Categorical.from_codes(np.where(chosen >= 0, chosen, own), names)


def as_of_us(source: Source) -> int:
    """Return the observation end in integer microseconds."""
    return instant(source.as_of)


# --- For the segment store: whole cases, at a place of the ledger ---------------------------------------------------

_HISTORY_SQL: Final = """
    SELECT r.jurisdiction_id::bigint, e.request_id::bigint, e.branch::bigint, {occurred_at},
           e.sequence::bigint, array_position(%(activities)s::text[], e.activity::text)::bigint,
           coalesce(e.foreign_activity_id, 0)::bigint,
           coalesce(CASE WHEN e.branch = 0 THEN e.holding_office_id ELSE
               (SELECT b.office_id FROM requests_app_requestevent b WHERE b.request_id = e.request_id
                   AND b.branch = e.branch AND b.office_id IS NOT NULL ORDER BY b.sequence LIMIT 1) END, 0)::bigint,
           CASE WHEN e.sequence = 1 OR e.activity = 'recategorized' THEN coalesce(e.service_id, 0) ELSE 0 END::bigint,
           CASE WHEN e.sequence = 1 OR e.activity = 'recategorized' THEN coalesce(e.area_id, 0) ELSE 0 END::bigint,
           coalesce(array_position(%(channels)s::text[], r.channel::text), 0)::bigint,
           (e.to_status = 'closed')::int::bigint, (e.activity = 'review_returned')::int::bigint,
           coalesce((SELECT c.sequence FROM requests_app_requestevent c
                      WHERE c.id = e.corrects_id AND c.request_id = e.request_id), 0)::bigint,
           ((e.xact, e.id) > (%(after_xact)s, %(after_id)s))::int::bigint
      FROM requests_app_requestevent e JOIN requests_app_servicerequest r ON r.id = e.request_id
     WHERE (e.xact, e.id) <= (%(upto_xact)s, %(upto_id)s) AND r.parent_id IS NULL AND {which}
     ORDER BY e.request_id, e.sequence
"""
"""A branch beside the lead one is held by the office it was opened for: an event's own office is the lead's."""
_CHANGED: Final = """e.request_id IN (
    SELECT n.request_id FROM requests_app_requestevent n
     WHERE (n.xact, n.id) > (%(after_xact)s, %(after_id)s) AND (n.xact, n.id) <= (%(upto_xact)s, %(upto_id)s))"""
_NUMBERED: Final = "e.request_id >= %(first)s AND e.request_id < %(beyond)s"
BEYOND_ALL: Final[Place] = (2**62, 0)
"""Behind every event of the ledger: for those who read it once and need no place to go on from."""
_IDS_SQL: Final = "SELECT r.id::bigint FROM requests_app_servicerequest r WHERE r.id IN ({visible}) ORDER BY r.id"
HISTORY_COLUMNS: Final = (
    "place", "case", "branch", "at_us", "seq", "activity", "foreign", "office", "service", "area", "channel", "closed",
    "returned", "corrects", "is_new",
)  # fmt: skip


def ledger_name() -> str:
    """What this ledger is called among those a machine may hold: its server and database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database()) "
            "FROM pg_control_system()"
        )
        server, database = cursor.fetchone()
    return f"{server}-{database}"


def changed_histories(after: Place, upto: Place) -> pd.DataFrame:
    """Every event, up to one place of the ledger, of the cases that got one after the other; ``is_new`` says which."""
    return _histories(_CHANGED, after, upto, {})


def numbered_histories(first: int, beyond: int, upto: Place) -> pd.DataFrame:
    """Every event, up to a place of the ledger, of the cases whose id lies in a range; all of them ``is_new``."""
    return _histories(_NUMBERED, FROM_THE_BEGINNING, upto, {"first": first, "beyond": beyond})


def histories_of(jurisdiction: Jurisdiction) -> pd.DataFrame:
    """Every event there is now of a place's cases; all of them ``is_new``."""
    bounds = {"jurisdiction": jurisdiction.pk}
    return _histories("r.jurisdiction_id = %(jurisdiction)s", FROM_THE_BEGINNING, BEYOND_ALL, bounds)


def count_of_events(jurisdiction: Jurisdiction) -> int:
    """How many events the cases of a place have."""
    return _high_water(jurisdiction)[1]


def recorded_at(event_id: int) -> datetime:
    """When an event of the ledger was recorded."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT recorded_at FROM requests_app_requestevent WHERE id = %s", [event_id])
        (found,) = cursor.fetchone()
    return found


def catalogue_of(jurisdiction: Jurisdiction) -> Catalogue:
    """What the codes of a place are called, without its cases."""
    return _catalogue(jurisdiction)[0]


def store_labels(jurisdiction: Jurisdiction) -> Mapping[str, Mapping[str, str]]:
    """Kind → what an id that the segment store knows goes by in the frames: the codes of ``Catalogue``."""
    _names, codes = _catalogue(jurisdiction)
    return {kind: {str(pk): label for pk, label in codes[kind].items()} for kind in ("office", "service", "area")}


def measurable_cases(jurisdiction: Jurisdiction, viewer: Viewer) -> Ints | None:
    """Ids of the cases the viewer may measure, in ascending order; ``None`` when they may measure all of the place."""
    if viewer.reaches_all(Capability.SEE_REPORTS, jurisdiction.pk):
        return None
    (cases,) = _copy_out(_IDS_SQL.format(visible=_visible_ids(jurisdiction, viewer).replace("%", "%%")), {}, 1)
    return cases


def case_numbers() -> tuple[int, int]:
    """The least id of a case and one more than the greatest; (0, 0) when there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(min(id), 0), coalesce(max(id) + 1, 0) FROM requests_app_servicerequest")
        least, beyond = cursor.fetchone()
    return int(least), int(beyond)


def _histories(which: str, after: Place, upto: Place, bounds: Mapping[str, int]) -> pd.DataFrame:
    values = {
        "activities": _ACTIVITIES,
        "channels": _CHANNELS,
        "after_xact": after[0],
        "after_id": after[1],
        "upto_xact": upto[0],
        "upto_id": upto[1],
        **bounds,
    }
    sql = _HISTORY_SQL.format(which=which, occurred_at=_epoch("e.occurred_at"))
    columns = _copy_out(sql, values, len(HISTORY_COLUMNS))
    frame = pd.DataFrame(dict(zip(HISTORY_COLUMNS, columns, strict=True)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name FROM requests_app_foreignactivity")
        foreign = {int(pk): str(name) for pk, name in cursor.fetchall()}
    frame["activity"] = _activities(columns[5], columns[6], foreign)
    frame["channel"] = pd.Categorical.from_codes(columns[10], [UNKNOWN, *_CHANNELS])
    return frame.drop(columns="foreign")
