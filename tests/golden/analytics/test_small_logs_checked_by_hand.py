"""Small histories whose figures were worked out on paper; times in days unless said otherwise."""

import numpy as np
import pytest

from analytics.core.cycle import cycle_time, cycle_times, cycles, kaplan_meier_quantile
from analytics.core.flow import flow
from analytics.core.handovers import handovers_from_stays, office_pairs, returns
from analytics.core.layout import Sheet, lay_out
from analytics.core.offices import clocks, clocks_together, dwell, time_held
from analytics.core.quality import screen_cases, screen_events, screen_holds
from analytics.core.segments import build_segments
from analytics.core.stays import stays_from_holds
from requests_app.text.lines import wrapped
from tests.unit.analytics.frames_for_tests import ORIGIN, cases_frame, events_frame, holds_frame

DAY = 86_400_000_000
SHEET = Sheet(capacity=3, down=True, box_width=180, layer_gap=60, item_gap=20, characters=22)


def hold(case, office, sent, ended, accepted=None, started=None, branch=0):
    days = {"sent": sent, "accepted": accepted, "started": started, "ended": ended}
    return {
        "case": case,
        "branch": branch,
        "office": office,
        **{k: None if v is None else int(v * DAY) for k, v in days.items()},
    }


@pytest.fixture
def permit_town():
    """Three permits. 1: intake 2 d → review 5 d, done. 2: intake 1 d → review 1 d → back to intake 3 d, done.
    3: intake 4 d → review since day 6, still there on day 10; sent, not accepted."""
    return holds_frame(
        [
            hold(1, "intake", 0, 2, accepted=0.5, started=1),
            hold(1, "review", 2, 7, accepted=4, started=5),
            hold(2, "intake", 0, 1, accepted=0.5),
            hold(2, "review", 1, 2, accepted=2),
            hold(2, "intake", 2, 5, accepted=3, started=3),
            hold(3, "intake", 2, 6),
            hold(3, "review", 6, None),
        ]
    )


@pytest.fixture
def stays(permit_town):
    return stays_from_holds(permit_town, ORIGIN + 10 * DAY)


def test_time_held_per_office(stays):
    intake, review = time_held(dwell(stays, ORIGIN + 10 * DAY))
    # intake: cases 2, 1 + 3 and 4 days → n 3, total 10; review: 5 and 1 days, case 3 is there since 4 days
    assert (intake.office, intake.left.n, intake.visits, intake.left.total_us) == ("intake", 3, 4, 10 * DAY)
    assert intake.left.median_us == 4 * DAY
    assert (review.left.n, review.left.total_us, review.left.median_us) == (2, 6 * DAY, 3 * DAY)
    assert review.left.p90_us == pytest.approx(4.6 * DAY)
    assert (review.now.n, review.now.total_us) == (1, 4 * DAY)
    assert (intake.share, review.share) == (10 / 16, 6 / 16)


def test_the_three_clocks_and_what_is_missing(stays):
    table = {(row.office, row.clock): row for row in clocks(stays)}
    # intake: transfers 0.5, 0.5, 1 known of 4 holds; started known for two of them: queue 0.5 and 0, service 1 and 2
    assert (table["intake", "transfer"].measured.total_us, table["intake", "transfer"].missing) == (2 * DAY, 1)
    assert table["intake", "queue"].measured.n == 2
    assert table["intake", "service"].measured.total_us == 3 * DAY
    assert table["intake", "service"].missing_share == 0.5
    together = {row.clock: row for row in clocks_together(stays)}
    # intake 0.5, 0.5, 1 and review 2, 1: n 5, total 5 days of 6 finished holds
    assert (together["transfer"].measured.total_us, together["transfer"].holds) == (5 * DAY, 6)
    assert together["transfer"].missing == 1
    # review: the open hold of case 3 is in no clock
    assert table["review", "transfer"].holds == 2


def test_slowest_handovers_and_returns(stays):
    rows = handovers_from_stays(stays)
    first, second = office_pairs(rows)
    # intake → review: transfers 2 and 1 days measured, case 3 is waiting; review → intake: 1 day, straight back
    assert (first.sender, first.receiver, first.handovers, first.cases) == ("intake", "review", 3, 3)
    assert (first.measured.n, first.measured.median_us, first.waiting_now, first.missing) == (2, 1.5 * DAY, 1, 0)
    assert (second.sender, second.receiver, second.measured.total_us) == ("review", "intake", DAY)
    assert (first.returned, second.returned) == (1, 0)
    back = returns(rows, 3)
    assert (back.handovers, back.returned, back.cases_with_return, back.cases_ping_pong) == (4, 1, 1, 0)


def test_ping_pong_needs_two_returns_between_the_same_offices():
    names = ["a", "b", "a", "b"]
    rows = handovers_from_stays(
        stays_from_holds(holds_frame([hold(1, n, i, i + 1) for i, n in enumerate(names)]), ORIGIN + 9 * DAY)
    )
    assert returns(rows, 1).cases_ping_pong == 1


def test_parallel_branches_are_summed_in_dwell_and_make_no_handover():
    frame = holds_frame([hold(1, "lead", 0, 10), hold(1, "legal", 2, 5, branch=1), hold(1, "legal", 3, 4, branch=2)])
    stays = stays_from_holds(frame, ORIGIN + 20 * DAY)
    table = {row.office: row for row in time_held(dwell(stays, ORIGIN + 20 * DAY))}
    assert (table["legal"].left.n, table["legal"].visits, table["legal"].left.total_us) == (1, 2, 4 * DAY)
    assert len(handovers_from_stays(stays).case) == 0


