"""What a rehearsal of rules found: moves in a table and on a map, coverage, conflicts, rules that never fire."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from requests_app.actions.errors import ActionError
from requests_app.actions.rehearsals import let_live
from requests_app.actions.rules import RulesConflict, RulesRefused
from requests_app.models import Rehearsal
from requests_app.reads.explained import teller
from requests_app.reads.rehearsals import MOST_LISTED, moved_cases, moved_points, rehearsal_of
from requests_app.reads.rules import live_set, speaker_for
from requests_app.routing.differ import differences
from requests_app.routing.parse import parse
from requests_app.routing.rehearsed import BY, MoveLine, told
from requests_app.web.acts import act_of
from requests_app.web.administration.gate import Administration, administrators_only, show
from requests_app.web.administration.rules import book_of
from requests_app.web.administration.rules_editing import Sheet, conflict_page, edit_page
from requests_app.web.numbers import number_sent
from requests_app.web.problem import error_page

NOBODY = "none"
"""What stands in an address for “no office”."""


@require_safe
@administrators_only
def rehearsal(request: HttpRequest, administration: Administration, rehearsal_id: int) -> HttpResponse:
    """How far a rehearsal is; what it found, once it is done."""
    row = _found(administration, rehearsal_id)
    to = administration.address
    context: dict[str, Any] = {
        "row": row,
        "is_done": row.state == Rehearsal.State.DONE,
        "has_failed": row.state == Rehearsal.State.FAILED,
        "back": to("administration:rules_edit"),
        "live_address": to("administration:rehearsal_live", rehearsal_id=row.pk),
        "edit_address": to("administration:rehearsal_text", rehearsal_id=row.pk),
    }
    if row.found:
        context |= _told(administration, row)
    return show(request, administration, "administration/rehearsal.html", context)


def _found(administration: Administration, rehearsal_id: int) -> Rehearsal:
    row = rehearsal_of(administration.place, rehearsal_id)
    if row is None:
        raise Http404
    return row


def _told(administration: Administration, row: Rehearsal) -> dict[str, Any]:
    place = administration.place
    live = live_set(place)
    book, before = parse(row.document)[0], book_of(live)
    speaker = speaker_for(place, book, before)
    words = told(row.found or {}, teller(book, speaker.known), ZoneInfo(place.time_zone))
    points = moved_points(administration.viewer, row)
    names = {line.before: line.before_name for line in words.moves} | {
        line.after: line.after_name for line in words.moves
    }
    return {
        "words": words,
        "moves": [(line, _cases_address(administration, row, line)) for line in words.moves],
        "by": list(BY.values()),
        "changes": differences(before, book, speaker),
        "is_stale": (live.version if live else 0) != row.live_version,
        "points": [
            {
                "reference": one.reference,
                "lon": one.lon,
                "lat": one.lat,
                "words": f"{names.get(one.before, '–')} → {names.get(one.after, '–')}",
                "address": reverse("desk:case", kwargs={"reference": one.reference}),
            }
            for one in points
        ],
    }


def _cases_address(administration: Administration, row: Rehearsal, line: MoveLine) -> str:
    base = administration.address("administration:rehearsal_cases", rehearsal_id=row.pk)
    return f"{base}&from={line.before or NOBODY}&to={line.after or NOBODY}"


@require_safe
@administrators_only
def rehearsal_cases(request: HttpRequest, administration: Administration, rehearsal_id: int) -> HttpResponse:
    """The cases that would move from one office to another (`?from=ID&to=ID`)."""
    row = _found(administration, rehearsal_id)
    before, after = (number_sent(request.GET.get(end, "")) for end in ("from", "to"))
    speaker = speaker_for(administration.place)
    cases = moved_cases(administration.viewer, row, before, after)
    context = {
        "row": row,
        "cases": cases,
        "most": MOST_LISTED,
        "before": speaker.office_of_id(before) if before else _("nobody"),
        "after": speaker.office_of_id(after) if after else _("nobody"),
        "back": administration.address("administration:rehearsal", rehearsal_id=row.pk),
    }
    return show(request, administration, "administration/rehearsal_cases.html", context)


@require_safe
@administrators_only
def rehearsal_text(request: HttpRequest, administration: Administration, rehearsal_id: int) -> HttpResponse:
    """The text that was rehearsed, to go on writing."""
    row = _found(administration, rehearsal_id)
    return edit_page(request, administration, Sheet(row.source, row.seen, str(row.days)))


@act_of("administration:rehearsal", "rehearsal_id")
@administrators_only
def rehearsal_live(request: HttpRequest, administration: Administration, rehearsal_id: int) -> HttpResponse:
    """Let the rules that were rehearsed decide from now on."""
    row = _found(administration, rehearsal_id)
    sheet = Sheet(row.source, row.seen, str(row.days))
    try:
        live = let_live(row, administration.viewer, note=request.POST.get("note", "").replace("\x00", ""))
    except RulesConflict as conflict:
        return conflict_page(request, administration, sheet, conflict)
    except RulesRefused as refused:
        sheet.problems, sheet.status = [str(one.sentence) for one in refused.problems], refused.http_status
        return edit_page(request, administration, sheet)
    except ActionError as error:
        return error_page(request, error, back=administration.address("administration:rules"))
    messages.success(
        request, _("Live as version %(number)s: new requests go by these rules now.") % {"number": live.version}
    )
    return redirect(administration.address("administration:rules"))
