import pytest
from django.utils import translation

from analytics.core.cycle import CycleTime
from analytics.core.frames import UNKNOWN
from analytics.core.quantiles import NOTHING, Spread
from analytics.loading import Names
from analytics.reports.section_cycle import _slowest_area
from analytics.reports.section_handovers import _ranked
from analytics.reports.tables import SILENT, Cell, Column, Kind, Row, Table
from analytics.reports.wording import DAY_US, DAYS, HOURS, MINUTES, brief, unit_for

NAMES = {"a": "Ash", "b": "Birch", "c": "Cedar", UNKNOWN: "not recorded"}


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def group(name, n, days):
    return CycleTime(name, Spread(n, n * days * DAY_US, days * DAY_US, days * DAY_US), NOTHING, 0, days * DAY_US)


def test_small_groups_are_left_out_of_the_ranking_and_the_sentence_says_so():
    said = _slowest_area((group("a", 40, 3), group("b", 50, 5), group("c", 4, 90)), NAMES)
    assert said.startswith("Of the areas with at least 30 answered cases, Birch waits longest: half of its 50")


def test_the_only_group_with_enough_cases_is_not_called_longest():
    said = _slowest_area((group("a", 40, 3), group("c", 4, 90)), NAMES)
    assert said.startswith("Only Ash has 30 answered cases or more, so there is nothing to compare it with")
    assert _slowest_area((group("a", 40, 3),), NAMES).startswith("Ash: half of its 40 answered cases")


def test_when_every_group_is_large_the_ranking_needs_no_proviso():
    assert _slowest_area((group("a", 40, 3), group("b", 50, 5)), NAMES).startswith("Birch waits longest")


@pytest.mark.parametrize(
    ("compared", "pairs", "begins"),
    [(1, 1, "From %(sender)s to %(receiver)s: half"), (1, 4, "Only from"), (3, 4, "Of the ways"), (4, 4, "From")],
)
def test_a_hand_over_is_slowest_only_among_those_compared(compared, pairs, begins):
    assert _ranked(compared, pairs).startswith(begins)
    assert ("is slowest" in _ranked(compared, pairs)) == (compared > 1)


def test_a_table_takes_the_unit_its_times_can_be_read_in():
    assert unit_for(3 * DAY_US) is DAYS
    assert unit_for(DAY_US) is HOURS
    assert unit_for(DAY_US / 24) is MINUTES


def test_a_time_too_short_for_its_table_is_said_in_its_own_unit_and_what_is_not_recorded_is_not_zero():
    column = Column("median", "Median", Kind.DURATION)
    table = Table("t", "T", (column,), (Row((SILENT,)),), DAYS, as_of="2026-01-01T00:00:00+00:00", clock="calendar")
    assert table.words(column, Cell(DAY_US / 48)).replace("\xa0", " ") == "30 minutes"
    assert table.words(column, SILENT) == "not recorded"
    assert table.csv() == "median_days,as_of,clock\r\n,2026-01-01T00:00:00+00:00,calendar\r\n"


def test_accents_do_not_move_a_name_to_the_end_of_a_list():
    names = Names({code: {"fr": text} for code, text in (("z", "Zonage"), ("e", "Éclairage"), ("f", "Feux"))})
    assert names.codes("fr") == ["e", "f", "z"]


def test_a_time_in_a_box_stays_short():
    assert [brief(us).replace("\xa0", " ") for us in (None, 1.0, DAY_US / 24)] == ["–", "< 1 min", "1 hour"]
