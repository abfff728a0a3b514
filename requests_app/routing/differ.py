"""What differs between two rule books, rule by rule, in plain words."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from requests_app.models.fields import localized
from requests_app.routing.document import Rule, RuleBook
from requests_app.routing.sentences import Speaker

ADDED, REMOVED, CHANGED, MOVED, ON, OFF, FALLBACK = "added", "removed", "changed", "moved", "on", "off", "fallback"

WHAT: dict[str, str | Promise] = {
    ADDED: pgettext_lazy("rule", "New"),
    REMOVED: pgettext_lazy("rule", "Taken out"),
    CHANGED: pgettext_lazy("rule", "Changed"),
    MOVED: pgettext_lazy("rule", "At another place in the order"),
    ON: pgettext_lazy("rule", "Switched on"),
    OFF: pgettext_lazy("rule", "Switched off"),
    FALLBACK: pgettext_lazy("rule", "Another fallback queue"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: of which rule, what kind, and its words before and after ("" where there are none)."""

    what: str | Promise
    name: str
    before: str = ""
    after: str = ""


def differences(before: RuleBook, after: RuleBook, speaker: Speaker) -> list[Difference]:
    """Everything that differs, in the order of the later book; what was taken out comes last."""
    old, new = ({rule.code: rule for rule in book.rules} for book in (before, after))
    moved = _moved([code for code in old if code in new], [code for code in new if code in old])
    found = [one for rule in after.rules for one in _of_rule(old.get(rule.code), rule, rule.code in moved, speaker)]
    gone = [_difference(REMOVED, rule, speaker.rule(rule), "") for code, rule in old.items() if code not in new]
    return [*_fallback(before, after, speaker), *found, *gone]


def _of_rule(old: Rule | None, new: Rule, is_moved: bool, speaker: Speaker) -> list[Difference]:
    if old is None:
        return [_difference(ADDED, new, "", speaker.rule(new))]
    found = []
    if (old.names, old.when, old.then) != (new.names, new.when, new.then):
        found.append(_difference(CHANGED, new, _told(old, new, speaker), speaker.rule(new)))
    if old.is_active != new.is_active:
        found.append(_difference(ON if new.is_active else OFF, new))
    if is_moved:
        found.append(_difference(MOVED, new))
    return found


def _told(old: Rule, new: Rule, speaker: Speaker) -> str:
    """The rule before, with its name where that is what changed."""
    if old.names == new.names:
        return speaker.rule(old)
    return f"{localized(dict(old.names))}. {speaker.rule(old)}"


def _difference(what: str, rule: Rule, before: str = "", after: str = "") -> Difference:
    return Difference(WHAT[what], localized(dict(rule.names)) or rule.code, before, after)


def _fallback(before: RuleBook, after: RuleBook, speaker: Speaker) -> list[Difference]:
    if before.fallback == after.fallback:
        return []
    usual = _("the usual one")
    named = [speaker.office(book.fallback) if book.fallback else usual for book in (before, after)]
    return [Difference(WHAT[FALLBACK], "", named[0], named[1])]


def _moved(old: list[str], new: list[str]) -> set[str]:
    """The rules that changed places: those outside the longest runs that both orders share."""
    kept = {
        old[block.a + offset]
        for block in SequenceMatcher(a=old, b=new, autojunk=False).get_matching_blocks()
        for offset in range(block.size)
    }
    return set(new) - kept
