"""`import_event_log` on small logs: offices, closings, counts, private and read-only."""

import csv
import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from requests_app.actions._saving import state_of
from requests_app.models import ImportRun, Jurisdiction, Office, RequestEvent, Service, ServiceRequest
from requests_app.permissions import ANONYMOUS
from requests_app.projection import Change, replay
from requests_app.states import Activity, Outcome, Status

pytestmark = pytest.mark.django_db
HEADER = "case:concept:name,concept:name,org:group,time:timestamp"
LINES = (
    "p1,Receive,Desk,2024-03-01 09:00:00+01:00",
    "p2,Receive,Desk,2024-03-01 10:00:00+01:00",
    "p1,Check,Review,2024-03-02 09:00:00+01:00",
    "p1,Ask,Review,2024-03-03 09:00:00+01:00",
    "p1,Decide,Desk,2024-03-05 09:00:00+01:00",
    "p2,Check,,2024-03-06 09:00:00+01:00",
    "p3,Receive,Desk,soon",
    ",Receive,Desk,2024-03-01 09:00:00+01:00",
)
XES = """<?xml version="1.0"?><log><trace><string key="concept:name" value="a"/>
<event><string key="concept:name" value="In"/><date key="time:timestamp" value="2024-03-01T09:00:00Z"/></event>
<event><string key="concept:name" value="Out"/><date key="time:timestamp" value="2024-03-02T09:00:00Z"/></event>
</trace></log>"""
Save = Callable[..., Path]


@pytest.fixture
def saved(tmp_path: Path) -> Save:
    def save(text: str = "\n".join([HEADER, *LINES]) + "\n", name: str = "permits.csv") -> Path:
        path = tmp_path / name
        raw = text.encode()
        path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        return path

    return save


def run(path: Path, **options: object) -> tuple[str, list[list[str]]]:
    out, rejects = StringIO(), path.parent / "rejects.csv"
    call_command("import_event_log", path, rejects=rejects, stdout=out, stderr=StringIO(), **options)
    rows = list(csv.reader(rejects.open(encoding="utf-8")))[1:] if rejects.exists() else []
    return out.getvalue(), rows


def case(label: str) -> ServiceRequest:
    return ServiceRequest.objects.get(source_reference=label)


def test_each_event_is_an_imported_activity_and_the_office_holds_from_it(saved: Save) -> None:
    said, rejects = run(saved())
    assert "8 events read: 6 loaded, 0 already there, 2 rejected. 2 cases, 2 of them closed" in said
    assert [(row, column) for row, column, _reason, _found in rejects] == [
        ("8", "time:timestamp"), ("9", "case:concept:name"),
    ]  # fmt: skip
    events = case("p1").events.select_related("foreign_activity")
    assert [(e.activity, e.foreign_activity.name if e.foreign_activity else "") for e in events] == [
        ("imported", "Receive"), ("imported", "Check"), ("imported", "Ask"), ("imported", "Decide"), ("resolved", ""),
    ]  # fmt: skip
    holds = [(h.office.name, (h.ended_at - h.sent_at).days) for h in case("p1").holds.select_related("office")]
    assert holds == [("Desk", 1), ("Review", 3), ("Desk", 0)]


def test_a_case_begins_with_its_first_event_and_is_closed_at_its_last(saved: Save) -> None:
    run(saved())
    p1 = case("p1")
    assert p1.submitted_at == datetime(2024, 3, 1, 8, tzinfo=UTC)
    assert p1.closed_at == datetime(2024, 3, 5, 8, tzinfo=UTC)
    changes = [
        Change(
            Activity(e.activity), e.occurred_at, e.office_id, outcome=Outcome(e.outcome) if e.outcome else None,
            service_id=e.service_id,
        )
        for e in p1.events.order_by("sequence")
    ]  # fmt: skip
    assert replay(changes) == state_of(p1, list(p1.holds.all()))


def test_an_event_without_an_office_is_at_an_unknown_one(saved: Save) -> None:
    run(saved())
    assert [h.office.code for h in case("p2").holds.select_related("office")] == ["desk", "unknown"]
    assert Office.objects.get(code="unknown").names == {"en": "Office not recorded", "fr": "Bureau non consigné"}


