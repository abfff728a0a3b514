"""The rules that are live in a place, compiled once in each process and used until the place says they changed.

`Jurisdiction.rules_version`, which every filing reads anyway, grows whenever rules or what they name change: the
check costs no statement.
"""

from requests_app.models import Jurisdiction, RuleSet
from requests_app.routing.compile import Compiled, compile_rules
from requests_app.routing.document import RuleBook
from requests_app.routing.known import known_for, nothing_known
from requests_app.routing.parse import parse

_compiled: dict[int, tuple[int, Compiled]] = {}


def live_rules(place: Jurisdiction) -> Compiled:
    """The live rules of a place, ready to decide; none when it has none. No statement unless they changed."""
    kept = _compiled.get(place.pk)
    if kept is None or kept[0] != place.rules_version:
        kept = (place.rules_version, _load(place))
        _compiled[place.pk] = kept
    return kept[1]


def _load(place: Jurisdiction) -> Compiled:
    live = live_rule_set(place.pk) if place.rules_version else None
    if live is None:
        return compile_rules(RuleBook(), nothing_known(place))
    book, _problems = parse(live.document)
    return compile_rules(book, known_for(place, book), live.version)


def live_rule_set(place_id: int) -> RuleSet | None:
    """The rule set that is live in a place."""
    return RuleSet.objects.filter(jurisdiction_id=place_id, state=RuleSet.State.LIVE).first()
