"""The page on which a case is split into parts."""

from collections.abc import Mapping

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from requests_app.actions import ActionError, Refused, possible
from requests_app.actions.split import MOST_PARTS, Part, split
from requests_app.models import ServiceRequest
from requests_app.permissions import Viewer
from requests_app.reads.desk import Desk, choices
from requests_app.states import Activity
from requests_app.web.acts import act_of
from requests_app.web.desk.case import command_of, open_case, query_of, show_case, too_late
from requests_app.web.desk.frame import frame
from requests_app.web.desk.gate import staff_only
from requests_app.web.numbers import number_sent

ROWS = 3
FIELDS = ("service", "office", "words")
MOST_TYPED = 20_000


@never_cache
@require_safe
@staff_only
def split_page(request: HttpRequest, viewer: Viewer, reference: str) -> HttpResponse:
    """The form: a service, an office and words for each part."""
    found, desk = open_case(viewer, reference)
    if Activity.SPLIT not in possible(found, viewer) or found.parent_id is not None:
        raise PermissionDenied
    return _show(request, found, desk)


@never_cache
@act_of("desk:split", "reference")
@staff_only
def split_case(request: HttpRequest, viewer: Viewer, reference: str) -> HttpResponse:
    """Split it; refused with 422 beside the fields, stale or illegal with 409 and the case as it is now."""
    found, desk = open_case(viewer, reference)
    rows = _rows(request.POST)
    filled = [number for number, row in enumerate(rows, start=1) if any(row.values())]
    try:
        made = split(command_of(request, viewer, found), [_part(rows[number - 1]) for number in filled])
    except Refused as refused:
        return _show(request, found, desk, _by_row(refused.fields, filled), rows, 422)
    except ActionError as error:
        fresh, desk = open_case(viewer, reference)
        sentence = too_late(error, fresh, desk)
        return show_case(request, fresh, desk, None, None, error.http_status, conflict=sentence)
    sentence = ngettext("%(number)s part was made: %(parts)s.", "%(number)s parts were made: %(parts)s.", len(made))
    names = ", ".join(child.reference for child in made)
    messages.success(request, sentence % {"number": len(made), "parts": names})
    return redirect(f"{reverse('desk:case', args=[found.reference])}{query_of(request)}")


def _rows(form: QueryDict) -> list[dict[str, str]]:
    return [
        {name: form.get(f"{name}-{number}", "").replace("\x00", "").strip()[:MOST_TYPED] for name in FIELDS}
        for number in range(1, MOST_PARTS + 1)
    ]


def _part(row: Mapping[str, str]) -> Part:
    """A row as a part; what is no id is the id of nothing, which the action refuses by its field."""
    return Part(_pk(row["service"]), _pk(row["office"]), row["words"])


def _pk(written: str) -> int:
    return number_sent(written) or 0


def _by_row(problems: Mapping[str, object], filled: list[int]) -> dict[str, str]:
    """Sentences by the fields of the page: rows that were left empty are no parts."""
    said = {}
    for field, sentence in problems.items():
        name, _dash, number = field.partition("-")
        said[f"{name}-{filled[int(number) - 1]}" if number else field] = str(sentence)
    return said


def _show(
    request: HttpRequest,
    found: ServiceRequest,
    desk: Desk,
    problems: Mapping[str, str] | None = None,
    rows: list[dict[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    known = choices(desk.place)
    typed = rows or _rows(QueryDict())
    last = max((number for number, row in enumerate(typed, start=1) if any(row.values())), default=0)
    shown = min(max(ROWS, last + 1), MOST_PARTS)
    problems = problems or {}
    context = {
        **frame(desk),
        "case": found,
        "query": query_of(request),
        "services": known.services,
        "offices": known.offices,
        "rows": [
            {
                "number": number,
                "kept": typed[number - 1],
                "problems": {name: problems.get(f"{name}-{number}", "") for name in FIELDS},
            }
            for number in range(1, shown + 1)
        ],
        "problems": problems,
    }
    return render(request, "desk/split.html", context, status=status)
