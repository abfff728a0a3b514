"""What is left out and what is noted, row by row."""

from analytics.core.quality import Dropped, Noted, Unexpected, notes, quarantine_events, unexpected
from analytics.core.segments import build_segments
from tests.unit.analytics.frames_for_tests import ORIGIN, cases_frame, events_frame

CASES = cases_frame([(1, "noise", "north", 0, 10, "resolved"), (2, "noise", "north", 0, None, "unknown")])
ROWS = [
    (1, 0, 0, 1, "file", "desk"),
    (1, 0, 5, 2, "check", "desk"),
    (1, 0, 5, 3, "check", "desk"),  # told twice
    (1, 0, 10, 4, "close", "desk"),
    (1, 0, 12, 5, "check", "desk"),  # after it was closed
    (1, 0, 13, 6, "rate", "unknown"),
    (2, 0, None, 1, "file", "desk"),
    (2, 0, 90, 2, "check", "desk"),  # not yet
    (3, 0, 1, 1, "file", "unknown"),  # of a case nobody lists
]


def test_events_are_left_out_each_for_its_first_reason():
    kept, dropped = quarantine_events(events_frame(ROWS), CASES, ORIGIN + 50, ("rate",))
    assert dropped == (
        Dropped("events", "no_time", 1, 1),
        Dropped("events", "after_as_of", 1, 1),
        Dropped("events", "told_twice", 1, 1),
        Dropped("events", "after_close", 1, 1),
    )
    assert kept["seq"].tolist() == [1, 2, 4, 6, 1]
    assert len(kept) + sum(row.rows for row in dropped) == len(ROWS)


def test_of_two_tellings_the_later_one_is_left_out_whatever_the_order_of_rows():
    kept, _dropped = quarantine_events(events_frame([ROWS[2], ROWS[1]]), CASES, ORIGIN + 50)
    assert kept["seq"].tolist() == [2]


def test_kept_rows_a_reader_should_know_of():
    kept = events_frame([ROWS[0], ROWS[1], (1, 0, 5, 7, "close", "unknown"), ROWS[8]])
    assert notes(kept) == (Noted("same_time", 1, 4), Noted("no_office", 2, 4), Noted("one_event", 1, 2))


def test_steps_that_were_skipped_are_listed_with_their_cases():
    segments, _ = build_segments(
        events_frame([ROWS[0], ROWS[3], (2, 0, 0, 1, "file", "desk"), (2, 0, 3, 2, "check", "desk")])
    )
    assert unexpected(segments, {("file", "check"), ("check", "close")}) == (Unexpected("file", "close", 1, 1),)
