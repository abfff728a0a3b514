"""The simulated year: legal moves only, the same for the same seed, and the shape of a real year."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from fixtures.city.plane import from_wgs84
from fixtures.examples import (
    ASKED,
    BOUNCED,
    FRENCH,
    LATE,
    MERGED,
    NEIGHBOURS,
    REOPENED,
    REVIEWS,
    STORIES,
    THANKED,
    build_examples,
)
from fixtures.reference.read import read_reference
from fixtures.simulate import Year, simulate
from fixtures.simulation import habits
from fixtures.simulation.clocks import CITY_SLOTS, HOUR, WorkClock, calendar_of, moment, seconds
from fixtures.simulation.demand import SHARES
from fixtures.simulation.rows import Case
from fixtures.words.say import speak
from requests_app.calendars import add_working_time, is_statutory_holiday, working_time
from requests_app.projection import Change, replay
from requests_app.states import KIND_OF, Activity, Kind, Outcome, Status
from tests.ground import ground

NOW = datetime(2026, 5, 14, 15, 30, tzinfo=UTC)
LATER = seconds(NOW + timedelta(days=999))
ENDS = (Activity.RESOLVED, Activity.MERGED)
REFERENCE = read_reference()
OFFICES = {office.code: number for number, office in enumerate(REFERENCE.offices, start=1)}
SERVICES = {service.code: number for number, service in enumerate(REFERENCE.services, start=1)}


@pytest.fixture(scope="module")
def year() -> Year:
    return simulate(ground(), NOW)


@pytest.fixture(scope="module")
def examples() -> dict[str, Case]:
    return {case.reference: case for case in build_examples(ground(), REFERENCE, NOW)}


def changes(case: Case) -> list[Change]:
    return [
        Change(
            activity=each.activity,
            occurred_at=moment(each.at),
            office_id=OFFICES.get(each.office or ""),
            outcome=each.outcome,
            service_id=SERVICES.get(each.service or ""),
            branch=each.branch,
            step=each.step,
        )
        for each in case.happenings
    ]


def acted(case: Case, activity: Activity) -> int:
    return sum(each.activity is activity for each in case.happenings)


def waits(year: Year, office: str) -> list[tuple[int, float]]:
    """(accepted at, days until started) of every visit to an office."""
    found = []
    for case in year.cases:
        accepted = 0
        for each in case.happenings:
            if each.acting == office and each.activity is Activity.ACCEPTED:
                accepted = each.at
            elif each.acting == office and each.activity is Activity.STARTED and accepted:
                found.append((accepted, (each.at - accepted) / 86_400))
                accepted = 0
    return found


def test_a_year_has_about_twenty_thousand_requests_and_none_after_its_end(year: Year) -> None:
    assert 19_000 < len(year.cases) < 21_000
    assert max(each.at for case in year.cases for each in case.happenings) <= seconds(NOW)
    assert len({case.reference for case in year.cases}) == len(year.cases)


def test_the_same_seed_gives_the_same_year_to_the_last_word() -> None:
    one, other = simulate(ground(), NOW, 400).cases, simulate(ground(), NOW, 400).cases
    for case in [*one, *other]:
        speak(case, REFERENCE)
    assert one == other
    assert one != simulate(ground(), NOW, 400, seed=9).cases


def test_the_projection_agrees_with_the_simulation_about_where_every_case_is(year: Year) -> None:
    for case in year.cases[::7]:
        state = replay(changes(case))
        assert state.status is case.status, case.reference
        if case.is_open:
            assert state.office_id == OFFICES.get(case.holder or ""), case.reference


def test_every_status_is_there_to_be_seen(year: Year) -> None:
    assert {case.status for case in year.cases} == set(Status) or {KIND_OF[case.status] for case in year.cases} == set(
        Kind
    )


def test_events_of_a_case_are_in_time_order(year: Year) -> None:
    for case in year.cases:
        times = [each.at for each in case.happenings]
        assert times == sorted(times)


def test_requests_never_lie_in_water(year: Year) -> None:
    placed = [case.place for case in year.cases if case.place]
    assert len(placed) > 15_000
    assert not ground().land.in_water(from_wgs84(np.array(placed))).any()


def test_offices_work_in_their_hours_only(year: Year) -> None:
    clocks = {
        o.code: WorkClock(calendar_of(o.slots, "America/Toronto"), datetime(2025, 3, 1, tzinfo=UTC), 500)
        for o in REFERENCE.offices
    }
    for case in year.cases[::11]:
        for each in case.happenings:
            if each.activity in (Activity.ACCEPTED, Activity.STARTED) and each.acting:
                assert clocks[each.acting].next_open(each.at) - each.at <= 1, (case.reference, each)


def test_snow_comes_in_winter_and_noise_in_summer(year: Year) -> None:
    months = {
        code: Counter(moment(c.submitted_at).month for c in year.cases if c.service == code)
        for code in ("snow", "noise")
    }
    assert months["snow"][1] > 20 * months["snow"][7]
    assert months["noise"][7] > 2 * months["noise"][1]


def test_fewer_people_write_on_a_statutory_holiday(year: Year) -> None:
    days = Counter(moment(case.submitted_at).date() for case in year.cases)
    assert days[date(2025, 12, 25)] < 0.75 * days[date(2025, 12, 18)]


def test_about_a_fifth_writes_in_french(year: Year) -> None:
    share = sum(case.language == "fr" for case in year.cases) / len(year.cases)
    assert 0.17 < share < 0.27


def test_duplicates_are_joined_with_a_case_nearby_of_about_the_same_time(year: Year) -> None:
    known = {case.reference: case for case in year.cases}
    joined = [(case, each) for case in year.cases for each in case.happenings if each.activity is Activity.MERGED]
    assert len(joined) > 500
    for case, each in joined:
        parent = known[str(each.merged_into)]
        assert case.place
        assert parent.place
        gap = from_wgs84(np.array([case.place, parent.place]))
        assert abs(gap[0] - gap[1]).max() < 120
        assert 0 <= case.submitted_at - parent.submitted_at < 30 * 86_400
        assert (
            parent.is_open
            or parent.happenings[-1].at >= each.at
            or parent.happenings[-1].activity is not Activity.MERGED
        )


def test_the_hidden_verification_step_waits_longest(year: Year) -> None:
    medians = {
        office.code: median(days for _, days in waits(year, office.code))
        for office in REFERENCE.offices
        if len(waits(year, office.code)) > 100
    }
    assert max(medians, key=medians.__getitem__) == "verification"
    assert medians["verification"] > 3 * medians["eligibility"]


def test_roads_south_and_water_throw_cases_at_each_other_and_roads_north_does_not(year: Year) -> None:
    sent, thrown = Counter(), Counter()
    for case in year.cases:
        before = None
        for each in case.happenings:
            if each.activity is Activity.HANDED_OFF and each.office == "water-sewers":
                sent[each.acting] += 1
            if each.activity is Activity.BOUNCED and each.acting == "water-sewers" and each.office:
                thrown[each.office] += 1
            before = each
        assert before is not None
    assert thrown["roads-south"] / sent["roads-south"] > 0.4
    assert thrown["roads-north"] / max(1, sent["roads-north"]) < 0.3


def test_the_reform_shortens_the_wait_in_one_office_by_about_a_quarter(year: Year) -> None:
    reform_at = seconds(NOW) - habits.REFORM_DAYS_BEFORE_END * 86_400
    clock = WorkClock(
        calendar_of(REFERENCE.office(habits.REFORM_OFFICE).slots, "America/Toronto"),
        datetime(2025, 3, 1, tzinfo=UTC),
        500,
    )
    before, after = [], []
    for accepted, days in waits(year, habits.REFORM_OFFICE):
        (after if accepted >= reform_at else before).append(clock.between(accepted, accepted + round(days * 86_400)))
    assert 0.65 < median(after) / median(before) < 0.85


def test_every_outcome_and_every_service_occurs(year: Year) -> None:
    assert {each.outcome for case in year.cases for each in case.happenings if each.outcome} == set(Outcome)
    assert {case.service for case in year.cases} == set(SHARES) == {service.code for service in REFERENCE.services}


def kind_of_day(day: date) -> str:
    if is_statutory_holiday(day, "ON"):
        return "Christmas" if (day.month, day.day) == (12, 25) else "holiday"
    return {5: "Saturday", 6: "Sunday"}.get(day.weekday(), "weekday")


@pytest.fixture(scope="module")
def due_by_day(year: Year) -> dict[str, list[int]]:
    """Of each kind of day, how many promises of cases still open at eight in the morning fell due on each."""
    ends = [(case, min((e.at for e in case.happenings if e.activity in ENDS), default=LATER)) for case in year.cases]
    found: dict[str, list[int]] = {}
    for back in range(300):
        day = (NOW - timedelta(days=back)).date()
        morning = seconds(datetime.combine(day, time(8), ZoneInfo("America/Toronto")))
        due = [c for c, end in ends if c.submitted_at < morning <= c.due_at < morning + 16 * HOUR and end > morning]
        found.setdefault(kind_of_day(day), []).append(len(due))
    return found


@pytest.mark.parametrize("kind", ["weekday", "Saturday", "Sunday", "holiday", "Christmas"])
def test_promises_fall_due_on_every_kind_of_day(due_by_day: dict[str, list[int]], kind: str) -> None:
    assert min(due_by_day[kind]) >= 1, f"a {kind} without a promise that falls due"


def test_offices_of_the_usual_week_promise_nothing_for_weekends_and_holidays(year: Year) -> None:
    for case in year.cases[::5]:
        office = REFERENCE.office(REFERENCE.routed_to(REFERENCE.service(case.service), case.ward))
        due_on = moment(case.due_at).astimezone(ZoneInfo("America/Toronto")).date()
        if not office.every_day:
            assert str(due_on.weekday()) in office.slots, case.reference
            assert not is_statutory_holiday(due_on, "ON"), case.reference


def test_descriptions_are_varied_and_name_no_placeholder(year: Year) -> None:
    bodies = []
    for case in year.cases[::10]:
        speak(case, REFERENCE)
        bodies += [each.said.body for each in case.happenings[:1] if each.said]
    assert len(set(bodies)) > 0.7 * len(bodies)
    assert not [body for body in bodies if "{" in body or not body.strip()]


def test_the_simulations_clock_adds_working_time_as_the_products_calendar_does() -> None:
    calendar = calendar_of(CITY_SLOTS, "America/Toronto")
    clock = WorkClock(calendar, datetime(2025, 10, 20, tzinfo=UTC), 60)
    for hour in range(0, 24 * 30, 5):
        start = datetime(2025, 10, 21, tzinfo=UTC).timestamp() + hour * HOUR
        there = clock.add(int(start), 9 * HOUR)
        assert moment(there) == add_working_time(calendar, moment(int(start)), moment(9 * HOUR) - moment(0))
        assert (
            clock.between(int(start), there)
            == working_time(calendar, moment(int(start)), moment(there)).total_seconds()
        )


def test_a_promise_that_ends_at_closing_time_is_made_for_closing_time_as_the_product_makes_it() -> None:
    calendar = calendar_of(CITY_SLOTS, "America/Toronto")
    clock = WorkClock(calendar, datetime(2025, 10, 20, tzinfo=UTC), 60)
    sunday = datetime(2025, 10, 26, 14, 10, tzinfo=UTC)
    for hours in (0, 4, 8, 40, 80):
        promised = add_working_time(calendar, sunday, timedelta(hours=hours))
        assert moment(clock.promise(seconds(sunday), hours * HOUR)) == promised
        assert promised == add_working_time(calendar, sunday + timedelta(hours=9, minutes=7), timedelta(hours=hours))


def test_eight_examples_tell_their_stories(examples: dict[str, Case]) -> None:
    assert set(examples) == set(STORIES) | set(NEIGHBOURS)
    assert acted(examples[BOUNCED], Activity.BOUNCED) == 3
    assert all(examples[each].happenings[-1].merged_into == MERGED for each in NEIGHBOURS)
    assert examples[LATE].is_open
    assert examples[LATE].due_at < seconds(NOW)
    assert acted(examples[REOPENED], Activity.REOPENED) == 1
    assert acted(examples[REVIEWS], Activity.REVIEW_REQUESTED) == 3
    assert acted(examples[REVIEWS], Activity.REVIEW_RETURNED) == 2
    assert acted(examples[ASKED], Activity.CITIZEN_ASKED) == 2
    assert acted(examples[THANKED], Activity.COMMENTED) == 1
    assert examples[FRENCH].language == "fr"


@pytest.mark.parametrize("day", ["2026-01-02T14:00", "2026-11-22T03:00", "2026-07-01T20:00", "2027-12-27T12:00"])
def test_examples_can_be_told_on_any_day(day: str) -> None:
    now = datetime.fromisoformat(day).replace(tzinfo=UTC)
    for case in build_examples(ground(), REFERENCE, now):
        assert case.happenings[-1].at < seconds(now)
        replay(changes(case))
