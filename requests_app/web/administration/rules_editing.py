"""Writing routing rules as text: judged as it is typed, tried over past cases, kept as a draft."""

from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from requests_app.actions.errors import ActionError, Refused
from requests_app.actions.rehearsals import ask_rehearsal
from requests_app.actions.rules import RulesConflict, RulesRefused, save_draft
from requests_app.models import RuleSet
from requests_app.models.fields import localized
from requests_app.reads.rules import draft_set, live_set, seen_mark, speaker_for
from requests_app.routing.differ import Difference
from requests_app.routing.known import KnownService
from requests_app.routing.parse import parse
from requests_app.routing.read_document import LONGEST, read_toml
from requests_app.routing.write_toml import toml_of
from requests_app.web.administration.gate import Administration, administrators_only, show
from requests_app.web.administration.rules import book_of, told_changes
from requests_app.web.numbers import number_sent

USUAL_DAYS = 90
MOST_SENT = 2 * LONGEST
BEGINNING = """# Rules are tried from the first to the last; the first that matches decides the office.
fallback = "{office}"

[[rule]]
code = "example"
en = "Say in English what it is for"
fr = "Dites en français à quoi elle sert"
when = {{ words = ["wire", "fil*"] }}
then = {{ office = "{office}", priority = 2 }}
"""


@dataclass(frozen=True, slots=True)
class CodeLine:
    """What a rule may name: its code, its name, and the codes and names of its questions."""

    code: str
    name: str
    questions: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Sheet:
    """The state of the page: the text as it is typed, what is wrong with it, and what somebody else saved meanwhile."""

    source: str
    seen: str
    days: str = str(USUAL_DAYS)
    problems: list[str] = field(default_factory=list)
    draft: RuleSet | None = None
    """The draft, where the text is what somebody kept as such."""
    meanwhile: RuleSet | None = None
    changes: list[Difference] = field(default_factory=list)
    status: int = 200


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def rules_edit(request: HttpRequest, administration: Administration) -> HttpResponse:
    """The rules as text: GET shows the draft or the live ones, POST rehearses them or keeps them as the draft."""
    if request.method != "POST":
        draft = draft_set(administration.place)
        current = draft or live_set(administration.place)
        sheet = Sheet(text_of(current, administration), seen_mark(current), draft=draft)
        return edit_page(request, administration, sheet)
    sheet = Sheet(typed(request), request.POST.get("seen", "")[:40], request.POST.get("days", "")[:6])
    try:
        return _act(request, administration, sheet)
    except RulesConflict as conflict:
        return conflict_page(request, administration, sheet, conflict)
    except RulesRefused as refused:
        sheet.problems, sheet.status = [str(one.sentence) for one in refused.problems], refused.http_status
    except Refused as refused:
        sheet.problems, sheet.status = [str(one) for one in refused.fields.values()], refused.http_status
    except ActionError as error:
        sheet.problems, sheet.status = [str(error.sentence)], error.http_status
    return edit_page(request, administration, sheet)


def _act(request: HttpRequest, administration: Administration, sheet: Sheet) -> HttpResponse:
    place, viewer = administration.place, administration.viewer
    if "draft" not in request.POST:
        days = number_sent(sheet.days)
        rehearsal = ask_rehearsal(place, viewer, sheet.source, seen=sheet.seen, days=days)
        return redirect(administration.address("administration:rehearsal", rehearsal_id=rehearsal.pk))
    document, problems = read_toml(sheet.source)
    if problems:
        raise RulesRefused(problems)
    save_draft(place, viewer, document, seen=sheet.seen, source=sheet.source)
    messages.success(request, _("Kept as the draft. It decides nothing until it goes live."))
    return redirect(administration.address("administration:rules"))


def text_of(rules: RuleSet | None, administration: Administration) -> str:
    """The text of rules as it was typed, else as it can be written; something to begin with where there are none."""
    if rules is None:
        offices = speaker_for(administration.place).known.offices
        usual = next((code for code, office in offices.items() if office.is_fallback), next(iter(offices), "office"))
        return BEGINNING.format(office=usual)
    return rules.source or toml_of(rules.document)


def typed(request: HttpRequest) -> str:
    """The text as it was typed, with the line ends that files have."""
    return request.POST.get("source", "").replace("\x00", "").replace("\r\n", "\n")[:MOST_SENT]


def conflict_page(
    request: HttpRequest, administration: Administration, sheet: Sheet, conflict: RulesConflict
) -> HttpResponse:
    """Somebody else saved first: who and when, how the two differ, and the text as it was typed."""
    document, problems = read_toml(sheet.source)
    mine, _wrong = parse(document)
    sheet.meanwhile, sheet.status, sheet.seen = conflict.current, conflict.http_status, seen_mark(conflict.current)
    sheet.changes = told_changes(administration, book_of(conflict.current), mine) if not problems else []
    return edit_page(request, administration, sheet)


def _asked(service: KnownService) -> list[tuple[str, str]]:
    return [(code, question.name) for code, question in service.questions.items() if question.until_form is None]


def edit_page(request: HttpRequest, administration: Administration, sheet: Sheet) -> HttpResponse:
    """The page of the text in the state of its sheet."""
    known = speaker_for(administration.place).known
    context = {
        "sheet": sheet,
        "services": [CodeLine(code, localized(dict(one.names)), _asked(one)) for code, one in known.services.items()],
        "offices": [
            CodeLine(code, localized(dict(one.names))) for code, one in known.offices.items() if not one.is_closed
        ],
        "area_codes": sorted(known.area_codes()),
        "list_address": administration.address("administration:rules"),
        "edit_address": administration.address("administration:rules_edit"),
    }
    return show(request, administration, "administration/rules_edit.html", context, status=sheet.status)
