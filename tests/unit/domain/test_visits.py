"""Joint visits as a rule: what every proposal keeps to, whatever the cases, offices and hours."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from requests_app.rounds import metres
from requests_app.visits import Crew, Wanted, overlap, propose

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
HERE = (-79.05, 44.0)


def day(number: int, opens: int = 8, closes: int = 16) -> tuple[datetime, datetime]:
    midnight = datetime(2026, 5, 4, tzinfo=UTC) + timedelta(days=number)
    return midnight + timedelta(hours=opens), midnight + timedelta(hours=closes)


ROADS, WATER = Crew(frozenset({"asphalt"}), [day(1), day(2)]), Crew(frozenset({"pipes"}), [day(2), day(3)])
CREWS = {1: ROADS, 2: WATER}


def at(north_m: float) -> tuple[float, float]:
    return HERE[0], HERE[1] + north_m / 111_320


def test_two_offices_at_one_place_are_one_visit_on_the_first_day_both_work() -> None:
    (made,) = propose([Wanted(1, 1, HERE), Wanted(2, 2, at(30)), Wanted(3, 2, at(35))], CREWS, NOW)
    assert (made.starts_at, made.metres, made.saved, made.is_round) == (day(2)[0], 35, 1, False)
    assert [case.key for case in made.cases] == [1, 2, 3]


def test_one_office_alone_or_far_apart_is_none_and_a_street_apart_is_a_round() -> None:
    assert propose([Wanted(1, 1, HERE), Wanted(2, 1, HERE)], CREWS, NOW) == []
    assert propose([Wanted(1, 1, HERE), Wanted(2, 2, at(500))], CREWS, NOW) == []
    (made,) = propose([Wanted(1, 1, HERE), Wanted(2, 2, at(300))], CREWS, NOW)
    assert (made.is_round, made.metres) == (True, 300)


def test_no_visit_without_the_skill_or_after_the_promise() -> None:
    crane = frozenset({"crane"})
    assert propose([Wanted(1, 1, HERE), Wanted(2, 2, HERE, skills=crane)], CREWS, NOW) == []
    assert propose([Wanted(1, 1, HERE, day(1)[0]), Wanted(2, 2, HERE)], CREWS, NOW) == []
    late = NOW - timedelta(days=3)
    assert len(propose([Wanted(1, 1, HERE, late), Wanted(2, 2, HERE)], CREWS, NOW)) == 1
    (lent,) = propose([Wanted(1, 1, HERE, skills=frozenset({"pipes"})), Wanted(2, 2, HERE)], CREWS, NOW)
    assert lent.office_ids == (1, 2)


cases = st.lists(
    st.builds(
        Wanted,
        st.integers(1, 10**6),
        st.integers(1, 4),
        st.tuples(st.floats(-79.052, -79.048), st.floats(43.998, 44.002)),
        st.none() | st.timedeltas(timedelta(days=-3), timedelta(days=5)).map(lambda ahead: NOW + ahead),
        st.frozensets(st.sampled_from(["a", "b"]), max_size=1),
    ),
    max_size=14,
    unique_by=lambda case: case.key,
)
slots = st.lists(st.integers(1, 4), unique=True).map(lambda days: [day(n) for n in sorted(days)])
crews = st.fixed_dictionaries(
    {n: st.builds(Crew, st.frozensets(st.sampled_from(["a", "b"])), slots) for n in (1, 2, 3)}
)


@given(cases, crews)
def test_every_proposal_keeps_to_its_constraints(wanted: list[Wanted], offices: dict[int, Crew]) -> None:
    made = propose(wanted, offices, NOW)
    seen = [case.key for one in made for case in one.cases]
    assert len(seen) == len(set(seen))
    for one in made:
        assert one.saved >= 1
        assert one.ends_at - one.starts_at == timedelta(minutes=30) * len(one.cases)
        had = frozenset[str]().union(*(offices[pk].skills for pk in one.office_ids))
        for case in one.cases:
            assert case.skills <= had
            assert case.due_at is None or case.due_at <= NOW or one.ends_at <= case.due_at
            assert min(metres(case.at, other.at) for other in one.cases if other != case) <= (
                800 if one.is_round else 80
            )
        for pk in one.office_ids:
            assert any(a <= one.starts_at and one.ends_at <= b for a, b in offices[pk].slots)


@given(slots, slots)
def test_an_overlap_is_in_both(one: list[tuple[datetime, datetime]], other: list[tuple[datetime, datetime]]) -> None:
    assert overlap([one, other]) == [slot for slot in one if slot in other]


def test_what_only_a_crew_that_stays_home_can_do_is_not_proposed() -> None:
    """Office 1 could do what office 2 needs, but nobody can do the work of office 1: it does not come."""
    here = (-79.05, 44.0)
    wanted = [
        Wanted(1, 1, here, None, frozenset({"b"})),
        Wanted(2, 2, here, None, frozenset({"a"})),
        Wanted(3, 2, here, None, frozenset()),
        Wanted(4, 3, here, None, frozenset()),
    ]
    offices = {
        1: Crew(frozenset({"a"}), [day(1)]),
        2: Crew(frozenset(), [day(1)]),
        3: Crew(frozenset(), [day(1)]),
    }
    (made,) = propose(wanted, offices, NOW)
    assert {case.key for case in made.cases} == {3, 4}
