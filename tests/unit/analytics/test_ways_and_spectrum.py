"""Ways and the spectrum, on a handful of rows worked by hand."""

import numpy as np

from analytics.core.frames import MISSING
from analytics.core.spectrum import Times, drawn, order_of_work, quarters
from analytics.core.ways import ways


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_a_loop_is_another_way_unless_each_place_is_named_once():
    case, place = ints(1, 1, 2, 2, 2, 2, 3), ints(0, 1, 0, 1, 0, 1, 1)
    assert ways(case, place).way.tolist() == [0, 1, 2]
    once = ways(case, place, once=True)
    assert once.way.tolist() == [0, 0, 1]
    assert once.ways == ((0, 1), (1,))


def test_no_rows_have_no_ways():
    assert len(ways(ints(), ints(), once=True).case) == 0


def test_quarters_are_of_what_ended():
    times = Times(ints(1, 2, 3, 4, 5), ints(0, 0, 0, 0, 0), ints(10, 20, 30, 40, MISSING))
    assert quarters(times)[0].tolist() == [0, 1, 2, 3]


def test_the_lines_drawn_are_the_same_each_time_and_no_more_than_allowed():
    chosen = drawn(10_000, 3_000)
    assert len(set(chosen.tolist())) == 3_000
    assert chosen.tolist() == drawn(10_000, 3_000).tolist()
    assert drawn(5, 3_000).tolist() == [0, 1, 2, 3, 4]


def test_what_left_after_something_that_came_later_was_overtaken():
    found = order_of_work(Times(ints(1, 2, 3), ints(0, 1, 2), ints(90, 5, 6)))
    assert found is not None
    assert (found.n, found.overtaken) == (3, 1)
