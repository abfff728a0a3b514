"""One rule as a form: the same text as everybody writes, previewed, rehearsed, kept as the draft; no TOML to learn."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from requests_app.actions.errors import ActionError, Refused
from requests_app.actions.rehearsals import ask_rehearsal
from requests_app.actions.rules import RulesConflict, RulesRefused, save_draft
from requests_app.labels import CHANNEL, PRIORITY
from requests_app.models import RuleSet
from requests_app.models.fields import localized
from requests_app.reads.rule_pages import areas_in_force, named_features
from requests_app.reads.rules import draft_set, live_set, seen_mark, speaker_for
from requests_app.routing.differ import Difference
from requests_app.routing.document import Problem
from requests_app.routing.form import ANSWERS, LISTED, rule_of, values_of
from requests_app.routing.known import Known, area_key
from requests_app.routing.leaves import CHANNELS, DAYS
from requests_app.routing.parse import CODE, parse
from requests_app.routing.read_document import check_document, plain, read_toml
from requests_app.routing.splice import OtherwiseWritten, put_rule
from requests_app.routing.write_toml import rule_lines
from requests_app.text.normalise import fold
from requests_app.text.spoken import WEEKDAYS, tongue
from requests_app.web.administration.gate import Administration, administrators_only, show
from requests_app.web.administration.rules import book_of, told_changes
from requests_app.web.administration.rules_editing import USUAL_DAYS, text_of
from requests_app.web.numbers import number_sent

MOST_TYPED = 4000
MOST_FEATURES = 400
Values = dict[str, Any]


@dataclass(slots=True)
class Sheet:
    """The form as it stands, what is wrong with it, and what it would change."""

    values: Values
    seen: str
    is_new: bool
    before: str = ""
    days: str = str(USUAL_DAYS)
    problems: list[tuple[str, str]] = field(default_factory=list)
    changes: list[Difference] = field(default_factory=list)
    toml: str = ""
    says: str = ""
    too_much: bool = False
    """Whether the rule says more than a form can: only its text is shown."""
    meanwhile: RuleSet | None = None
    status: int = 200


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def rule_form(request: HttpRequest, administration: Administration) -> HttpResponse:
    """GET shows a rule (`?code=`) or an empty form; POST previews it, rehearses it, or keeps it as the draft."""
    current = draft_set(administration.place) or live_set(administration.place)
    text = _text(current, administration)
    if request.method != "POST":
        return _page(request, administration, _opened(request, text, seen_mark(current)))
    sheet = _sent(request, text)
    try:
        return _act(request, administration, sheet, text, current)
    except RulesConflict as conflict:
        sheet.meanwhile, sheet.status, sheet.seen = conflict.current, conflict.http_status, seen_mark(conflict.current)
    except RulesRefused as refused:
        sheet.problems, sheet.status = [_by_part(one) for one in refused.problems], refused.http_status
    except Refused as refused:
        sheet.problems = [(name, str(one)) for name, one in refused.fields.items()]
        sheet.status = refused.http_status
    except ActionError as error:
        sheet.problems, sheet.status = [("", str(error.sentence))], error.http_status
    return _page(request, administration, sheet)


def _text(current: RuleSet | None, administration: Administration) -> str:
    """The rules as text; only the fallback where there are none yet."""
    if current is not None:
        return text_of(current, administration)
    offices = speaker_for(administration.place).known.offices
    usual = next((code for code, office in offices.items() if office.is_fallback), "")
    return f'fallback = "{usual}"\n' if usual else ""


def _opened(request: HttpRequest, text: str, seen: str) -> Sheet:
    code = request.GET.get("code", "")
    rule = next((one for one in read_toml(text)[0].get("rule", []) if code and one.get("code") == code), None)
    if rule is None:
        return Sheet({"join": "all", "active": True}, seen, is_new=True)
    values = values_of(rule)
    if values is None:
        toml = "\n".join(rule_lines(rule).values())
        return Sheet({"code": code}, seen, is_new=False, too_much=True, toml=toml)
    return Sheet(values, seen, is_new=False)


def _sent(request: HttpRequest, text: str) -> Sheet:
    values: Values = {
        name: str(value).replace("\x00", "").replace("\r\n", "\n")[:MOST_TYPED] for name, value in request.POST.items()
    }
    values |= {name: [str(one)[:200] for one in request.POST.getlist(name)] for name in LISTED}
    values["active"] = "active" in request.POST
    codes = {one.get("code") for one in read_toml(text)[0].get("rule", [])}
    is_new = values.get("code", "") not in codes
    if is_new:
        values["code"] = _fresh_code(values.get("en", ""), codes)
    sheet = Sheet(values, values.get("seen", "")[:40], is_new, values.get("before", ""))
    sheet.days = values.get("days", "")[:6]
    return sheet


def _fresh_code(name: str, taken: set[Any]) -> str:
    """A code for a new rule, from its English name."""
    plain_name = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:50].strip("-")
    stem = plain_name if CODE.match(plain_name) else "rule"
    tries = [stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))]
    return next(one for one in tries if one not in taken)


def _act(
    request: HttpRequest, administration: Administration, sheet: Sheet, text: str, current: RuleSet | None
) -> HttpResponse:
    place, viewer = administration.place, administration.viewer
    if sheet.seen != seen_mark(current):
        raise RulesConflict(current)
    rule = rule_of(sheet.values)
    try:
        source = put_rule(text, rule, before=sheet.before)
    except OtherwiseWritten as unusual:
        what = _("These rules are not written with a line [[rule]] before each. Change this rule in the text.")
        raise RulesRefused([Problem("", "TOML", what)]) from unusual
    document, problems = read_toml(source)
    problems = problems or check_document(document, place).problems
    if problems:
        raise RulesRefused(problems)
    if "rehearse" in request.POST:
        rehearsal = ask_rehearsal(place, viewer, source, seen=sheet.seen, days=number_sent(sheet.days))
        return redirect(administration.address("administration:rehearsal", rehearsal_id=rehearsal.pk))
    if "draft" in request.POST:
        save_draft(place, viewer, document, seen=sheet.seen, source=source)
        messages.success(request, _("Kept as the draft. It decides nothing until it goes live."))
        return redirect(administration.address("administration:rules"))
    book = parse(plain(document))[0]
    sheet.changes = told_changes(administration, book_of(current), book)
    sheet.says = next(speaker_for(place, book).rule(one) for one in book.rules if one.code == rule["code"])
    sheet.toml = "\n".join(rule_lines(rule).values())
    return _page(request, administration, sheet)


PARTS = ("service", "area", "words", "answer", "near", "time", "channel", "workload", "en", "fr", "when")
THEN = ("office", "further", "step", "priority", "promise_hours", "tags")


def _by_part(problem: Problem) -> tuple[str, str]:
    """A problem with the part of the form it belongs to."""
    names = problem.field.replace("[", ".").split(".")
    part = next((name for name in names if name in (*PARTS[:-1], *THEN)), "when" if "when" in names else "")
    return part, str(problem.sentence)


# --- Showing it ------------------------------------------------------------------------------------------------------


def _page(request: HttpRequest, administration: Administration, sheet: Sheet) -> HttpResponse:
    known, values = speaker_for(administration.place).known, sheet.values
    offices = [(code, localized(dict(one.names))) for code, one in known.offices.items() if not one.is_closed]
    named = (values.get("office"), values.get("workload-office"), *values.get("further", []))
    answers = _answer_rows(sheet)
    order = [(one.get("code", ""), _rule_name(one)) for one in _rules(administration)]
    context = {
        "sheet": sheet,
        "values": values,
        "services": _with_named(
            [(code, localized(dict(one.names))) for code, one in known.services.items()], values.get("service", [])
        ),
        "offices": _with_named(offices, named),
        "areas": _with_named(_areas(administration), values.get("area", [])),
        "features": _features(administration.place.pk),
        "answers": answers,
        "questions": _with_named(_questions(known), [row["question"] for row in answers]),
        "steps": _with_named(_steps(known), [values.get("step")]),
        "channels": [(code, CHANNEL[code]) for code in CHANNELS],
        "weekdays": list(zip(DAYS, WEEKDAYS[tongue(get_language())], strict=True)),
        "priorities": [(str(code), words) for code, words in sorted(PRIORITY.items())],
        "order": order,
        "list_address": administration.address("administration:rules"),
        "edit_address": administration.address("administration:rules_edit"),
        "form_address": administration.address("administration:rule_form"),
    }
    return show(request, administration, "administration/rule_form.html", context, status=sheet.status)


def _with_named(offered: list[tuple[str, str]], named: Iterable[str | None]) -> list[tuple[str, str]]:
    """Add what the rule names and nobody would choose today: left out, it would leave the rule without a word."""
    known = {code for code, _name in offered}
    gone = [code for code in dict.fromkeys(named) if code and code not in known]
    return [*offered, *((code, _("%(code)s (not in use any more)") % {"code": code}) for code in gone)]


def _rules(administration: Administration) -> list[dict[str, Any]]:
    current = draft_set(administration.place) or live_set(administration.place)
    return list(current.document.get("rule", [])) if current else []


def _rule_name(rule: dict[str, Any]) -> str:
    return localized({"en": rule.get("en", ""), "fr": rule.get("fr", "")}) or str(rule.get("code", ""))


def _areas(administration: Administration) -> list[tuple[str, str]]:
    place = administration.place
    found = areas_in_force(place)
    rows = [
        (area.kind != place.area_kind, area_key(area.kind, area.code, place.area_kind), area.name) for area in found
    ]
    return [(key, name) for _other, key, name in sorted(rows, key=lambda row: row[0])]


def _features(place_id: int) -> list[tuple[str, str]]:
    """Features of the map to be suggested: those with a name, not more than a browser bears."""
    return [(f"{one.kind}:{one.code}", localized(one.names)) for one in named_features(place_id, MOST_FEATURES)]


def _answer_rows(sheet: Sheet) -> list[dict[str, Any]]:
    names = ("question", "test", "value")
    return [
        {"number": number, "denied": sheet.values.get(f"not-answer-{number}")}
        | {name: sheet.values.get(f"{name}-{number}", "") for name in names}
        for number in range(1, ANSWERS + 1)
    ]


def _questions(known: Known) -> list[tuple[str, str]]:
    """The questions that are asked, each code once, with the first service that asks it and what may be answered."""
    found: dict[str, str] = {}
    for service in known.services.values():
        for code, one in service.questions.items():
            if one.until_form is None and code not in found:
                keys = ", ".join(str(choice["key"]) for choice in one.choices)
                found[code] = f"{localized(dict(service.names))} · {one.name}" + (f" ({keys})" if keys else "")
    return list(found.items())


def _steps(known: Known) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for service in known.services.values():
        for code, names in service.steps.items():
            found.setdefault(code, localized(dict(names)))
    return sorted(found.items(), key=lambda step: step[1])
