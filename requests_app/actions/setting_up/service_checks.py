"""What a service's definition must be: well-formed to be kept as a draft, complete to go live."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from requests_app.actions.config import Document
from requests_app.actions.errors import Sentence
from requests_app.actions.setting_up._checks import (
    LANGUAGES,
    LONGEST_NAME,
    LONGEST_WORDS,
    Problems,
    checking,
    is_code,
    line,
    one_of,
    telephone,
    whole,
)
from requests_app.actions.setting_up._lookup import by_code
from requests_app.actions.setting_up.service_definition import FORM_FIELDS, LABELS, targets_of
from requests_app.calendars import Calendar
from requests_app.models import DataTag, Jurisdiction, Office, Question, ServiceKind, WorkCalendar, Workflow
from requests_app.permissions import Publicity
from requests_app.promises import MOST_HOURS, BadTarget, Count, check_calendar, read_targets
from requests_app.text.normalise import has_nul

NAMELESS = _("%(field)s: give it in at least one language to keep the draft.")
MOST_QUESTIONS = 60
TWICE = _("%(field)s: two choices have the same key. Give each its own.")
LACKING = _("%(field)s: a choice lacks one language. Write English | French.")
MOST_DAYS = 36525
QUESTION_LABELS: dict[str, Sentence] = {
    "names": _("The question"),
    "hints": _("Hint under it"),
    "datatype": _("How it is answered"),
    "choices": _("Choices"),
    "required": _("Must be answered"),
    "tag": _("What it holds"),
    "purposes": _("Why it is asked"),
}
STOPPER_LABELS: dict[str, Sentence] = {
    "names": _("The danger, as a question"),
    "advice": _("What to do"),
    "organisation": _("Who must be called"),
    "phone": _("Telephone"),
    "url": _("Website"),
}


# --- Well-formed: enough to be kept as a draft -----------------------------------------------------------------------


def well_formed(place: Jurisdiction, given: Mapping[str, Any]) -> Document:
    """A definition in its stored form, which may still lack much. Refused where something in it cannot be kept."""
    with checking() as problems:
        document: Document = {
            "names": _texts(problems, "names", LABELS["names"], given.get("names"), LONGEST_NAME),
            "descriptions": _texts(problems, "descriptions", LABELS["descriptions"], given.get("descriptions"), 500),
            "group": _texts(problems, "group", LABELS["group"], given.get("group"), 100),
            "keywords": _keywords(problems, given.get("keywords")),
            "kind": one_of(problems, "kind", LABELS["kind"], given.get("kind"), ServiceKind.values),
            "needs_place": bool(given.get("needs_place")),
            "takes_photo": bool(given.get("takes_photo")),
            "icon": line(problems, "icon", LABELS["icon"], given.get("icon"), longest=40),
            "publicity": _if_chosen(problems, "publicity", given, list(Publicity)),
            **_named_rows(problems, place, given),
            **_promises(problems, given),
            "retention_days": whole(
                problems, "retention_days", LABELS["retention_days"], given.get("retention_days"), 1, MOST_DAYS
            ),
            **_standard(problems, given),
            "questions": _questions(problems, given.get("questions") or []),
            "stoppers": _stoppers(problems, given.get("stoppers") or []),
        }
        if not any(document["names"].values()):
            problems.say("names-en", NAMELESS, LABELS["names"])
    return document


def _texts(problems: Problems, name: str, label: Sentence, given: Any, longest: int) -> dict[str, str]:
    """A text in the languages it has so far."""
    texts = {code: str((given or {}).get(code) or "").strip() for code in LANGUAGES}
    for code, text in texts.items():
        if len(text) > longest:
            too_long = _("%(field)s: this is longer than %(longest)s characters. Shorten it.")
            problems.say(f"{name}-{code}", too_long, label, longest=longest)
        elif has_nul(text):
            unkept = _("%(field)s: it holds a character that cannot be kept. Type it anew.")
            problems.say(f"{name}-{code}", unkept, label)
    return {code: text for code, text in texts.items() if text}


def _keywords(problems: Problems, given: Any) -> str:
    text = str(given or "")
    if has_nul(text) or len(text) > LONGEST_WORDS:
        problems.say("keywords", _("%(field)s: give plain words, a line each."), LABELS["keywords"])
    return "\n".join(dict.fromkeys(word.strip() for word in text.splitlines() if word.strip()))


def _if_chosen(problems: Problems, name: str, given: Mapping[str, Any], known: Sequence[str]) -> str:
    return one_of(problems, name, LABELS[name], given[name], known) if given.get(name) else ""


def _named_rows(problems: Problems, place: Jurisdiction, given: Mapping[str, Any]) -> Document:
    named: Document = {}
    for name, model in (("owner", Office), ("calendar", WorkCalendar), ("workflow", Workflow)):
        code = str(given.get(name) or "")
        if code and by_code(model.objects.filter(jurisdiction=place), code) is None:
            problems.say(name, _("%(field)s: choose one of the list."), LABELS[name])
        named[name] = code
    return named


def _promises(problems: Problems, given: Mapping[str, Any]) -> Document:
    promised: Document = {}
    for name in ("resolve_hours", "resolve_high", "resolve_urgent", "acknowledge_hours"):
        promised[name] = whole(problems, name, LABELS[name], given.get(name), 1, MOST_HOURS)
    for name in ("resolve_count", "acknowledge_count"):
        promised[name] = one_of(problems, name, LABELS[name], given.get(name) or Count.WORKING.value, list(Count))
    if (promised["resolve_high"] or promised["resolve_urgent"]) and not promised["resolve_hours"]:
        first = _("%(field)s: give the hours of an ordinary request too; other priorities differ from it.")
        problems.say("resolve_hours", first, LABELS["resolve_hours"])
    return promised


def _standard(problems: Problems, given: Mapping[str, Any]) -> Document:
    standard: Document = {}
    for name, label in FORM_FIELDS.items():
        tag, purposes = f"{name}_tag", f"{name}_purposes"
        standard[tag] = _if_chosen(problems, tag, given, DataTag.values)
        standard[purposes] = _texts(problems, purposes, label, given.get(purposes), 500)
    return standard


def _questions(problems: Problems, given: Sequence[Mapping[str, Any]]) -> list[Document]:
    if len(given) > MOST_QUESTIONS:
        too_many = _("%(field)s: %(most)s at most. Nobody answers more; take some out.")
        problems.say("questions", too_many, LABELS["questions"], most=MOST_QUESTIONS)
    codes = [str(row.get("code") or "") for row in given[:MOST_QUESTIONS]]
    taken = {code for code in codes if is_code(code)}
    free = [code if is_code(code) and code not in codes[:n] else "" for n, code in enumerate(codes)]
    return [
        _question(problems, number, {**row, "code": free[number]}, taken)
        for number, row in enumerate(given[:MOST_QUESTIONS])
    ]


def _question(problems: Problems, number: int, row: Mapping[str, Any], taken: set[str]) -> Document:
    prefix = f"questions-{number}-"
    names = _texts(problems, f"{prefix}names", QUESTION_LABELS["names"], row.get("names"), 300)
    datatype = one_of(
        problems, f"{prefix}datatype", QUESTION_LABELS["datatype"], row.get("datatype"), Question.Datatype.values
    )
    tag = str(row.get("tag") or "")
    if tag:
        one_of(problems, f"{prefix}tag", QUESTION_LABELS["tag"], tag, DataTag.values)
    is_choice = datatype == Question.Datatype.CHOICE
    return {
        "code": row["code"] or new_code(names, "question", taken),
        "names": names,
        "hints": _texts(problems, f"{prefix}hints", QUESTION_LABELS["hints"], row.get("hints"), 500),
        "datatype": datatype,
        "choices": _choices(problems, f"{prefix}choices", row.get("choices")) if is_choice else [],
        "required": bool(row.get("required")),
        "tag": tag,
        "purposes": _texts(problems, f"{prefix}purposes", QUESTION_LABELS["purposes"], row.get("purposes"), 500),
    }


def new_code(names: Mapping[str, str], otherwise: str, taken: set[str]) -> str:
    """A code made from a name, not among those taken; it joins them."""
    wanted = slugify(names.get("en") or names.get("fr") or "")[:40].strip("-") or otherwise
    number, code = 1, wanted
    while code in taken:
        number += 1
        code = f"{wanted}-{number}"
    taken.add(code)
    return code


def _choices(problems: Problems, name: str, given: Any) -> list[Document]:
    """Choices with their keys; a text is one that could not be read as lines of English | French."""
    if isinstance(given, str):
        unread = _("%(field)s: “%(given)s” cannot be read. Write a choice a line: English | French.")
        problems.say(name, unread, QUESTION_LABELS["choices"], given=given.strip()[:60])
        return []
    taken = {str(choice["key"]) for choice in given or [] if choice.get("key")}
    read = []
    for choice in given or []:
        names = _texts(problems, name, QUESTION_LABELS["choices"], choice["names"], LONGEST_NAME)
        read.append({"key": choice.get("key") or new_code(names, "choice", taken), "names": names})
    if len({choice["key"] for choice in read}) != len(read):
        problems.say(name, TWICE, QUESTION_LABELS["choices"])
    return read


def _stoppers(problems: Problems, given: Sequence[Mapping[str, Any]]) -> list[Document]:
    return [_stopper(problems, number, row) for number, row in enumerate(given[:MOST_QUESTIONS])]


def _stopper(problems: Problems, number: int, row: Mapping[str, Any]) -> Document:
    prefix = f"stoppers-{number}-"
    texts = {
        name: _texts(problems, prefix + name, STOPPER_LABELS[name], row.get(name), 500)
        for name in ("names", "advice", "organisation")
    }
    number_given = telephone(problems, f"{prefix}phone", STOPPER_LABELS["phone"], row.get("phone"))
    url = line(problems, f"{prefix}url", STOPPER_LABELS["url"], row.get("url"))
    if url and not _is_address(url):
        told = _("%(field)s: this is not a web address. It begins with https://.")
        problems.say(f"{prefix}url", told, STOPPER_LABELS["url"])
    return {**texts, "phone": number_given, "url": url}


def _is_address(url: str) -> bool:
    try:
        URLValidator(schemes=["http", "https"])(url)
    except ValidationError:
        return False
    return True


# --- Complete: what going live asks ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is missing before a service can go live: the field it is missing in, and a sentence."""

    field: str
    sentence: Sentence