def test_cycle_time_of_closed_cases_with_open_ones_apart():
    frame = cases_frame(
        [
            (1, "pothole", "w1", 0, 2 * DAY, "resolved"),
            (2, "pothole", "w1", 0, 4 * DAY, "no_action_needed"),
            (3, "pothole", "w2", 4 * DAY, None, None),
            (4, "pothole", "w2", 1 * DAY, 1 * DAY, "duplicate"),
            (5, "tree", None, 9 * DAY, 12 * DAY, "resolved"),  # closed after the observation end: still open
        ]
    )
    rows = cycles(frame, "service", ORIGIN + 10 * DAY)
    pothole, tree = cycle_times(rows)
    assert (pothole.closed.n, pothole.closed.median_us, pothole.open.n, pothole.open.median_us) == (
        2,
        3 * DAY,
        1,
        6 * DAY,
    )
    assert pothole.stopped == 1
    # ages 2 (closed), 4 (closed), 6 (open): S = 2/3 after day 2, 1/3 after day 4
    assert pothole.median_with_open_us == 4 * DAY
    assert (tree.closed.n, tree.open.n, tree.median_with_open_us) == (0, 1, None)
    assert cycle_time(rows).closed.n == 2


def test_without_open_cases_the_median_that_counts_them_is_the_plain_one():
    rows = [(n, "pothole", "w1", 0, n * DAY, "resolved") for n in (1, 2, 5, 9)]
    (all_closed,) = cycle_times(cycles(cases_frame(rows), "service", ORIGIN + 10 * DAY))
    assert all_closed.median_with_open_us == all_closed.closed.median_us == 3.5 * DAY
    (one_open,) = cycle_times(
        cycles(cases_frame([*rows, (7, "pothole", "w1", 4 * DAY, None, None)]), "service", ORIGIN + 10 * DAY)
    )
    # ages 1, 2, 5 and 9 closed, 6 open: S = 4/5, 3/5, 2/5 after day 5
    assert one_open.median_with_open_us == 5 * DAY


def test_kaplan_meier_on_a_published_example():
    # Freireich 1963, 6-MP arm (21 patients, weeks), as printed in textbooks: median remission 23 weeks.
    weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    relapsed = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    assert kaplan_meier_quantile(np.array(weeks), np.array(relapsed, dtype=bool), 50) == 23


def test_events_of_the_same_time_are_ordered_by_sequence_and_wait_zero():
    segments, _ = build_segments(events_frame([(1, 0, 5, 2, "b", "o"), (1, 0, 5, 1, "a", "o"), (1, 0, 9, 3, "c", "o")]))
    assert [segments.activities[code] for code in segments.from_activity] == ["a", "b"]
    assert list(segments.wait_us) == [0, 4]
    assert list(segments.tied) == [True, False]


def test_what_is_left_out_is_counted_once_by_its_first_reason():
    events, dropped = screen_events(
        events_frame([(1, 0, None, 1, "a", "o"), (1, 0, 99, 2, "a", "o"), (2, 0, 1, 3, "a", "o")]), ORIGIN + 50
    )
    assert [(row.reason, row.rows, row.cases) for row in dropped] == [("no_time", 1, 1), ("after_as_of", 1, 1)]
    assert len(events) == 1
    _, dropped = screen_holds(holds_frame([hold(1, "a", 3, 2), hold(2, "a", 1, 2, accepted=3)]), ORIGIN + 90 * DAY)
    assert [(row.reason, row.rows) for row in dropped] == [("backwards", 2)]
    _, dropped = screen_cases(cases_frame([(1, "s", "a", 5, 4, "resolved")]), ORIGIN + 90)
    assert [(row.reason, row.rows) for row in dropped] == [("backwards", 1)]


def test_the_picture_is_the_same_every_time_and_nothing_overlaps(stays):
    held = time_held(dwell(stays, ORIGIN + 10 * DAY))
    graph = flow(stays, held, office_pairs(handovers_from_stays(stays)), cover=1.0)
    assert [node.office for node in graph.nodes] == ["intake", "review"]
    assert [node.begins for node in graph.nodes] == [3, 0]
    assert (len(graph.edges), graph.handovers_left_out) == (2, 0)
    names = {"intake": "Centre d’accueil et de renseignements municipaux", "review": "Révision"}
    picture = lay_out(graph, names, SHEET)
    assert picture == lay_out(graph, names, SHEET)
    first, second = picture.boxes
    assert first.y + first.height < second.y
    assert max(len(line) for line in first.lines) <= SHEET.characters


def test_a_word_longer_than_its_box_is_hyphenated_not_lost():
    assert wrapped("Anticonstitutionnellement vôtre", 12) == ("Anticonstit-", "utionnellem-", "ent vôtre")


def test_an_empty_set_of_cases_gives_empty_tables_not_errors():
    stays = stays_from_holds(holds_frame([]), ORIGIN)
    assert time_held(dwell(stays, ORIGIN)) == ()
    assert clocks(stays) == ()
    rows = handovers_from_stays(stays)
    assert office_pairs(rows) == ()
    assert returns(rows, 0).returned == 0
    assert lay_out(flow(stays, (), ()), {}, SHEET).boxes == ()
    assert cycle_time(cycles(cases_frame([]), "service", ORIGIN)).closed.n == 0
