"""Past cases for a rehearsal: facts as they were at filing, read in batches with few statements."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max

from requests_app.models import Hold, Jurisdiction, Office, Route, ServiceRequest
from requests_app.routing.compile import Compiled
from requests_app.routing.conditions import Facts
from requests_app.routing.known import Known
from requests_app.routing.past import Ground, PastCase, WorkloadThen

BATCH = 5_000
_CASES = """
SELECT r.id, COALESCE(filed.service_id, r.service_id), filed.area_id, r.channel, r.submitted_at,
       ST_X(r.location), ST_Y(r.location), routed.office_id, CASE WHEN r.status = 'closed' THEN r.office_id END
FROM requests_app_servicerequest r
LEFT JOIN requests_app_requestevent filed ON filed.request_id = r.id AND filed.sequence = 1
LEFT JOIN LATERAL (
    SELECT e.office_id FROM requests_app_requestevent e
    WHERE e.request_id = r.id AND e.activity = 'routed' ORDER BY e.sequence LIMIT 1
) routed ON true
WHERE r.jurisdiction_id = %(place)s AND r.submitted_at BETWEEN %(since)s AND %(until)s
  AND (r.submitted_at, r.id) > (%(after_at)s, %(after_id)s)
ORDER BY r.submitted_at, r.id LIMIT %(most)s
"""
_WORDS = (
    "SELECT request_id, string_agg(body, E'\\n' ORDER BY id) FROM requests_app_words"
    " WHERE request_id = ANY(%s) AND kind = 'description' GROUP BY request_id"
)
_ANSWERS = (
    "SELECT a.request_id, q.code, a.value FROM requests_app_answer a JOIN requests_app_question q ON q.id ="
    " a.question_id WHERE a.request_id = ANY(%s)"
)


@dataclass(frozen=True, slots=True)
class Period:
    """The days of a rehearsal: those up to now, or up to the last case of a place whose data ended."""

    since: datetime
    until: datetime
    cases: int


def period_of(place: Jurisdiction, days: int) -> Period:
    """The last `days` days of a place, and how many cases were filed in them. One statement, two where data ended."""
    until = _last_filed(place) if place.is_read_only else place.present
    since = until - timedelta(days=days)
    count = ServiceRequest.objects.filter(jurisdiction=place, submitted_at__range=(since, until)).count()
    return Period(since, until, count)


def _last_filed(place: Jurisdiction) -> datetime:
    """When the last case of an imported place was filed; its data may tell of closings for years after."""
    last = ServiceRequest.objects.filter(jurisdiction=place).aggregate(last=Max("submitted_at"))["last"]
    return last or place.present


def ground_of(place: Jurisdiction) -> Ground:
    """What decides beside rules in a place today. Two statements."""
    today = place.today
    offices = list(Office.objects.filter(jurisdiction=place).only("pk", "is_fallback", "opens_on", "closes_on"))
    closed = frozenset(office.pk for office in offices if not office.is_open_on(today))
    routes = Route.objects.filter(service__jurisdiction=place).order_by("-pk")
    return Ground(
        {(service, area): office for service, area, office in routes.values_list("service_id", "area_id", "office_id")},
        closed,
        next((office.pk for office in offices if office.is_fallback and office.pk not in closed), None),
    )


def workload_of(office_ids: Collection[int]) -> WorkloadThen:
    """When the cases of offices came and went, as their stays tell. One statement, none for no office."""
    began: dict[int, list[datetime]] = {pk: [] for pk in office_ids}
    ended: dict[int, list[datetime]] = {pk: [] for pk in office_ids}
    for office_id, sent_at, ended_at in _stays(office_ids):
        began[office_id].append(sent_at)
        if ended_at is not None:
            ended[office_id].append(ended_at)
    return WorkloadThen({pk: sorted(at) for pk, at in began.items()}, {pk: sorted(at) for pk, at in ended.items()})


def _stays(office_ids: Collection[int]) -> Iterable[tuple[int, datetime, datetime | None]]:
    if not office_ids:
        return ()
    stays = Hold.objects.filter(office_id__in=office_ids, is_lead=True)
    return stays.values_list("office_id", "sent_at", "ended_at").iterator()


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the facts any of the rules look at: what none asks for is not read."""

    words: bool
    answers: bool
    workload: frozenset[int]

    @classmethod
    def by(cls, *books: Compiled) -> "Asked":
        """What the rules of several books ask for."""
        return cls(
            any(book.asks("words") for book in books),
            any(book.asks("answer") for book in books),
            frozenset(pk for book in books for pk in book.workload_ids),
        )


@dataclass(frozen=True, slots=True)
class _Service:
    code: str
    kind: str
    steps: frozenset[str]


def past_cases(place: Jurisdiction, period: Period, known: Known, asked: Asked) -> Iterator[PastCase]:
    """The cases filed in a period, the earliest first. Three statements at most for each batch, and one more."""
    services = {one.pk: _Service(code, one.kind, frozenset(one.steps)) for code, one in known.services.items()}
    workload = workload_of(asked.workload)
    last: tuple[datetime, int] = (period.since, -1)
    while rows := _batch(place.pk, period, last):
        last = (rows[-1][4], rows[-1][0])
        ids = [row[0] for row in rows]
        words: Mapping[int, str] = dict(_many(_WORDS, ids)) if asked.words else {}
        answers = _answers(ids) if asked.answers else {}
        for row in rows:
            yield _case(row, services, words, answers, workload)


def _batch(place_id: int, period: Period, last: tuple[datetime, int]) -> Sequence[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            _CASES,
            {
                "place": place_id,
                "since": period.since,
                "until": period.until,
                "after_at": last[0],
                "after_id": last[1],
                "most": BATCH,
            },
        )
        rows: Sequence[Any] = cursor.fetchall()
    return rows


def _many(statement: str, ids: list[int]) -> Sequence[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [ids])
        rows: Sequence[Any] = cursor.fetchall()
    return rows


def _answers(ids: list[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for request_id, code, value in _many(_ANSWERS, ids):
        found.setdefault(request_id, {})[code] = value
    return found


_NO_ANSWERS: Mapping[str, str] = {}
_NOBODY: Mapping[int, int] = {}


def _case(
    row: Any,
    services: Mapping[int, _Service],
    words: Mapping[int, str],
    answers: Mapping[int, dict[str, str]],
    workload: WorkloadThen,
) -> PastCase:
    pk, service_id, area_id, channel, at, lon, lat, sent_to, settled_by = row
    service = services[service_id]
    facts = Facts(
        service.code,
        service.kind,
        channel,
        at,
        area_id,
        (lon, lat) if lon is not None else None,
        answers.get(pk, _NO_ANSWERS),
        words.get(pk, ""),
        service.steps,
        workload.at(at) if workload.began else _NOBODY,
    )
    return PastCase(pk, service_id, facts, sent_to, settled_by)
