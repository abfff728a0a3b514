"""What a rehearsal found, in words: for the page and for the command, from the codes and counts that are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from requests_app.labels import PRIORITY
from requests_app.models.fields import localized
from requests_app.routing.told import PROBLEMS, Teller
from requests_app.text.spoken import spoken_date, spoken_number

Found = Mapping[str, Any]
KEPT_LINES = 12
"""Lines of a table that are read at once; the others are folded away."""

KIND: dict[str, str | Promise] = {
    "office": gettext_lazy("the office"),
    "further": gettext_lazy("further offices"),
    "step": gettext_lazy("the step"),
    "priority": gettext_lazy("the priority"),
    "promise": gettext_lazy("the promise"),
    "tags": gettext_lazy("the tags"),
}
BY: dict[str, str | Promise] = {
    "rule": gettext_lazy("by a rule"),
    "route": gettext_lazy("by the usual office of the service"),
    "fallback": gettext_lazy("by the fallback queue"),
    "broken": gettext_lazy("by the fallback queue, since something is broken"),
    "nobody": gettext_lazy("by nobody: a person must choose"),
}


@dataclass(frozen=True, slots=True)
class MoveLine:
    """How many cases would go from one office to another; `before` and `after` are ids for links."""

    before: int | None
    after: int | None
    before_name: str
    after_name: str
    count: int


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """How many cases something else would change for."""

    kind: str | Promise
    before: str
    after: str
    count: int


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """How the cases of a service find their office: counts in the order of `BY`, and those that no rule matches."""

    service: str
    counts: Sequence[int]
    unmatched: int


@dataclass(frozen=True, slots=True)
class Words:
    """A rehearsal told: sentences and the lines of its tables."""

    summary: str
    settled: str
    moves: Sequence[MoveLine]
    changes: Sequence[ChangeLine]
    coverage: Sequence[CoverageLine]
    coverage_said: str
    conflicts: Sequence[str]
    never: Sequence[str]
    broken: Sequence[str]
    since_filing: Sequence[MoveLine]
    since_filing_said: str


def told(found: Found, teller: Teller, zone: Any) -> Words:
    """Everything a rehearsal found, in the language that is active; `zone` is the place's, for the days."""
    saying = _Saying(teller)
    moved, elsewhere = saying.moves(found["moved"]), saying.moves(found["since_filing"])
    return Words(
        summary=saying.summary(found, zone),
        settled=saying.settled(found["settled"]),
        moves=moved,
        changes=[saying.change(kind, *pair) for kind, pairs in found["changed"].items() for pair in pairs],
        coverage=[saying.covered(line) for line in found["coverage"]],
        coverage_said=saying.coverage(found),
        conflicts=[saying.conflict(*one) for one in found["conflicts"]],
        never=[saying.never(code, one) for code, one in found["never"].items()],
        broken=[saying.broken(*one) for one in found["broken"]],
        since_filing=elsewhere,
        since_filing_said=saying.elsewhere(found),
    )


def total(pairs: Sequence[Sequence[Any]]) -> int:
    """The cases of all pairs together."""
    return sum(int(pair[-1]) for pair in pairs)


def _n(count: int) -> str:
    return spoken_number(count, get_language())


