"""A rehearsal of rules over the past cases of a place: read, judged, and told as codes and counts that can be kept."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from requests_app.models import Jurisdiction
from requests_app.reads.past_cases import Asked, Period, ground_of, past_cases, period_of
from requests_app.routing.compile import compile_rules
from requests_app.routing.current import live_rule_set
from requests_app.routing.document import RuleBook
from requests_app.routing.known import Known, known_for
from requests_app.routing.never import never_fired, untrue
from requests_app.routing.parse import parse
from requests_app.routing.past import PastCase
from requests_app.routing.rehearse import Rehearsal

TOLD_EVERY = 1_000
Told = Callable[[int], object]
"""Told how many cases are judged."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a rehearsal found, over which days, and what its rules may name (to say it in words)."""

    rehearsal: Rehearsal
    period: Period
    known: Known
    found: dict[str, Any]


def rehearse(
    place: Jurisdiction, book: RuleBook, live: RuleBook, days: int, told: Told = lambda done: None
) -> Rehearsed:
    """Judge the cases of the last days by changed rules and by the live ones.

    About fifteen statements, and three for each batch of cases.
    """
    known, period = known_for(place, live, book), period_of(place, days)
    before, after = compile_rules(live, known), compile_rules(book, known)
    rehearsal = Rehearsal(before, after, ground_of(place))
    asked = Asked.by(before, after)
    rehearsal.run(_counted(past_cases(place, period, known, asked), told))
    again = past_cases(place, period, known, asked) if untrue(rehearsal) else ()
    return Rehearsed(rehearsal, period, known, as_json(rehearsal, period, days, again))


def live_book(place: Jurisdiction) -> tuple[RuleBook, int]:
    """The rules that are live in a place, with their version; none and 0 where it has none."""
    live = live_rule_set(place.pk)
    return (parse(live.document)[0], live.version) if live else (RuleBook(), 0)


def _counted(cases: Iterable[PastCase], told: Told) -> Iterator[PastCase]:
    for number, case in enumerate(cases, start=1):
        yield case
        if not number % TOLD_EVERY:
            told(number)


def as_json(rehearsal: Rehearsal, period: Period, days: int, again: Iterable[PastCase]) -> dict[str, Any]:
    """What was found: ids of offices, codes of rules and services, and counts; the most frequent first."""
    settled = rehearsal.settled
    return {
        "days": days,
        "since": period.since.isoformat(),
        "until": period.until.isoformat(),
        "cases": rehearsal.cases,
        "moved": _pairs(rehearsal.moved),
        "since_filing": _pairs(rehearsal.since_filing),
        "changed": {kind: _pairs(pairs) for kind, pairs in rehearsal.changed.items() if pairs},
        "settled": {
            "closed": settled.closed,
            "right_before": settled.right_before,
            "right_after": settled.right_after,
        },
        "coverage": [
            {"service": service, "by": dict(one.by), "unmatched": one.unmatched}
            for service, one in sorted(rehearsal.coverage.items())
        ],
        "conflicts": [[*key, count] for key, count in rehearsal.conflicts.most_common()],
        "broken": [[*key, count] for key, count in rehearsal.broken.most_common()],
        "rules": {
            code: {"tried": one.tried, "matched": one.matched, "decided": one.decided}
            for code, one in rehearsal.rules.items()
        },
        "never": {one.rule: one.as_json() for one in never_fired(rehearsal, again)},
        "kept": [list(one) for one in rehearsal.kept],
    }


def _pairs(pairs: Counter[tuple[Any, Any]]) -> list[list[Any]]:
    return [[_plain(before), _plain(after), count] for (before, after), count in pairs.most_common()]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
