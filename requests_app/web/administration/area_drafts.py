"""Bringing areas as a file, and what is done with a draft and a version: saved, discarded, put back, withdrawn."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from requests_app.actions.config import SettingConflict
from requests_app.actions.errors import ActionError, Refused
from requests_app.actions.setting_up import areas as acts
from requests_app.actions.setting_up.areas import Offered, Outline
from requests_app.imports.areas import Columns, MissingText, ReadAreas, areas_in
from requests_app.imports.errors import ImportRefused
from requests_app.models import AreaSet
from requests_app.reads.area_sets import has_areas, kind_of, set_of
from requests_app.text.normalise import has_nul
from requests_app.web.acts import act_of
from requests_app.web.administration.areas import kind_name, kind_page, version_page
from requests_app.web.administration.editing import version_sent
from requests_app.web.administration.gate import Administration, administrators_only, show
from requests_app.web.administration.spoken import day_said
from requests_app.web.problem import error_page

MOST_MEGABYTES = 5
MOST_BYTES = MOST_MEGABYTES * 1024 * 1024
COLUMNS = ("name_property", "french_property", "code_property")


@dataclass(slots=True)
class Sheet:
    """The state of the upload page: what was typed, and what is wrong with it. A file must be chosen anew."""

    typed: dict[str, str]
    problems: dict[str, Any] = field(default_factory=dict)
    status: int = 200


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def areas_new(request: HttpRequest, administration: Administration) -> HttpResponse:
    """The first version of a new kind of area."""
    return _upload(request, administration, "", _("New kind of area"))


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def areas_upload(request: HttpRequest, administration: Administration, area_kind: str) -> HttpResponse:
    """The next version of a kind of area."""
    kind = kind_of(administration.place, area_kind)
    if kind is None and not has_areas(administration.place, area_kind):
        raise Http404
    return _upload(request, administration, area_kind, kind_name(area_kind, kind.names if kind else {}))


def _upload(request: HttpRequest, administration: Administration, code: str, title: str) -> HttpResponse:
    sheet = Sheet(_typed(request, administration))
    if request.method == "POST":
        try:
            draft = _drafted(request, administration, code, sheet.typed)
        except Refused as refused:
            sheet.problems, sheet.status = dict(refused.fields), refused.http_status
        else:
            return redirect(administration.address("administration:area_version", set_id=draft.pk))
    kind_address = administration.address("administration:area_kind", area_kind=code) if code else ""
    context = {
        "sheet": sheet,
        "problems": sheet.problems,
        "title": title,
        "kind_address": kind_address,
        "list_address": kind_address or administration.address("administration:areas"),
        "most_megabytes": MOST_MEGABYTES,
        "most_areas": acts.MOST_AREAS,
    }
    return show(request, administration, "administration/area_upload.html", context, status=sheet.status)


def _typed(request: HttpRequest, administration: Administration) -> dict[str, str]:
    beginning = {"valid_from": administration.place.today.isoformat(), "name_property": "name"}
    if request.method != "POST":
        return beginning
    sent = {name: request.POST.get(name, "")[:200].strip() for name in ("names-en", "names-fr", "valid_from", *COLUMNS)}
    return {name: "" if has_nul(text) else text for name, text in sent.items()}


def _drafted(request: HttpRequest, administration: Administration, code: str, typed: dict[str, str]) -> AreaSet:
    read, name = _file_sent(request, typed)
    outlines = [Outline(one, read.names[one], read.geometry(one), read.french.get(one, "")) for one in read.shapes]
    report = {"repaired": read.repaired, "merged": read.merged, "refused": read.refused}
    offered = Offered(outlines, typed["valid_from"], name, report)
    if code:
        return acts.draft_areas(administration.place, code, offered, viewer=administration.viewer)
    names = {"en": typed["names-en"], "fr": typed["names-fr"]}
    return acts.draft_new_kind(administration.place, names, offered, viewer=administration.viewer)


def _file_sent(request: HttpRequest, typed: dict[str, str]) -> tuple[ReadAreas, str]:
    """The areas of the file that was sent, judged as the command judges them; Refused with a sentence."""
    upload = request.FILES.get("file")
    if not isinstance(upload, UploadedFile):
        raise Refused({"file": _("Choose a file.")})
    if (upload.size or 0) > MOST_BYTES:
        told = _(
            "The file is larger than %(most)s MB. Simplify its outlines, for instance to 5 metres, and export it again."
        )
        raise Refused({"file": told % {"most": MOST_MEGABYTES}})
    name = (upload.name or "areas.geojson").replace("\x00", "")[:100]
    columns = Columns(typed["name_property"] or "name", typed["code_property"], typed["french_property"])
    try:
        return areas_in(upload.read(), name, columns), name
    except MissingText as missing:
        raise Refused({_field_of(missing, columns): str(missing)}) from None
    except ImportRefused as refused:
        raise Refused({"file": str(refused)}) from None


def _field_of(missing: MissingText, columns: Columns) -> str:
    """The field in which the property was named that a feature lacks."""
    if missing.column == columns.name:
        return "name_property"
    return "code_property" if missing.column == columns.code else "french_property"


# --- Acts on a draft and on a version --------------------------------------------------------------------------------


@act_of("administration:area_version", "set_id")
@administrators_only
def areas_save(request: HttpRequest, administration: Administration, set_id: int) -> HttpResponse:
    """Make a draft the newest version; who was faster is told beside what the draft would change now."""
    draft = _set_or_404(administration, set_id)
    try:
        saved = acts.save_draft(draft.pk, viewer=administration.viewer, seen=version_sent(request))
    except SettingConflict as conflict:
        return version_page(request, administration, draft, conflict=conflict, status=conflict.http_status)
    except Refused as refused:
        return version_page(request, administration, draft, problems=refused.fields, status=refused.http_status)
    except ActionError as error:
        return _refused(request, administration, draft, error)
    values = {"number": saved.number, "day": day_said(saved.valid_from)}
    told = (
        _("Version %(number)s is in force.")
        if saved.applied_at
        else _("Version %(number)s is planned: it is in force from %(day)s on.")
    )
    messages.success(request, told % values)
    return _to_kind(administration, draft)


@act_of("administration:area_version", "set_id")
@administrators_only
def areas_discard(request: HttpRequest, administration: Administration, set_id: int) -> HttpResponse:
    """Forget a draft."""
    draft = _set_or_404(administration, set_id)
    try:
        kind = acts.discard_draft(draft.pk, viewer=administration.viewer)
    except ActionError as error:
        return _refused(request, administration, draft, error)
    messages.success(request, _("The draft is discarded. Nothing was changed."))
    return _to_kind(administration, draft) if kind.pk else redirect(administration.address("administration:areas"))


@act_of("administration:area_version", "set_id")
@administrators_only
def areas_restore(request: HttpRequest, administration: Administration, set_id: int) -> HttpResponse:
    """Make an earlier version the draft, to be looked at and saved as a new version."""
    version = _set_or_404(administration, set_id)
    try:
        draft = acts.draft_as_it_was(version.pk, viewer=administration.viewer)
    except ActionError as error:
        return _refused(request, administration, version, error)
    return redirect(administration.address("administration:area_version", set_id=draft.pk))


@act_of("administration:area_version", "set_id")
@administrators_only
def areas_withdraw(request: HttpRequest, administration: Administration, set_id: int) -> HttpResponse:
    """Take back a version that is planned."""
    version = _set_or_404(administration, set_id)
    code = version.kind.code
    try:
        acts.withdraw(version.pk, viewer=administration.viewer, seen=version_sent(request))
    except SettingConflict as conflict:
        return kind_page(request, administration, code, conflict=conflict, status=conflict.http_status)
    except Refused as refused:
        return kind_page(request, administration, code, problems=refused.fields, status=refused.http_status)
    except ActionError as error:
        return _refused(request, administration, version, error)
    messages.success(request, _("Version %(number)s is withdrawn.") % {"number": version.number})
    return _to_kind(administration, version)


def _set_or_404(administration: Administration, set_id: int) -> AreaSet:
    found = set_of(administration.place, set_id)
    if found is None:
        raise Http404
    return found


def _to_kind(administration: Administration, version: AreaSet) -> HttpResponse:
    return redirect(administration.address("administration:area_kind", area_kind=version.kind.code))


def _refused(
    request: HttpRequest, administration: Administration, version: AreaSet, error: ActionError
) -> HttpResponse:
    back = administration.address("administration:area_kind", area_kind=version.kind.code)
    return error_page(request, error, back=back)