def gaps(place: Jurisdiction, document: Mapping[str, Any]) -> list[Gap]:
    """Everything a definition lacks to go live, in the order of the page; none when it is complete."""
    return [
        *_missing_texts("names", LABELS["names"], document),
        *_missing_texts("descriptions", LABELS["descriptions"], document),
        *_missing_texts("group", LABELS["group"], document),
        *_missing_owner(place, document),
        *_missing("publicity", _("Choose who sees its requests."), document),
        *_missing_promise(place, document),
        *_missing("retention_days", _("Say how long personal data is kept after a request is closed."), document),
        *_missing_standard(document),
        *(gap for n, row in enumerate(document.get("questions") or []) for gap in _missing_of_question(n, row)),
        *(gap for n, row in enumerate(document.get("stoppers") or []) for gap in _missing_of_stopper(n, row)),
    ]


def _missing(name: str, sentence: Sentence, document: Mapping[str, Any]) -> list[Gap]:
    return [] if document.get(name) else [Gap(name, sentence)]


_UNTRANSLATED: Mapping[str, Sentence] = {
    "en": _("%(field)s: the English text is missing."),
    "fr": _("%(field)s: the French text is missing."),
}


def _missing_texts(
    name: str, label: Sentence, document: Mapping[str, Any], field: str = "", *, needed: bool = True
) -> list[Gap]:
    texts = document.get(name) or {}
    if not needed and not any(texts.values()):
        return []
    return [
        Gap(f"{field or name}-{code}", str(_UNTRANSLATED[code]) % {"field": label})
        for code in LANGUAGES
        if not texts.get(code)
    ]


