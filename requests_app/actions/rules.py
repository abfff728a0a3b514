"""Changing the routing rules of a place: saved as a draft, then live; every version is kept and can come back.

Whoever saves says which rules they saw (`reads.rules.seen_mark`); when others are there now nothing is written and
`RulesConflict` holds what is there. Rules with a problem are never saved.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from requests_app.actions.alarms import settle_alarms
from requests_app.actions.config import require_administrator, routes_changed
from requests_app.actions.errors import ActionError
from requests_app.clock import now
from requests_app.models import AlarmKind, ConfigChange, Jurisdiction, RuleSet
from requests_app.permissions import Viewer
from requests_app.reads.rules import draft_set, live_set, next_version, seen_mark, set_of_version
from requests_app.routing.document import Problem
from requests_app.routing.read_document import check_document, in_order

LONGEST_NOTE = 300


class RulesRefused(ActionError):
    """Rules that cannot be taken; `problems` says all that is wrong with them."""

    code = "rules_refused"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].sentence)
        self.problems = list(problems)


class RulesConflict(ActionError):
    """Somebody else saved the rules of the place first; `current` is what is there now (None: nothing any more)."""

    code = "stale_rules"
    http_status = 409

    def __init__(self, current: RuleSet | None) -> None:
        who = current.author if current else None
        super().__init__(
            format_lazy(
                _("{who} saved these rules while you were working on them. What you typed is kept below."), who=who
            )
            if who
            else _("Somebody else saved these rules while you were working on them. What you typed is kept below.")
        )
        self.current = current


class UnknownRules(ActionError):
    """There is no such version, or no draft."""

    code = "not_found"
    http_status = 404

    def __init__(self) -> None:
        super().__init__(_("There are no such rules here any more. Go back to the list of rules."))


class DraftExists(ActionError):
    """An earlier version can only come back where no draft is lost by it."""

    code = "draft_exists"
    http_status = 409

    def __init__(self) -> None:
        super().__init__(_("There is a draft already. Let it go live or throw it away, then restore this version."))


def save_draft(
    place: Jurisdiction, viewer: Viewer, document: dict[str, Any], *, seen: str, note: str = "", source: str = ""
) -> RuleSet:
    """Keep changed rules as the draft of the place. RulesRefused with every problem, RulesConflict when others came.

    `source` is the text they were typed as, kept with its comments.
    """
    problems = check_document(document, place).problems
    if problems:
        raise RulesRefused(problems)
    with _held(place, viewer, seen) as (draft, live):
        rules = draft or _fresh(place, live)
        rules.source = source
        return _keep(rules, viewer, in_order(document), note)


def save_and_go_live(
    place: Jurisdiction, viewer: Viewer, document: dict[str, Any], *, seen: str, note: str = "", source: str = ""
) -> RuleSet:
    """Let changed rules decide from now on, in one go: both or nothing."""
    with transaction.atomic():
        draft = save_draft(place, viewer, document, seen=seen, note=note, source=source)
        return go_live(place, viewer, seen=seen_mark(draft))


def go_live(place: Jurisdiction, viewer: Viewer, *, seen: str, note: str = "") -> RuleSet:
    """Let the draft decide from now on. It is judged once more: an office may have closed since it was saved."""
    with _held(place, viewer, seen) as (draft, live):
        if draft is None:
            raise UnknownRules
        problems = check_document(draft.document, place).problems
        if problems:
            raise RulesRefused(problems)
        if live is not None:
            live.state = RuleSet.State.PAST
            live.save(update_fields=["state"])
        draft.state, draft.live_at = RuleSet.State.LIVE, now()
        kept = _keep(draft, viewer, draft.document, note or draft.note)
        _told(place, viewer, live, kept)
        routes_changed(place.pk)
        settle_alarms(AlarmKind.RULE_BROKEN, place.pk)
    return kept


def restore(place: Jurisdiction, viewer: Viewer, *, version: int) -> RuleSet:
    """Make the draft from an earlier version, to be rehearsed and to go live."""
    with _held(place, viewer, None) as (draft, _live):
        earlier = set_of_version(place, version)
        if earlier is None or earlier.state == RuleSet.State.DRAFT:
            raise UnknownRules
        if draft is not None:
            raise DraftExists
        again = _fresh(place, earlier)
        again.source = earlier.source
        return _keep(again, viewer, earlier.document, "")


def discard_draft(place: Jurisdiction, viewer: Viewer, *, seen: str) -> None:
    """Throw the draft away."""
    with _held(place, viewer, seen) as (draft, _live):
        if draft is None:
            raise UnknownRules
        draft.delete()


@contextmanager
def _held(place: Jurisdiction, viewer: Viewer, seen: str | None) -> Iterator[tuple[RuleSet | None, RuleSet | None]]:
    """The draft and the live rules of a place while nobody else changes them."""
    require_administrator(viewer, place.pk)
    with transaction.atomic():
        Jurisdiction.objects.select_for_update(no_key=True).only("pk").get(pk=place.pk)
        draft, live = draft_set(place), live_set(place)
        if seen is not None and seen != seen_mark(draft or live):
            raise RulesConflict(draft or live)
        yield draft, live


def _fresh(place: Jurisdiction, base: RuleSet | None) -> RuleSet:
    version = base.version if base else None
    return RuleSet(jurisdiction=place, version=next_version(place), revision=0, based_on=version)


def _keep(rules: RuleSet, viewer: Viewer, document: dict[str, Any], note: str) -> RuleSet:
    rules.document, rules.note = document, note.strip()[:LONGEST_NOTE]
    rules.author_id, rules.saved_at = viewer.user_id, now()
    rules.revision += 1
    rules.save()
    return rules


def _told(place: Jurisdiction, viewer: Viewer, before: RuleSet | None, after: RuleSet) -> None:
    """Have the history of settings say that other rules are live."""
    ConfigChange.objects.create(
        jurisdiction=place,
        what="rules",
        target_id=place.pk,
        version=after.version,
        act=ConfigChange.Act.WENT_LIVE,
        before=_short(before),
        after=_short(after),
        changed_by_id=viewer.user_id,
        changed_at=now(),
    )


def _short(rules: RuleSet | None) -> dict[str, Any]:
    if rules is None:
        return {}
    codes = [rule["code"] for rule in rules.document.get("rule", [])]
    return {"version": rules.version, "rules": codes, "note": rules.note}
