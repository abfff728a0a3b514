"""Calendars: slots, holidays and closures as administrators give them, and what cases are promised by."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.actions.config import SettingConflict
from requests_app.actions.errors import Forbidden, Refused
from requests_app.actions.setting_up.calendars import calendar_document, make_calendar, save_calendar, typed_slots
from requests_app.calendars import add_working_time, calendar_from_snapshot
from requests_app.models import ConfigChange, WorkCalendar
from requests_app.web.administration.calendar_preview import preview_of
from requests_app.web.administration.fields import slots_said
from tests import factories
from tests.factories import World

CREW = {
    "names": factories.names("Crews", "Équipes"),
    "time_zone": "America/Toronto",
    "slots": {"0": "7-15:30", "1": "7h à 12h, 12h30 à 15h30", "2": [["07:00", "15:30"]]},
    "holidays": True,
    "closures": [{"from": "2026-12-24", "to": "2026-12-31", "names": factories.names("Winter break", "Congé d’hiver")}],
}


def but(**fields: Any) -> dict[str, Any]:
    return {**CREW, **fields}


@pytest.fixture
def world() -> World:
    return factories.world()


@pytest.mark.django_db
def test_a_calendar_is_made_as_it_was_typed_and_an_office_works_by_it(world: World) -> None:
    row = make_calendar(world.jurisdiction, but(), viewer=world.administrator)
    assert (row.code, row.version) == ("crews", 1)
    assert row.slots == {
        "0": [["07:00", "15:30"]],
        "1": [["07:00", "12:00"], ["12:30", "15:30"]],
        "2": [["07:00", "15:30"]],
    }
    world.roads.work_calendar = row
    world.roads.save()
    kept = calendar_from_snapshot(world.roads.calendar_snapshot())
    assert kept == row.calendar()
    assert kept.open_slots(date(2026, 12, 28)) == []  # a closure of its own
    assert kept.open_slots(date(2026, 10, 12)) == []  # Thanksgiving
    filed = datetime(2026, 12, 23, 20, 0, tzinfo=UTC)  # Wednesday 15:00, half an hour before closing
    assert add_working_time(kept, filed, timedelta(hours=1)) == datetime(2027, 1, 4, 12, 30, tzinfo=UTC)


@pytest.mark.django_db
def test_each_change_is_a_version_and_a_conflict_tells_the_second_saver(world: World) -> None:
    row = make_calendar(world.jurisdiction, but(), viewer=world.administrator)
    save_calendar(row.pk, but(holidays=False), viewer=world.administrator, seen=1)
    row.refresh_from_db()
    assert (row.version, row.holiday_subdivision) == (2, "")
    with pytest.raises(SettingConflict) as told:
        save_calendar(row.pk, but(closures=[]), viewer=world.administrator, seen=1)
    assert told.value.changed == {"holidays"}
    save_calendar(row.pk, calendar_document(row), viewer=world.administrator, seen=2)
    row.refresh_from_db()
    assert row.version == 2, "saving without a change is no version"
    assert [c.act for c in ConfigChange.objects.filter(what="calendar", target_id=row.pk)] == ["saved", "made"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"slots": {}}, "slots-0"),
        ({"slots": {"2": ""}}, "slots-0"),
        ({"slots": {"3": "morning"}}, "slots-3"),
        ({"slots": {"3": "16:00-08:00"}}, "slots-3"),
        ({"slots": {"3": "08:00-12:00, 11:00-16:00"}}, "slots-3"),
        ({"slots": {"3": "08:00-25:00"}}, "slots-3"),
        ({"names": {"en": "Crews"}}, "names-fr"),
        ({"names": {"en": "x\x00", "fr": "x"}}, "names-en"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"closures": [{"from": "2026-13-01", "names": factories.names("x")}]}, "closures-0-from"),
        ({"closures": [{"from": "2026-12-24", "to": "2026-12-01", "names": factories.names("x")}]}, "closures-0-to"),
        ({"closures": [{"from": "1901-01-01", "to": "2198-12-31", "names": factories.names("x")}]}, "closures-0-to"),
        ({"closures": [{"from": "2026-12-24", "names": {"fr": "x"}}]}, "closures-0-names-en"),
    ],
)
def test_what_cannot_be_a_calendar_is_refused_at_its_field_and_nothing_is_kept(
    world: World, fields: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(Refused) as refused:
        make_calendar(world.jurisdiction, but(**fields), viewer=world.administrator)
    assert set(refused.value.fields) == {wrong}
    assert not WorkCalendar.objects.exists()


@pytest.mark.django_db
def test_a_calendar_in_use_is_not_put_out_of_use_and_nobody_else_may_make_one(world: World) -> None:
    row = make_calendar(world.jurisdiction, but(), viewer=world.administrator)
    world.roads.work_calendar = row
    world.roads.save()
    with pytest.raises(Refused, match="1 offices and services"):
        save_calendar(row.pk, but(active=False), viewer=world.administrator, seen=1)
    with pytest.raises(Forbidden):
        make_calendar(world.jurisdiction, but(), viewer=world.manager)


@pytest.mark.django_db
def test_the_preview_shows_eight_weeks_and_a_date_due(world: World) -> None:
    told = preview_of(world.jurisdiction, but())
    assert [len(week) for week in told["weeks"]] == [7] * 8
    assert {day.look for week in told["weeks"] for day in week} >= {"open", "closed"}
    assert "2 working days" in told["example"]
    assert preview_of(world.jurisdiction, but(slots={})) == {}


slots = st.lists(st.times().map(lambda t: time(t.hour, t.minute)), min_size=2, max_size=8, unique=True).map(sorted)


@given(slots)
def test_slots_are_read_as_they_are_said(bounds: list[time]) -> None:
    written = [[f"{a:%H:%M}", f"{b:%H:%M}"] for a, b in zip(bounds[::2], bounds[1::2], strict=False)]
    assert typed_slots(slots_said(written)) == written


@given(st.text(max_size=30))
def test_nothing_typed_into_a_day_breaks_it(typed: str) -> None:
    typed_slots(typed)
