"""`import_requests` on invented rows with Boston's columns: what is loaded, rejected, repeated and resumed."""

import csv
import gzip
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from requests_app.actions._saving import state_of
from requests_app.clock import frozen_at
from requests_app.imports import load
from requests_app.imports.place import LOCK
from requests_app.models import Area, ImportRun, Jurisdiction, Office, RequestEvent, Service, ServiceRequest, Words
from requests_app.permissions import ANONYMOUS
from requests_app.projection import Change, replay
from requests_app.states import Activity, Outcome, Status
from tests.factories import box
from tests.factories import jurisdiction as live_place

pytestmark = pytest.mark.django_db
COLUMNS = (
    "case_enquiry_id", "open_dt", "target_dt", "closed_dt", "case_status", "closure_reason", "case_title", "type",
    "queue", "location", "latitude", "longitude", "source",
)  # fmt: skip
ROW = {
    "case_enquiry_id": "1001", "open_dt": "2019-07-01 08:00:00", "target_dt": "2019-07-15 08:00:00",
    "closed_dt": "2019-07-03 08:00:00", "case_status": "Closed",
    "closure_reason": "Case Closed Case Resolved lamp replaced", "case_title": "Lamp out at the corner",
    "type": "Street light", "queue": "Lights", "location": "1 Invented Street", "latitude": "42.30",
    "longitude": "-71.10", "source": "Constituent Call",
}  # fmt: skip
OPEN = {"case_status": "Open", "closed_dt": "", "closure_reason": ""}

Rows = Iterable[dict[str, str]]
Save = Callable[..., Path]


@pytest.fixture
def saved(tmp_path: Path) -> Save:
    def save(rows: Rows, name: str = "cases.csv", tail: str = "") -> Path:
        text = StringIO()
        writer = csv.DictWriter(text, COLUMNS)
        writer.writeheader()
        writer.writerows({**ROW, **row} for row in rows)
        raw = (text.getvalue() + tail).encode()
        path = tmp_path / name
        path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        return path

    return save


def run(path: Path, source: str = "boston_2011", **options: object) -> tuple[str, list[list[str]]]:
    """What the command said and the rejects it wrote, without their header."""
    out, rejects = StringIO(), path.parent / "rejects.csv"
    call_command("import_requests", path, source=source, rejects=rejects, stdout=out, stderr=StringIO(), **options)
    rows = list(csv.reader(rejects.open(encoding="utf-8")))[1:] if rejects.exists() else []
    return out.getvalue(), rows


def numbered(first: int, last: int) -> list[dict[str, str]]:
    return [{"case_enquiry_id": str(n)} for n in range(first, last + 1)]


def replayed(request: ServiceRequest) -> object:
    events = request.events.order_by("sequence")
    return replay(
        Change(
            activity=Activity(e.activity), occurred_at=e.occurred_at, office_id=e.office_id,
            outcome=Outcome(e.outcome) if e.outcome else None, service_id=e.service_id, area_id=e.area_id,
        )
        for e in events
    )  # fmt: skip


def test_a_row_becomes_a_read_only_case_with_its_events_words_and_times(saved: Save) -> None:
    with frozen_at(datetime(2026, 1, 1, tzinfo=UTC)) as learnt:
        said, rejects = run(saved([{}]))
    assert "1 rows read: 1 loaded, 0 already there, 0 rejected" in said
    assert rejects == []
    case = ServiceRequest.objects.select_related("service", "office", "jurisdiction").get()
    assert (case.reference, case.source_reference) == ("BOS-1001", "1001")
    assert (case.status, case.outcome, case.office.name, case.service.name) == (
        Status.CLOSED, Outcome.RESOLVED, "Lights", "Street light",
    )  # fmt: skip
    assert (case.channel, case.address_label, case.location.coords) == ("phone", "1 Invented Street", (-71.10, 42.30))
    assert case.submitted_at == datetime(2019, 7, 1, 12, tzinfo=UTC)
    assert case.due_at == datetime(2019, 7, 15, 12, tzinfo=UTC)
    assert case.jurisdiction.is_read_only
    assert [e.activity for e in case.events.all()] == ["submitted", "routed", "resolved"]
    assert {e.recorded_at for e in case.events.all()} == {learnt}
    assert {e.actor for e in case.events.all()} == {"import"}
    assert replayed(case) == state_of(case, list(case.holds.all()))


def test_words_of_a_source_are_kept_unreleased_and_never_in_events(saved: Save) -> None:
    run(saved([{}]))
    assert dict(Words.objects.values_list("kind", "body")) == {
        "description": "Lamp out at the corner",
        "reply": "Case Closed Case Resolved lamp replaced",
    }
    assert not Words.objects.exclude(released_at=None).exists()
    assert ServiceRequest.objects.visible_to(ANONYMOUS).count() == 1
    assert {s.publicity for s in Service.objects.all()} == {"place_only"}


