"""Why a case was routed as it was, in words, for those who work on it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from requests_app.models import Jurisdiction, RuleSet, ServiceRequest
from requests_app.reads.holds import holds_of
from requests_app.reads.journey import Moment
from requests_app.routing.current import live_rules
from requests_app.routing.document import RuleBook
from requests_app.routing.known import Known, known_for
from requests_app.routing.parse import parse
from requests_app.routing.sentences import Speaker
from requests_app.routing.told import How, Teller, Told
from requests_app.states import GIVES_BACK, Activity


@dataclass(frozen=True, slots=True)
class Why:
    """The explanation of one event: the office it sent to, and the words."""

    sequence: int
    office_id: int | None
    told: Told
    since: str = ""
    """How the case came from there to the office that has it now, where that is another one."""
    is_left: bool = False
    """Whether a person left the case where it was, whatever the rules said."""


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
        how = _how(moment)
        told = tellers[version].told(moment.explanation, moment.office or moment.holding_office, how)
        found[moment.sequence] = Why(moment.sequence, moment.office_id, told, is_left=how is How.LEFT)
    return found


def _how(moment: Moment) -> How:
    if moment.activity is not Activity.RECATEGORIZED:
        return How.SENT
    return How.STAYS if moment.office in ("", moment.holding_office) else How.LEFT


def why_here(request: ServiceRequest, reasons: Mapping[int, Why]) -> Why | None:
    """The latest explanation of a case that an office has, with how it came on from the office it speaks of."""
    latest = next(reversed(list(reasons.values())), None)
    if latest is None or request.office_id is None:
        return None
    if latest.is_left or latest.office_id == request.office_id:
        return latest
    return replace(latest, since=_came_on(request))


def _came_on(request: ServiceRequest) -> str:
    """How the case came to the office that has it, in a sentence."""
    holds = holds_of(request)
    last = next(hold for hold in reversed(holds) if hold.is_lead)
    names = {hold.office_id: hold.office.name for hold in holds}
    said = {"office": last.office.name, "sender": names.get(last.sender_id or 0, "")}
    if last.opened_by == Activity.HANDED_OFF and said["sender"]:
        return _("%(sender)s handed it on to %(office)s.") % said
    if last.opened_by in GIVES_BACK and said["office"]:
        return _("It came back to %(office)s.") % said
    return _("It was sent on to %(office)s.") % said


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
