"""One page to edit any setting: its form, its preview, its history, what uses it, and who was faster."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from requests_app.actions.config import SettingConflict
from requests_app.actions.errors import ActionError, Refused
from requests_app.models import Jurisdiction
from requests_app.reads.config import history_of, version_of
from requests_app.web.administration.changes import differences, line_of
from requests_app.web.administration.fields import Document, Field, Label, bind, read
from requests_app.web.administration.gate import Administration, show
from requests_app.web.administration.kinds import KINDS
from requests_app.web.numbers import number_sent
from requests_app.web.problem import error_page


@dataclass(frozen=True, slots=True)
class Use:
    """Something that uses a setting: in words with its count, and where to see it."""

    words: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Editor:
    """What one kind of setting needs for its pages. `what` is its key in `KINDS`."""

    what: str
    list_url: str
    fields: Callable[[Jurisdiction], Sequence[Field]]
    find: Callable[[Jurisdiction, int], Any]
    document: Callable[[Any], Document]
    make: Callable[..., Any]
    keep: Callable[..., Any]
    beginning: Callable[[Jurisdiction], Document]
    uses: Callable[[Administration, Any], Sequence[Use]] = lambda administration, row: ()
    preview: Callable[[Administration, Any, Document], Mapping[str, Any]] = lambda administration, row, document: {}
    preview_template: str = ""
    top: Callable[[Administration, Any, Document], Mapping[str, Any]] = lambda administration, row, document: {}
    top_template: str = ""
    new_title: Label = ""
    lead: Label = ""
    uses_title: Label = ""
    uses_none: Label = ""
    is_by_place: bool = False
    """Whether what is set is set for a place and belongs to none: a person, who may work in several."""

    def keeper(self, place: Jurisdiction) -> Callable[..., Any]:
        """The action that saves a setting of a place."""
        return partial(self.keep, place=place) if self.is_by_place else self.keep


@dataclass(slots=True)
class Sheet:
    """The state of an editing page: what is typed, what is wrong with it, and what another one did meanwhile."""

    document: Document
    version: int
    status: int = 200
    problems: Mapping[str, Label] = field(default_factory=dict)
    conflict: SettingConflict | None = None
    clashing: frozenset[str] = frozenset()
    more: str = ""
    is_preview: bool = False


EDITORS: dict[str, Editor] = {}
"""Filled by the modules of the pages: a history can put back what any of them edits."""


def edit(request: HttpRequest, administration: Administration, editor: Editor, setting_id: int) -> HttpResponse:
    """The page of one setting: GET shows it, POST saves it, previews it, or gives it one more row."""
    row = editor.find(administration.place, setting_id)
    if row is None:
        raise Http404
    if request.method != "POST":
        version = version_of(editor.what, row.pk, administration.place.pk)
        return sheet_page(request, administration, editor, row, Sheet(editor.document(row), version))
    typed = read(editor.fields(administration.place), request.POST)
    sheet = Sheet(typed, version_sent(request))
    if "more" in request.POST or "preview" in request.POST:
        sheet.more, sheet.is_preview = request.POST.get("more", ""), "preview" in request.POST
        return sheet_page(request, administration, editor, row, sheet)
    return _saved(request, administration, editor, row, sheet)


def version_sent(request: HttpRequest) -> int:
    """The version of a setting that a form was opened with; 0, which never was, when it does not say."""
    seen = request.POST.get("version", "")
    return number_sent(seen, 8) or 0


def _saved(
    request: HttpRequest, administration: Administration, editor: Editor, row: Any, sheet: Sheet
) -> HttpResponse:
    try:
        editor.keeper(administration.place)(row.pk, sheet.document, viewer=administration.viewer, seen=sheet.version)
    except SettingConflict as conflict:
        sheet.conflict, sheet.status = conflict, conflict.http_status
        sheet.clashing = frozenset(conflict.clashing(sheet.document))
        sheet.document, sheet.version = conflict.merged(sheet.document), conflict.version
    except Refused as refused:
        sheet.problems, sheet.status = refused.fields, refused.http_status
    except ActionError as error:
        return error_page(request, error, back=administration.address(editor.list_url))
    else:
        messages.success(request, _("Saved."))
        return redirect(administration.address(KINDS[editor.what].url_name, setting_id=row.pk))
    return sheet_page(request, administration, editor, editor.find(administration.place, row.pk), sheet)


def make(request: HttpRequest, administration: Administration, editor: Editor) -> HttpResponse:
    """The page of a new setting."""
    if request.method != "POST":
        return sheet_page(request, administration, editor, None, Sheet(editor.beginning(administration.place), 0))
    sheet = Sheet(read(editor.fields(administration.place), request.POST), 0)
    if "more" in request.POST or "preview" in request.POST:
        sheet.more, sheet.is_preview = request.POST.get("more", ""), "preview" in request.POST
        return sheet_page(request, administration, editor, None, sheet)
    try:
        row = editor.make(administration.place, sheet.document, viewer=administration.viewer)
    except Refused as refused:
        sheet.problems, sheet.status = refused.fields, refused.http_status
        return sheet_page(request, administration, editor, None, sheet)
    messages.success(request, _("Saved."))
    return redirect(administration.address(KINDS[editor.what].url_name, setting_id=row.pk))


def sheet_page(
    request: HttpRequest, administration: Administration, editor: Editor, row: Any, sheet: Sheet
) -> HttpResponse:
    """An editing page in the state of its sheet."""
    kind = KINDS[editor.what]
    fields = editor.fields(administration.place)
    history = history_of(editor.what, row.pk, administration.place.pk) if row else []
    told = kind.fields(administration.place)
    context = {
        "editor": editor,
        "kind": kind,
        "row": row,
        "sheet": sheet,
        "fields": bind(fields, sheet.document, sheet.problems, more=sheet.more, changed=sheet.clashing),
        "problems": sheet.problems,
        "list_address": administration.address(editor.list_url),
        "history": [line_of(change, administration, told) for change in history],
        "uses": editor.uses(administration, row) if row else (),
        "preview": editor.preview(administration, row, sheet.document) if editor.preview_template else {},
        "top": editor.top(administration, row, sheet.document) if editor.top_template and row else {},
        "conflict_changes": _meanwhile(sheet.conflict, kind.labels, told),
    }
    return show(request, administration, "administration/setting.html", context, status=sheet.status)


def _meanwhile(conflict: SettingConflict | None, labels: Mapping[str, Label], fields: Sequence[Field]) -> list[Any]:
    return differences(conflict.base, conflict.current, labels, fields) if conflict else []