def test_the_clock_runs_from_opening_and_an_open_case_stays_with_its_queue(saved: Save) -> None:
    run(saved([OPEN]))
    case = ServiceRequest.objects.get()
    (hold,) = case.holds.all()
    assert (case.status, case.closed_at) == (Status.TRIAGED, None)
    assert (hold.sent_at, hold.accepted_at, hold.started_at, hold.ended_at) == (case.submitted_at, None, None, None)


def test_the_data_cut_is_the_last_time_in_the_file(saved: Save) -> None:
    run(saved([{}, {"case_enquiry_id": "2", **OPEN, "open_dt": "2019-07-02 10:00:00"}]))
    place = Jurisdiction.objects.get(code="boston")
    assert place.present == datetime(2019, 7, 3, 12, tzinfo=UTC)
    run(saved(numbered(7, 7), "more.csv"), as_of="2019-12-31")
    place.refresh_from_db()
    assert place.present == datetime(2020, 1, 1, 4, 59, 59, tzinfo=UTC)


def test_the_jurisdiction_says_where_it_comes_from_and_what_is_not_known(saved: Save) -> None:
    run(saved([{}, {"case_enquiry_id": "2", "latitude": "0", "longitude": "0"}]))
    place = Jurisdiction.objects.get(code="boston")
    assert not place.records("handovers")
    assert not place.records("rework")
    assert place.assumptions[-1]["en"] == "1 case has no place."
    assert (place.assumptions[-1]["fact"], place.assumptions[-1]["count"]) == ("no_place", "1")
    assert all(sentence["en"] and sentence["fr"] for sentence in place.assumptions)


def test_areas_are_found_in_one_join_and_points_outside_are_counted(saved: Save) -> None:
    place = Jurisdiction.objects.create(
        code="boston", names={"en": "B"}, provenance="imported", area_kind="neighbourhood", reference_prefix="BOS"
    )
    west = Area.objects.create(
        jurisdiction=place, kind="neighbourhood", code="a", names={"en": "A"}, geometry=box(-72, 42, -71, 43)
    )
    run(saved([{}, {"case_enquiry_id": "2", "longitude": "-70.5"}, {"case_enquiry_id": "3", "latitude": ""}]))
    assert dict(ServiceRequest.objects.values_list("source_reference", "area")) == {
        "1001": west.pk,
        "2": None,
        "3": None,
    }
    place.refresh_from_db()
    assert {"1 case has no place.", "1 case has a place that lies in none of the areas loaded."} <= {
        sentence["en"] for sentence in place.assumptions
    }


def test_every_unusable_row_is_in_the_rejects_with_row_column_and_reason(saved: Save) -> None:
    said, rejects = run(
        saved(
            [
                {},
                {"case_enquiry_id": ""},
                {"case_enquiry_id": "3", "open_dt": "soon"},
                {"case_enquiry_id": "4", "closed_dt": "2019-06-30 08:00:00"},
                {"case_enquiry_id": "5", "case_status": "=HYPERLINK(1)"},
                {"case_enquiry_id": "1001", "type": "Pothole"},
                {"case_enquiry_id": "6", "closure_reason": "a\x00b"},
            ],
            tail="7,2019-07",
        )
    )
    assert [(row, column) for row, column, _reason, _value in rejects] == [
        ("3", "case_enquiry_id"), ("4", "open_dt"), ("5", "closed_dt"), ("6", "case_status"), ("7", "case_enquiry_id"),
        ("8", "closure_reason"), ("9", ""),
    ]  # fmt: skip
    assert rejects[3][3] == "'=HYPERLINK(1)"
    assert "8 rows read: 1 loaded, 0 already there, 7 rejected" in said
    assert ImportRun.objects.values_list("rows_read", "rows_loaded", "rows_present", "rows_rejected").get() == (
        8,
        1,
        0,
        7,
    )


def test_running_it_again_adds_nothing_twice(saved: Save) -> None:
    path = saved([*numbered(1, 5), {"case_enquiry_id": ""}], "cases.csv.gz")
    run(path)
    events = RequestEvent.objects.count()
    said, _rejects = run(path)
    assert "6 rows read: 0 loaded, 5 already there, 1 rejected" in said
    assert (ServiceRequest.objects.count(), RequestEvent.objects.count(), ImportRun.objects.count()) == (5, events, 1)


