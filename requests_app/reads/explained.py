"""Why a case was routed as it was, in words, for those who work on it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from requests_app.models import Jurisdiction, RuleSet, ServiceRequest
from requests_app.reads.journey import Moment
from requests_app.routing.current import live_rules
from requests_app.routing.document import RuleBook
from requests_app.routing.known import Known, known_for
from requests_app.routing.parse import parse
from requests_app.routing.sentences import Speaker
from requests_app.routing.told import Teller, Told


@dataclass(frozen=True, slots=True)
class Why:
    """The explanation of one event: the office it sent to, and the words."""

    sequence: int
    office_id: int | None
    told: Told


def explained(request: ServiceRequest, moments: Iterable[Moment]) -> dict[int, Why]:
    """Each routing of a case in words, by the sequence of its event, in order.

    No statement where the live rules explain it, a few for rules of another time.
    """
    tellers: dict[int, Teller] = {}
    found = {}
    for moment in moments:
        if not moment.explanation:
            continue
        version = moment.explanation.get("rules", 0)
        if version not in tellers:
            tellers[version] = teller_of(request.jurisdiction, version)
        told = tellers[version].told(moment.explanation, moment.office)
        found[moment.sequence] = Why(moment.sequence, moment.office_id, told)
    return found


def why_here(request: ServiceRequest, reasons: Mapping[int, Why]) -> Why | None:
    """The latest explanation, where the case is still at the office it speaks of."""
    latest = next(reversed(list(reasons.values())), None)
    return latest if latest is not None and latest.office_id == request.office_id else None


def teller_of(place: Jurisdiction, version: int) -> Teller:
    """Who says explanations that the rules of a version gave; no statement for the live ones."""
    live = live_rules(place)
    if version in (0, live.version):
        return teller(live.book, live.known)
    then = RuleSet.objects.filter(jurisdiction=place, version=version).first()
    book, _problems = parse(then.document) if then else (RuleBook(), [])
    return teller(book, known_for(place, book))


def teller(book: RuleBook, known: Known) -> Teller:
    """Who says explanations that these rules gave."""
    return Teller(Speaker(known), {rule.code: rule for rule in book.rules})
