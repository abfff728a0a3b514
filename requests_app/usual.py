"""What is usual, as it was measured: plain values that the jobs take from the reports and the pages show. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

ENOUGH: Final = 30
"""Fewer requests than this say nothing that can be told to anybody."""


@dataclass(frozen=True, slots=True)
class UsualTimes:
    """How long requests of one service took, in working days; None where so many have not ended yet.

    `requests` were filed from `filed_from` on and answered or still open; `still_open` of them had not ended.
    """

    service: str
    requests: int
    still_open: int
    half_days: int | None
    most_days: int | None
    filed_from: date


@dataclass(frozen=True, slots=True)
class UsualStay:
    """How long nine in ten stays at an office last for requests of one service; `of` stays have ended."""

    office: str
    service: str
    nine_in_ten: timedelta
    of: int


@dataclass(frozen=True, slots=True)
class Usual:
    """Everything that is known of one place."""

    times: Sequence[UsualTimes] = field(default_factory=tuple)
    stays: Sequence[UsualStay] = field(default_factory=tuple)