def test_a_run_that_was_stopped_is_completed_exactly(saved: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved([*numbered(1, 7), {"case_enquiry_id": ""}, *numbered(8, 9)])
    monkeypatch.setattr(load, "BATCH", 3)
    reached = []

    def stop(_progress: object, rows: int) -> None:
        reached.append(rows)
        if len(reached) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("requests_app.imports.progress.Progress.to", stop)
        with pytest.raises(CommandError, match="goes on from there"):
            run(path)
    assert ServiceRequest.objects.count() == 6
    assert ImportRun.objects.get().finished_at is None
    said, rejects = run(path)
    assert "10 rows read: 3 loaded, 6 already there, 1 rejected" in said
    assert len(rejects) == 1
    assert sorted(ServiceRequest.objects.values_list("source_reference", flat=True)) == [str(n) for n in range(1, 10)]
    assert ImportRun.objects.get().finished_at is not None


def test_names_of_one_slug_stay_apart_and_nothing_is_made_twice(saved: Save) -> None:
    path = saved(
        [{"queue": "A & B"}, {"case_enquiry_id": "2", "queue": "A B"}, {"case_enquiry_id": "3", "queue": "A B"}]
    )
    run(path)
    run(path)
    assert sorted(Office.objects.values_list("code", flat=True)) == ["a-b", "a-b2"]
    assert [office.name for office in Office.objects.order_by("code")] == ["A & B", "A B"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"source": "atlantis"}, "There is no source “atlantis”"),
        ({"as_of": "2019-31-12"}, "is no day"),
        ({"time_zone": "Mars/Base"}, "is no time zone"),
    ],
)
def test_options_that_make_no_sense_are_refused(saved: Save, options: dict[str, str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(saved([{}]), **options)
    assert not ServiceRequest.objects.exists()


def test_imported_cases_never_mix_with_live_ones_or_another_source(saved: Save) -> None:
    live_place("here")
    with pytest.raises(CommandError, match="never mix"):
        run(saved([{}]), jurisdiction="here")
    run(saved([{}]), jurisdiction="there")
    lines = saved([]).with_suffix(".jsonl")
    lines.write_text('{"id": 1, "status": "Open", "summary": "x", "created_at": "2019-01-01T00:00:00Z"}\n')
    with pytest.raises(CommandError, match="already holds cases of source boston_2011"):
        run(lines, "seeclickfix", jurisdiction="there")
    assert ServiceRequest.objects.count() == 1


@pytest.mark.parametrize("raw", [b"", b"case_enquiry_id,open_dt\n", b"\xff\xfe", b'{"a": 1}'])
def test_a_file_that_is_none_of_the_source_loads_nothing(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(raw)
    with pytest.raises(CommandError):
        run(path)
    assert not Jurisdiction.objects.exists()


def test_a_header_without_rows_loads_nothing(saved: Save) -> None:
    with pytest.raises(CommandError, match="no rows"):
        run(saved([]))


def test_two_jurisdictions_with_one_prefix_get_two(saved: Save) -> None:
    run(saved([{}]), jurisdiction="bos-one", name="One")
    run(saved([{}]), jurisdiction="bosone")
    assert sorted(ServiceRequest.objects.values_list("reference", flat=True)) == ["BOSONE-1001", "BOSONE2-1001"]


def test_seeclickfix_issues_have_no_office_and_keep_their_acceptance(tmp_path: Path) -> None:
    issues = [
        {
            "id": n, "status": status, "summary": "Pothole" if n < 4 else "My own words", "description": "Deep",
            "lat": 36.8, "lng": -76.0, "address": "1 Some Lane", "created_at": "2019-06-06T10:00:00-04:00",
            "acknowledged_at": "2019-06-06T11:00:00-04:00" if n == 1 else None,
            "closed_at": "2019-06-07T10:00:00-04:00" if status == "Archived" else None,
        }
        for n, status in enumerate(("Archived", "Open", "Acknowledged", "Open"), start=1)
    ]  # fmt: skip
    path = tmp_path / "issues.jsonl"
    path.write_text("\n".join(map(json.dumps, issues)))
    said, _rejects = run(path, "seeclickfix", jurisdiction="a-town", name="A Town")
    assert "4 rows read: 4 loaded" in said
    first = ServiceRequest.objects.get(source_reference="1")
    assert [e.activity for e in first.events.all()] == ["submitted", "accepted", "resolved"]
    assert first.office is None
    assert replayed(first) == state_of(first, [])
    assert sorted(service.name for service in Service.objects.all()) == ["Other issues", "Pothole"]


def test_a_second_import_into_the_place_waits_its_turn(saved: Save, transactional_db: None) -> None:
    path = saved([{}])
    run(path)
    place = Jurisdiction.objects.get(code="boston")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK, place.pk])
        with pytest.raises(CommandError, match="is running"):
            run(path)
    finally:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
        other.close()
    run(path)


def test_queues_and_services_are_called_by_words_in_both_languages_and_not_by_codes(saved: Save) -> None:
    run(saved([{"queue": "PWDx_Street Light Outages", "type": "Street Light Outages"}]))
    assert Office.objects.get().names == {
        "en": "Public Works: streetlight outages",
        "fr": "Travaux publics : pannes de lampadaires",
    }
    assert Service.objects.get().names == {"en": "Streetlight outage", "fr": "Lampadaire en panne"}


def test_what_was_loaded_under_its_code_gets_its_name_when_the_file_is_read_again(saved: Save) -> None:
    path = saved([{"queue": "PWDx_Graffiti"}])
    run(path)
    Office.objects.update(names={"en": "PWDx_Graffiti"}, source_name="")
    run(path)
    office = Office.objects.get()
    assert (office.names["fr"], office.source_name) == ("Travaux publics : graffitis", "PWDx_Graffiti")