@dataclass(frozen=True, slots=True)
class _Saying:
    teller: Teller

    def summary(self, found: Found, zone: Any) -> str:
        since, until = (
            spoken_date(datetime.fromisoformat(found[end]).astimezone(zone).date(), get_language(), weekday=False)
            for end in ("since", "until")
        )
        moved = total(found["moved"])
        form = ngettext(
            "Of %(cases)s requests filed between %(since)s and %(until)s, %(moved)s would go to another office than by"
            " the rules of today.",
            "Of %(cases)s requests filed between %(since)s and %(until)s, %(moved)s would go to another office than by"
            " the rules of today.",
            moved,
        )
        return form % {"cases": _n(found["cases"]), "since": since, "until": until, "moved": _n(moved)}

    def settled(self, settled: Mapping[str, int]) -> str:
        if not settled["closed"]:
            return ""
        return _(
            "%(closed)s of them are closed. The office that closed them is the one the rules of today name in"
            " %(before)s, and the one the changed rules name in %(after)s."
        ) % {
            "closed": _n(settled["closed"]),
            "before": _n(settled["right_before"]),
            "after": _n(settled["right_after"]),
        }

    def elsewhere(self, found: Found) -> str:
        return _(
            "%(n)s of %(cases)s requests would go to another office than they really went to when they were filed."
        ) % {"n": _n(total(found["since_filing"])), "cases": _n(found["cases"])}

    def moves(self, pairs: Sequence[Sequence[Any]]) -> list[MoveLine]:
        return [
            MoveLine(before, after, self._office(before), self._office(after), count) for before, after, count in pairs
        ]

    def _office(self, office_id: int | None) -> str:
        return _("nobody") if office_id is None else self.teller.speaker.office_of_id(office_id)

    def change(self, kind: str, before: Any, after: Any, count: int) -> ChangeLine:
        return ChangeLine(KIND[kind], self._value(kind, before), self._value(kind, after), count)

    def _value(self, kind: str, value: Any) -> str:
        if value is None or value == []:
            return "–"
        match kind:
            case "further":
                return ", ".join(self._office(pk) for pk in value)
            case "priority":
                return str(PRIORITY.get(value, value))
            case "promise":
                return ngettext("%(n)s working hour", "%(n)s working hours", value) % {"n": value}
            case "tags":
                return ", ".join(value)
        return self.teller.speaker.step(str(value))

    def covered(self, line: Mapping[str, Any]) -> CoverageLine:
        known = self.teller.speaker.known.services.get(line["service"])
        name = localized(dict(known.names)) if known else line["service"]
        return CoverageLine(name, [line["by"].get(by, 0) for by in BY], line["unmatched"])

    def coverage(self, found: Found) -> str:
        unmatched = sum(line["unmatched"] for line in found["coverage"])
        decided = sum(line["by"].get("rule", 0) for line in found["coverage"])
        return _("No rule matches %(unmatched)s of %(cases)s requests; a rule names the office of %(decided)s.") % {
            "unmatched": _n(unmatched),
            "cases": _n(found["cases"]),
            "decided": _n(decided),
        }

    def conflict(self, first: str, later: str, kind: str, count: int) -> str:
        form = ngettext(
            "%(first)s and %(later)s both match %(n)s request and disagree about %(kind)s: the first one decides.",
            "%(first)s and %(later)s both match %(n)s requests and disagree about %(kind)s: the first one decides.",
            count,
        )
        name = self.teller.name
        return form % {"first": name(first), "later": name(later), "n": _n(count), "kind": KIND.get(kind, kind)}

    def never(self, code: str, told: Mapping[str, Any]) -> str:
        """Why a rule never did anything."""
        count = told["cases"]
        given = {
            "rule": self.teller.name(code),
            "n": _n(count),
            "parts": self._parts(code, told["parts"]),
            "before": ", ".join(f"{self.teller.name(by)} ({_n(often)})" for by, often in told["by"]) or "–",
        }
        return _why_never(told["why"], count) % given

    def _parts(self, code: str, paths: Sequence[str]) -> str:
        rule = self.teller.rules.get(code)
        said = [self.teller.speaker.at_path(rule.when, path) for path in paths] if rule else list(paths)
        return _(", nor that ").join(said)

    def broken(self, code: str, problem: str, count: int) -> str:
        said = PROBLEMS.get(problem)
        form = ngettext(
            "%(rule)s could not be told for %(n)s request: %(problem)s.",
            "%(rule)s could not be told for %(n)s requests: %(problem)s.",
            count,
        )
        return form % {"rule": self.teller.name(code), "n": _n(count), "problem": said() if said else problem}


def _why_never(why: str, count: int) -> str:
    match why:
        case "no_cases":
            return _("%(rule)s: no request of its services was filed in this time.")
        case "broken":
            return _("%(rule)s: it is broken, see above.")
        case "together":
            return _(
                "%(rule)s: each part of its condition was true for some of %(n)s requests, but never all of them for"
                " the same one."
            )
        case "part":
            return ngettext(
                "%(rule)s: there was %(n)s request it could have matched, but it was never so that %(parts)s.",
                "%(rule)s: there were %(n)s requests it could have matched, but it was never so that %(parts)s.",
                count,
            )
    return ngettext(
        "%(rule)s: it matched %(n)s request, but a rule before it had decided: %(before)s.",
        "%(rule)s: it matched %(n)s requests, but each time a rule before it had decided: %(before)s.",
        count,
    )
