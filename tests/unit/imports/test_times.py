from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from requests_app.imports.times import Clock

BOSTON = Clock(ZoneInfo("America/New_York"))


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2011-07-01 01:32:33", "2011-07-01 05:32:33"),
        ("2011-12-01 01:32:33", "2011-12-01 06:32:33"),
        ("2011-07-01T01:32:33-04:00", "2011-07-01 05:32:33"),
        ("2011-07-01 01:32:33Z", "2011-07-01 01:32:33"),
        ("2011-03-13 02:30:00", "2011-03-13 07:30:00"),  # skipped in spring: 03:30 by the clock that went forward
        ("2011-11-06 01:30:00", "2011-11-06 05:30:00"),  # repeated in autumn: the first of the two
    ],
)
def test_a_written_time_becomes_the_moment_it_means(written: str, utc: str) -> None:
    assert BOSTON.read(written) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_the_second_of_a_repeated_hour_can_be_asked_for() -> None:
    assert BOSTON.read("2011-11-06 01:30:00", second=True) == datetime(2011, 11, 6, 6, 30, tzinfo=UTC)


def test_an_offset_that_is_not_to_be_trusted_is_ignored() -> None:
    clock = Clock(ZoneInfo("America/Los_Angeles"), ignore_offsets=True)
    assert clock.read("2016-07-13 15:11:07+00:00") == datetime(2016, 7, 13, 22, 11, 7, tzinfo=UTC)


def test_formats_are_tried_in_order() -> None:
    clock = Clock(ZoneInfo("UTC"), ("iso", "%d/%m/%Y %H:%M"))
    assert clock.read("02/03/2020 04:05") == datetime(2020, 3, 2, 4, 5, tzinfo=UTC)
    with pytest.raises(ValueError, match="soon"):
        clock.read("soon")
