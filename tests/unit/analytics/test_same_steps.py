"""The same steps at several places: one mix of steps for all."""

import numpy as np
import pytest

from analytics.core.equity.places import alike, same_steps
from analytics.core.segments import Segments, build_segments
from tests.unit.analytics.frames_for_tests import events_frame

DAY = 86_400


def log(steps: str, waits: list[float], cases: int) -> Segments:
    """Cases that take these steps one after the other, the same days between them."""
    at = np.concatenate(([0.0], np.cumsum(waits)))
    rows = [
        (case, 0, case * 60 + at[place] * DAY, place, step, "office")
        for case in range(cases)
        for place, step in enumerate(steps)
    ]
    return build_segments(events_frame(rows))[0]


def test_a_place_twice_as_slow_at_the_shared_steps_is_seen_whatever_else_it_does() -> None:
    quick, slow = log("abc", [1, 2], 40), log("abcx", [2, 4, 50], 80)
    first, second = same_steps([quick, slow])
    # pairs ab and bc: 120 of each; quick 3 days a case, slow 6, on average 4.5
    assert first.ratio == pytest.approx(3 / 4.5)
    assert second.ratio == pytest.approx(6 / 4.5)
    assert first.compared == 1.0
    assert second.compared == pytest.approx(6 / 56)


def test_pairs_that_one_place_has_seldom_are_not_compared() -> None:
    found = same_steps([log("abc", [1, 2], 29), log("abc", [1, 2], 80)])
    assert [one.ratio for one in found] == [None, None]


def test_logs_are_of_one_process_when_half_of_the_steps_are_the_same() -> None:
    assert alike(log("abcd", [1, 1, 1], 3), log("abxyz", [1, 1, 1, 1], 3))
    assert not alike(log("abcd", [1, 1, 1], 3), log("axyz", [1, 1, 1], 3))
