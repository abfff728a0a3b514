"""What was changed of the settings, by whom and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from requests_app.models import ConfigChange
from requests_app.reads.config import PAGE, latest_changes
from requests_app.reads.people import PERSON, names_of
from requests_app.web.administration.fields import Field
from requests_app.web.administration.gate import Administration, administrators_only, show
from requests_app.web.administration.kinds import KINDS
from requests_app.web.administration.spoken import said

ACT: dict[str, str | Promise] = {
    ConfigChange.Act.MADE: pgettext_lazy("setting", "Made"),
    ConfigChange.Act.SAVED: pgettext_lazy("setting", "Changed"),
    ConfigChange.Act.WENT_LIVE: pgettext_lazy("setting", "Went live"),
    ConfigChange.Act.RETIRED: pgettext_lazy("setting", "Retired"),
    ConfigChange.Act.RESTORED: pgettext_lazy("setting", "Put back"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a setting before and after."""

    label: str | Promise
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change as it is listed."""

    change: ConfigChange
    kind: str | Promise
    name: str
    act: str | Promise
    differences: list[Difference]
    address: str
    can_be_put_back: bool


def line_of(
    change: ConfigChange, administration: Administration, fields: Sequence[Field], called: str = ""
) -> ChangeLine:
    """A change with its words, by the fields of its kind of setting; `called` is what its document does not hold."""
    kind = KINDS.get(change.what)
    title, labels = (kind.title, kind.labels) if kind else (change.what, {})
    names = (change.after or change.before).get("names")
    url_name = kind.url_name if kind else ""
    return ChangeLine(
        change=change,
        kind=title,
        name=said(names) if names else called or str((change.after or change.before).get("name", "")),
        act=ACT.get(change.act, change.act),
        differences=differences(change.before, change.after, labels, fields),
        address=administration.address(url_name, setting_id=change.target_id) if url_name else "",
        can_be_put_back=can_be_put_back(change, fields),
    )


def can_be_put_back(change: ConfigChange, fields: Sequence[Field]) -> bool:
    """Whether the history knows what was before a change; of what it keeps sealed it does not."""
    sealed = {field.name for field in fields if field.look == "sealed"}
    changed = {name for name in {*change.before, *change.after} if change.before.get(name) != change.after.get(name)}
    return change.act != ConfigChange.Act.MADE and not (changed and changed <= sealed)


def differences(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    labels: Mapping[str, str | Promise],
    fields: Sequence[Field],
) -> list[Difference]:
    """The fields that differ, in the order of the page."""
    known = {field.name: field for field in fields}
    names = [*labels, *sorted({*before, *after} - set(labels))]
    return [
        _difference(_label(name, labels), before.get(name), after.get(name), known.get(name))
        for name in names
        if before.get(name) != after.get(name)
    ]


def _difference(label: str | Promise, before: Any, after: Any, field: Field | None) -> Difference:
    """A field before and after; of one that is kept sealed only that it changed."""
    if field and field.look == "sealed":
        return Difference(label, _("as it was"), _("changed; the history does not keep to what"))
    return Difference(label, said(before, field), said(after, field))


def _label(name: str, labels: Mapping[str, str | Promise]) -> str | Promise:
    """What a field is called; of the purpose of an answer also whose it is, since there are several."""
    label = labels.get(name, name)
    whose = labels.get(f"{name.removesuffix('_purposes')}_tag") if name.endswith("_purposes") else None
    return f"{label} ({whose})" if whose else label


@require_safe
@administrators_only
def changes(request: HttpRequest, administration: Administration) -> HttpResponse:
    """The latest changes of every setting of a place, a page at a time."""
    before = request.GET.get("before", "")
    found = latest_changes(administration.place, int(before[:18]) if before.isascii() and before.isdigit() else None)
    shown = found[:PAGE]
    fields = {what: KINDS[what].fields(administration.place) for what in {one.what for one in shown} if what in KINDS}
    called = names_of({one.target_id for one in shown if one.what == PERSON})
    context = {
        "lines": [
            line_of(change, administration, fields.get(change.what, ()), called.get(change.target_id, ""))
            if change.what == PERSON
            else line_of(change, administration, fields.get(change.what, ()))
            for change in shown
        ],
        "older": found[PAGE - 1].pk if len(found) > PAGE else None,
    }
    return show(request, administration, "administration/changes.html", context)