def _missing_owner(place: Jurisdiction, document: Mapping[str, Any]) -> list[Gap]:
    office = by_code(Office.objects.filter(jurisdiction=place), document.get("owner"))
    if office is None:
        return [Gap("owner", _("Choose the office that answers for it."))]
    if office.is_closed_for_good_on(place.today):
        closed = _("The office that answers for it, %(office)s, is closed for good. Choose another.")
        return [Gap("owner", str(closed) % {"office": office.name})]
    return []


def _missing_promise(place: Jurisdiction, document: Mapping[str, Any]) -> list[Gap]:
    found = []
    calendar = by_code(WorkCalendar.objects.filter(jurisdiction=place), document.get("calendar"))
    if calendar is None:
        found.append(Gap("calendar", _("Choose the calendar that its promises count by.")))
    elif calendar.calendar().never_opens:
        found.append(Gap("calendar", _("This calendar never opens: nothing would ever fall due. Choose another.")))
    else:
        found += _too_long(calendar.calendar(), document)
    if not document.get("resolve_hours"):
        found.append(Gap("resolve_hours", _("Promise something: within how many hours is a request resolved?")))
    return found


def _too_long(calendar: Calendar, document: Mapping[str, Any]) -> list[Gap]:
    """A promise of more working time than the calendar has in years; `document` was checked field by field."""
    try:
        check_calendar(read_targets(targets_of(document, {})), calendar)
    except BadTarget as bad:
        field = "acknowledge_hours" if bad.field == "acknowledge" else "resolve_hours"
        return [Gap(field, _("The calendar has not so much working time in five years. Promise fewer hours."))]
    return []


