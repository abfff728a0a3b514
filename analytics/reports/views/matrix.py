"""The hand-over matrix: sending offices down, receiving ones across, shaded by what was asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from analytics.core.handovers import OfficePair
from analytics.reports.sections import Subject, is_small
from analytics.reports.views.parts import Links
from analytics.reports.views.shades import shade_of
from analytics.reports.wording import brief, case_days, duration, number, percent

MOST: Final = 13
"""Offices that are drawn; the table below has all."""
BY: Final = ("days", "number", "median")


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """Hand-overs of one pair: their number and median, and the class of the shade."""

    number: str
    median: str
    shade: str
    small: bool
    address: str
    way: str


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """What one office sent; ``None`` where nothing went that way."""

    name: str
    cells: tuple[MatrixCell | None, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The picture as it is drawn."""

    heads: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    least: str
    most: str
    left_out: str


def matrix(subject: Subject, pairs: tuple[OfficePair, ...], by: str, links: Links) -> Matrix:
    """Draw the pairs among the offices with most hand-overs."""
    offices = _busiest(pairs)
    drawn = {(pair.sender, pair.receiver): pair for pair in pairs if {pair.sender, pair.receiver} <= set(offices)}
    values = sorted(value for pair in drawn.values() if (value := _value(pair, by)) is not None)
    receivers = [office for office in offices if any(receiver == office for _sender, receiver in drawn)]
    rows = tuple(
        MatrixRow(
            subject.offices[sender],
            tuple(_cell(subject, drawn.get((sender, receiver)), by, values, links) for receiver in receivers),
        )
        for sender in offices
        if any(office == sender for office, _receiver in drawn)
    )
    return Matrix(
        heads=tuple(subject.offices[office] for office in receivers),
        rows=rows,
        least=_words(values[0], by) if values else "",
        most=_words(values[-1], by) if values else "",
        left_out=_left_out(pairs, tuple(drawn.values())),
    )


def _busiest(pairs: tuple[OfficePair, ...]) -> list[str]:
    """Return the offices with most hand-overs, those that mostly send before those that mostly receive."""
    touched: Counter[str] = Counter()
    sent: Counter[str] = Counter()
    for pair in pairs:
        touched.update({pair.sender: pair.handovers})
        touched.update({pair.receiver: pair.handovers})
        sent.update({pair.sender: pair.handovers})
    chosen = sorted(touched, key=lambda office: (-touched[office], office))[:MOST]
    return sorted(chosen, key=lambda office: (-sent[office] / touched[office], office))


def _value(pair: OfficePair, by: str) -> float | None:
    if by == "number":
        return pair.handovers
    if by == "days":
        return pair.measured.total_us if pair.measured.n else None
    return None if is_small(pair.measured.n) else pair.measured.median_us


def _words(value: float, by: str) -> str:
    said: Mapping[str, str] = {
        "number": number(value) if by == "number" else "",
        "days": case_days(value),
        "median": duration(value),
    }
    return said[by]


def _cell(subject: Subject, pair: OfficePair | None, by: str, values: list[float], links: Links) -> MatrixCell | None:
    if pair is None:
        return None
    said = {
        "sender": subject.offices[pair.sender],
        "receiver": subject.offices[pair.receiver],
    }
    return MatrixCell(
        number=number(pair.handovers),
        median=brief(pair.measured.median_us),
        shade=shade_of(_value(pair, by), values),
        small=is_small(pair.measured.n),
        address=links.cases({"figure": "handovers", "of": pair.sender, "to": pair.receiver}),
        way=_("%(sender)s to %(receiver)s") % said,
    )


def _left_out(pairs: tuple[OfficePair, ...], drawn: tuple[OfficePair, ...]) -> str:
    total, shown = (sum(pair.handovers for pair in some) for some in (pairs, drawn))
    if shown == total:
        return ""
    said = {"n": number(MOST), "share": percent(shown / total)}
    return (
        _("Drawn are the %(n)s offices with most hand-overs: %(share)s of them all. The table below has every pair.")
        % said
    )
