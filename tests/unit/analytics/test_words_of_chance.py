"""What is said of a barrier and chance agrees with the numbers that stand beside it."""

import pytest
from django.utils import translation

from analytics.core.barriers.ranking import Barrier, Interval
from analytics.reports.barriers.asked import Choice
from analytics.reports.barriers.words import chance_said

DAY_US = 86_400_000_000


@pytest.mark.parametrize(
    ("excess", "low", "noise", "said"),
    [
        (2_918, 2_600, 2_565, "It stands out: names dealt at random give at most 2,565 case-days."),
        (2_918, 2_140, 2_565, "It may be chance: its interval begins at 2,140 case-days, and names dealt at random "),
        (2_300, 2_140, 2_565, "It does not stand out: names dealt at random give up to 2,565 case-days."),
    ],
)
def test_more_than_chance_whose_interval_reaches_chance_is_said_to_be_perhaps_chance(
    excess: int, low: int, noise: int, said: str
) -> None:
    between = Interval(low * DAY_US, 4_000 * DAY_US)
    numbers = {"total_us": 3_000 * DAY_US, "excess_us": excess * DAY_US, "noise_high_us": noise * DAY_US}
    row = Barrier("a", 900, 0, 900, 0, excess=between, rank=1, ranks=Interval(1, 2), **numbers)
    with translation.override("en"):
        assert chance_said(row, Choice()).replace("\xa0", " ").startswith(said)