def _missing_standard(document: Mapping[str, Any]) -> list[Gap]:
    asked = {"words": True, "contact": True, "place": document.get("needs_place"), "photo": document.get("takes_photo")}
    return [gap for name, label in FORM_FIELDS.items() if asked[name] for gap in _missing_tag(name, label, document)]


def _missing_tag(name: str, label: Sentence, document: Mapping[str, Any]) -> list[Gap]:
    untagged = _("%(field)s: say whether it holds personal, business, derived or open data.")
    tag = [] if document.get(f"{name}_tag") else [Gap(f"{name}_tag", str(untagged) % {"field": label})]
    return [*tag, *_missing_texts(f"{name}_purposes", label, document)]


def _missing_of_question(number: int, row: Mapping[str, Any]) -> list[Gap]:
    prefix = f"questions-{number}-"
    label = str(_("Question %(number)s")) % {"number": number + 1}
    found = _missing_texts("names", label, row, f"{prefix}names")
    found += _missing_texts("hints", f"{label}, {QUESTION_LABELS['hints']}", row, f"{prefix}hints", needed=False)
    if row["datatype"] == Question.Datatype.CHOICE:
        found += _missing_choices(label, row, f"{prefix}choices")
    if not row.get("tag"):
        untagged = _("%(field)s: say whether it holds personal, business, derived or open data.")
        found.append(Gap(f"{prefix}tag", str(untagged) % {"field": label}))
    return found + _missing_texts("purposes", f"{label}, {QUESTION_LABELS['purposes']}", row, f"{prefix}purposes")


def _missing_choices(label: str, row: Mapping[str, Any], field: str) -> list[Gap]:
    choices = row.get("choices") or []
    if len(choices) < 2:
        return [Gap(field, str(_("%(field)s: give at least two choices.")) % {"field": label})]
    if any(not choice["names"].get(code) for choice in choices for code in LANGUAGES):
        return [Gap(field, str(LACKING) % {"field": label})]
    return []


def _missing_of_stopper(number: int, row: Mapping[str, Any]) -> list[Gap]:
    label = str(_("Danger %(number)s")) % {"number": number + 1}
    return [
        gap
        for name in ("names", "advice", "organisation")
        for gap in _missing_texts(name, f"{label}, {STOPPER_LABELS[name]}", row, f"stoppers-{number}-{name}")
    ]
