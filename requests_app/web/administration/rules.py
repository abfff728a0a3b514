"""The routing rules of a place in plain words and in their order; and every version, with what it changed."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from requests_app.actions.errors import ActionError
from requests_app.actions.rules import discard_draft, restore
from requests_app.models import RuleSet
from requests_app.models.fields import localized
from requests_app.reads.explained import teller
from requests_app.reads.rehearsals import latest_rehearsals
from requests_app.reads.rules import (
    broken_rules,
    draft_set,
    live_set,
    open_cases_matched,
    rule_history,
    seen_mark,
    speaker_for,
)
from requests_app.routing.differ import Difference, differences
from requests_app.routing.document import Rule, RuleBook
from requests_app.routing.parse import parse
from requests_app.routing.sentences import Speaker
from requests_app.web.acts import act_of
from requests_app.web.administration.gate import Administration, administrators_only, show
from requests_app.web.problem import error_page

MOST_COMPARED = 20
"""Versions whose differences are told at once: the latest."""


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule as it is listed."""

    number: int
    name: str
    code: str
    when: str
    then: list[str]
    is_active: bool
    broken: str
    matched: int
    """Open requests that it matched when they were routed."""


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version that is or was live, with what it changed."""

    rules: RuleSet
    changed: list[Difference]
    restore: str


def book_of(rules: RuleSet | None) -> RuleBook:
    """The rules of a set; none of none."""
    return parse(rules.document)[0] if rules else RuleBook()


@require_safe
@administrators_only
def rules(request: HttpRequest, administration: Administration) -> HttpResponse:
    """The live rules as sentences, what is prepared beside them, and what is broken."""
    place = administration.place
    live, draft = live_set(place), draft_set(place)
    book = book_of(live)
    speaker = speaker_for(place, book, book_of(draft))
    context = {
        "live": live,
        "draft": draft,
        "draft_changes": differences(book, book_of(draft), speaker) if draft else [],
        "draft_mark": seen_mark(draft),
        "lines": _lines(administration, book, speaker),
        "fallback": speaker.office(book.fallback) if book.fallback else "",
        "rehearsals": [
            (one, administration.address("administration:rehearsal", rehearsal_id=one.pk))
            for one in latest_rehearsals(place)
        ],
        **_addresses(administration),
    }
    return show(request, administration, "administration/rules.html", context)


def _addresses(administration: Administration) -> dict[str, str]:
    to = administration.address
    return {
        "list_address": to("administration:rules"),
        "edit_address": to("administration:rules_edit"),
        "form_address": to("administration:rule_form"),
        "try_address": to("administration:rules_try"),
        "versions_address": to("administration:rule_versions"),
        "discard_address": to("administration:rules_discard"),
    }


def _lines(administration: Administration, book: RuleBook, speaker: Speaker) -> list[RuleLine]:
    told = teller(book, speaker.known)
    broken = {
        one.subject: told.broken(one.subject, one.codes.get("problem", ""))
        for one in broken_rules(administration.place)
    }
    matched = open_cases_matched(administration.viewer, administration.place) if book.rules else {}
    return [
        _line(number, rule, speaker, broken.get(rule.code, ""), matched.get(rule.code, 0))
        for number, rule in enumerate(book.rules, start=1)
    ]


def _line(number: int, rule: Rule, speaker: Speaker, broken: str, matched: int) -> RuleLine:
    return RuleLine(
        number,
        localized(dict(rule.names)),
        rule.code,
        speaker.condition(rule.when),
        speaker.actions(rule.then),
        rule.is_active,
        broken,
        matched,
    )


@require_safe
@administrators_only
def rule_versions(request: HttpRequest, administration: Administration) -> HttpResponse:
    """Every version that is or was live, the latest first."""
    history = rule_history(administration.place)
    shown = history[:MOST_COMPARED]
    books = [book_of(one) for one in history[: MOST_COMPARED + 1]]
    speaker = speaker_for(administration.place, *books)
    lines = [
        VersionLine(
            one,
            differences(books[place + 1] if place + 1 < len(books) else RuleBook(), books[place], speaker),
            administration.address("administration:rules_restore", version=one.version),
        )
        for place, one in enumerate(shown)
    ]
    context = {"lines": lines, "older": len(history) - len(shown), **_addresses(administration)}
    return show(request, administration, "administration/rule_versions.html", context)


@act_of("administration:rule_versions")
@administrators_only
def rules_restore(request: HttpRequest, administration: Administration, version: int) -> HttpResponse:
    """Make the draft from an earlier version; it is rehearsed before it goes live."""
    try:
        restore(administration.place, administration.viewer, version=version)
    except ActionError as error:
        return error_page(request, error, back=administration.address("administration:rule_versions"))
    messages.success(
        request, _("Version %(number)s is the draft now. Rehearse it, then let it go live.") % {"number": version}
    )
    return redirect(administration.address("administration:rules_edit"))


@act_of("administration:rules")
@administrators_only
def rules_discard(request: HttpRequest, administration: Administration) -> HttpResponse:
    """Throw the draft away."""
    try:
        discard_draft(administration.place, administration.viewer, seen=request.POST.get("seen", ""))
    except ActionError as error:
        return error_page(request, error, back=administration.address("administration:rules"))
    messages.success(request, _("The draft was thrown away. The live rules are as they were."))
    return redirect(administration.address("administration:rules"))


def told_changes(administration: Administration, before: RuleBook, after: RuleBook) -> list[Difference]:
    """What differs between two books of the place, in words."""
    return differences(before, after, speaker_for(administration.place, before, after))