@pytest.mark.parametrize("word", ["EMPTY", "unknown", "N/A"])
def test_the_words_of_logs_for_no_office_are_no_office(saved: Save, word: str) -> None:
    run(saved(f"{HEADER}\np1,In,Desk,2024-03-01T00:00Z\np1,Out,{word},2024-03-02T00:00Z\n"))
    assert sorted(Office.objects.values_list("code", flat=True)) == ["desk", "unknown"]


def test_a_log_is_private_imported_and_its_cut_is_its_last_event(saved: Save) -> None:
    run(saved(), name="Permits", zone="Europe/Amsterdam")
    place, service = Jurisdiction.objects.get(code="permits"), Service.objects.get()
    assert place.is_read_only
    assert (place.name, place.time_zone) == ("Permits", "Europe/Amsterdam")
    assert place.present == datetime(2024, 3, 6, 8, tzinfo=UTC)
    assert (service.kind, service.publicity, service.name) == ("application", "private", "Permits")
    assert not ServiceRequest.objects.visible_to(ANONYMOUS).exists()
    assert not place.records("started")
    assert place.records("handovers")
    assert "taken as closed at its last event" in place.assumptions[1]["en"]
    assert all(sentence["fr"] and sentence["fr"] != sentence["en"] for sentence in place.assumptions)


def test_end_activities_leave_the_other_cases_open(saved: Save) -> None:
    said, _rejects = run(saved(), end_activities="Decide, Withdraw")
    assert "2 cases, 1 of them closed" in said
    assert (case("p1").status, case("p2").status) == (Status.CLOSED, Status.ASSIGNED)
    assert "Decide, Withdraw" in Jurisdiction.objects.get(code="permits").assumptions[1]["en"]


def test_running_it_again_adds_nothing_not_even_a_service(saved: Save) -> None:
    path = saved(name="permits.csv.gz")
    run(path, name="Permits")
    events = RequestEvent.objects.count()
    said, _rejects = run(path)
    assert "8 events read: 0 loaded, 6 already there, 2 rejected" in said
    assert (RequestEvent.objects.count(), Service.objects.count(), ImportRun.objects.count()) == (events, 1, 1)


@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz"])
def test_xes_without_offices_says_that_only_activities_can_be_measured(saved: Save, name: str) -> None:
    said, _rejects = run(saved(XES, name), jurisdiction="small-log")
    assert "2 events read: 2 loaded" in said
    place = Jurisdiction.objects.get(code="small-log")
    assert not place.records("offices")
    assert not place.records("handovers")
    assert not case("a").holds.exists()
    assert "names no office" in said


def test_columns_of_other_names_are_named_by_options(saved: Save) -> None:
    path = saved("nr,step,who,when\n1,In,Desk,2024-03-01\n1,Out,Review,2024-03-02\n")
    said, _rejects = run(path, case="nr", activity="step", timestamp="when", office="who", zone="America/Toronto")
    assert "2 events read: 2 loaded" in said
    place = Jurisdiction.objects.get()
    assert place.assumptions[-1]["en"] == "2 times carry no offset and are read in the time zone of this place."
    assert case("1").submitted_at == datetime(2024, 3, 1, 5, tzinfo=UTC)


def test_a_log_without_a_timestamp_column_is_refused_by_column_and_option(saved: Save) -> None:
    with pytest.raises(CommandError, match=r"no column 'time:timestamp'.*--timestamp"):
        run(saved("case:concept:name,concept:name,org:group\np1,Receive,Desk\n"))
    assert not Jurisdiction.objects.exists()


def test_labels_that_differ_only_in_capitals_are_two_cases_with_two_references(saved: Save) -> None:
    run(saved(f"{HEADER}\nA1,In,Desk,2024-03-01T00:00Z\na1,In,Desk,2024-03-01T00:00Z\n"))
    references = set(ServiceRequest.objects.values_list("reference", flat=True))
    assert len(references) == 2
    assert "PERMIT-A1" in references


def test_a_nul_in_a_row_is_a_reject_and_no_crash(saved: Save) -> None:
    said, rejects = run(saved(f"{HEADER}\np1,In,Desk,2024-03-01T00:00Z\np1,Out\x00,Desk,2024-03-02T00:00Z\n"))
    assert "2 events read: 1 loaded, 0 already there, 1 rejected" in said
    assert "NUL" in rejects[0][2]
