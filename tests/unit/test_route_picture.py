"""The picture of a case's way says no more than its source does."""

from datetime import UTC, datetime, timedelta

from requests_app.reads.journey import Stay
from requests_app.reads.route_picture import route_picture

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = BEGAN + timedelta(days=4)


def running_stay() -> Stay:
    return Stay(
        office="Roads",
        is_lead=True,
        sent_at=BEGAN,
        accepted_at=None,
        started_at=None,
        ended_at=None,
        ended_by="",
        lasted=NOW - BEGAN,
    )


def test_a_running_stay_waits_to_be_accepted() -> None:
    picture = route_picture([running_stay()], BEGAN, NOW)
    assert picture is not None
    assert picture.kinds == {"transfer"}


def test_a_source_that_records_no_acceptance_is_not_said_to_lack_it() -> None:
    picture = route_picture([running_stay()], BEGAN, NOW, acceptance_known=False)
    assert picture is not None
    assert picture.kinds == {"held"}
