"""Replies that staff start from: put into a form in the citizen's language, the other language beside them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import get_language

from requests_app.models import ReplyTemplate, ServiceRequest
from requests_app.reads.reply_templates import templates_for

FILL = "fill"
"""The name of the button that puts a template into a field; its value is the field's name."""
WRITTEN_IN = "written_in"
BESIDE = {"en": "fr", "fr": "en"}


@dataclass(frozen=True, slots=True)
class Start:
    """A template as a form offers it: its text for the citizen, and the same in the other language."""

    key: str
    name: str
    text: str
    beside: str


@dataclass(frozen=True, slots=True)
class Starts:
    """What can be started from in a case: by what a reply is for; the citizen's language and the other one."""

    language: str
    beside: str
    is_other: bool
    """Whether the citizen's language is not the reader's."""
    by_kind: Mapping[str, Sequence[Start]]


def starts_of(found: ServiceRequest) -> Starts:
    """The templates for a case; one statement."""
    language = found.language if found.language in BESIDE else "en"
    by_kind: dict[str, list[Start]] = {}
    for row in templates_for(found):
        by_kind.setdefault(row.kind, []).append(_start(row, language))
    return Starts(language, BESIDE[language], language != (get_language() or "en")[:2], by_kind)


def _start(row: ReplyTemplate, language: str) -> Start:
    return Start(str(row.pk), row.name, row.bodies.get(language, ""), row.bodies.get(BESIDE[language], ""))


def filled(request: HttpRequest, found: ServiceRequest, names: Collection[str]) -> dict[str, str] | None:
    """The form that was sent with the chosen template put into its field; None when it was sent to be done.

    `names`: the fields that take one. What was typed stays, above the template.
    """
    name = request.POST.get(FILL, "")
    if name not in names:
        return None
    values = {key: str(value).replace("\x00", "") for key, value in request.POST.items()}
    starts = starts_of(found)
    known = {one.key: one for some in starts.by_kind.values() for one in some}
    chosen = known.get(values.get(f"start-{name}", ""))
    if chosen is not None:
        values[name] = _put(values.get(name, ""), chosen.text, {one.text for one in known.values()})
        values[WRITTEN_IN] = starts.language
    return values


def _put(typed: str, text: str, offered: set[str]) -> str:
    """The text instead of nothing or of another template, else below what somebody typed."""
    kept = typed.replace("\r\n", "\n").strip()
    return text if not kept or kept in offered else f"{kept}\n\n{text}"


def language_written(request: HttpRequest) -> str:
    """The language of the words of a form: the citizen's where a template was put in, else the reader's."""
    said = request.POST.get(WRITTEN_IN, "")
    return said if said in BESIDE else (get_language() or "en")[:2]
