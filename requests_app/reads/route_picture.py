"""The picture of a case's way: one bar an office on one time axis, cut by its clocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from requests_app.reads.journey import Stay

AXIS = 1000.0
"""Width of the axis in the picture's own units."""

NARROWEST = 6.0
"""A bar is never thinner than this: a stay of a minute in a year was a stay all the same."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a bar: `kind` is "transfer", "queue", "service", "paused" or "held" (clocks not recorded)."""

    kind: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One stay: the office, how long, and its pieces on the axis."""

    office: str
    lasted: timedelta
    is_running: bool
    is_lead: bool
    came_back: bool
    stretches: list[Stretch]


@dataclass(frozen=True, slots=True)
class RoutePicture:
    """All stays of a case between two moments."""

    bars: list[Bar]
    began_at: datetime
    ended_at: datetime

    @property
    def is_short(self) -> bool:
        """Whether it all happened within a day, so that the hour matters at both ends."""
        return self.ended_at - self.began_at < timedelta(days=1)

    @property
    def kinds(self) -> set[str]:
        """The kinds of pieces it shows: the legend names no others."""
        return {stretch.kind for bar in self.bars for stretch in bar.stretches}


def route_picture(
    stays: list[Stay],
    began_at: datetime,
    ended_at: datetime,
    *,
    acceptance_known: bool = True,
    pauses: Sequence[tuple[datetime, datetime]] = (),
) -> RoutePicture | None:
    """Draw stays between filing and the end (closing, or now); None when no office has held the case.

    `acceptance_known` False: the source does not record it, so a running stay is not drawn as waiting for it.
    `pauses` are the stretches in which the case waited for somebody who is no office: they are drawn over the work.
    """
    if not stays:
        return None
    span = max((ended_at - began_at).total_seconds(), 1.0)
    bars = [
        Bar(
            office=stay.office,
            lasted=stay.lasted,
            is_running=stay.ended_at is None,
            is_lead=stay.is_lead,
            came_back=stay.ended_by == "bounced",
            stretches=[
                *_stretches(stay, began_at, ended_at, span, acceptance_known=acceptance_known),
                *_paused(stay, pauses, began_at, ended_at, span),
            ],
        )
        for stay in stays
    ]
    return RoutePicture(bars, began_at, ended_at)


def _stretches(
    stay: Stay, began_at: datetime, ended_at: datetime, span: float, *, acceptance_known: bool
) -> list[Stretch]:
    """The pieces between the clocks that are known; one plain piece when none is."""
    end = stay.ended_at or ended_at
    if stay.accepted_at is None and stay.started_at is None:
        waits = acceptance_known and (stay.ended_at is None or stay.ended_by == "bounced")
        return [_stretch("transfer" if waits else "held", stay.sent_at, end, began_at, span)]
    accepted = stay.accepted_at or stay.sent_at
    started = stay.started_at
    pieces = [("transfer", stay.sent_at, accepted), ("queue", accepted, started or end)]
    if started is not None:
        pieces.append(("service", started, end))
    drawn = [_stretch(kind, since, until, began_at, span) for kind, since, until in pieces if until > since]
    return drawn or [_stretch("queue", stay.sent_at, end, began_at, span)]


def _paused(
    stay: Stay, pauses: Sequence[tuple[datetime, datetime]], began_at: datetime, ended_at: datetime, span: float
) -> list[Stretch]:
    """The pauses that fall into a stay of the lead branch."""
    end = stay.ended_at or ended_at
    cut = [(max(since, stay.sent_at), min(until, end)) for since, until in pauses if stay.is_lead]
    return [_stretch("paused", since, until, began_at, span) for since, until in cut if until > since]


def _stretch(kind: str, since: datetime, until: datetime, began_at: datetime, span: float) -> Stretch:
    x = AXIS * (since - began_at).total_seconds() / span
    width = max(AXIS * (until - since).total_seconds() / span, NARROWEST)
    return Stretch(kind, round(min(x, AXIS - NARROWEST), 1), round(width, 1))
