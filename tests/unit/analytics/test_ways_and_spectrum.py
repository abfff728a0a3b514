"""Ways and the spectrum, on a handful of rows worked by hand."""

from datetime import UTC, datetime

import numpy as np
import pytest
from django.utils import translation

from analytics.core.frames import MISSING
from analytics.core.spectrum import Times, drawn, order_of_work, quarters
from analytics.core.ways import ways
from analytics.reports.views.spectrum_picture import spectrum


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


@pytest.mark.parametrize(
    ("begin", "end", "wide", "narrow"),
    [
        ("2010-10-04", "2015-02-25", "Jan 2011,Jul,Jan 2012,Jul,Jan 2013,Jul,Jan 2014,Jul", "Jan 2012,Jan 2014"),
        ("2026-02-10", "2026-06-20", "Mar 2026,Apr,May,Jun", "Mar 2026,Apr,May,Jun"),
        ("2025-08-10", "2026-06-20", "Sep 2025,Oct 2025,Nov,Dec,Jan 2026,Feb,Mar,Apr,May,Jun", "Oct 2025,Jan 2026,Apr"),
    ],
)
def test_an_axis_names_every_year_it_shows_on_a_narrow_page_too(begin: str, end: str, wide: str, narrow: str):
    start_us, end_us = (
        int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1_000_000 for day in (begin, end)
    )
    with translation.override("en"):
        drawing = spectrum(Times(ints(1), ints(start_us), ints(end_us)), (), end_us, "UTC", ("in", "out"))
    read = [(tick.words.replace("Sept", "Sep"), tick.minor) for tick in drawing.ticks]
    assert ",".join(words for words, _minor in read) == wide
    assert ",".join(words for words, minor in read if not minor) == narrow
