"""Checks that documents of settings share: each adds a sentence under the name the field has on its page."""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from requests_app.actions.errors import Refused, Sentence
from requests_app.text.normalise import is_text

LANGUAGES = ("en", "fr")
LONGEST_NAME = 200
LONGEST_WORDS = 4000
_CODE = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*", re.ASCII)
_PHONE = re.compile(r"[0-9+().\-\s/x#*]{3,40}")
LONGEST_CODE = 60
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
"""Days that can be meant: the day before and the day after one of them are days as well."""
MISSING: Mapping[str, Sentence] = {
    "en": _("%(field)s: the English text is missing. Write it: every reader sees it in their own language."),
    "fr": _("%(field)s: the French text is missing. Write it: every reader sees it in their own language."),
}


class Problems(dict[str, Sentence]):
    """Sentences by field; `say` adds one about a field by its words."""

    def say(self, name: str, sentence: Sentence, label: Sentence, **values: object) -> None:
        """Add a sentence; the first of a field stays."""
        self.setdefault(name, str(sentence) % {"field": label, **values})


@contextmanager
def checking() -> Iterator[Problems]:
    """Collect the problems of a document; Refused with all of them at the end."""
    problems = Problems()
    yield problems
    if problems:
        raise Refused(problems)


def both(
    problems: Problems, name: str, label: Sentence, given: Any, *, needed: bool = True, longest: int = LONGEST_NAME
) -> dict[str, str]:
    """A text in both languages, stripped; both or (when not needed) neither."""
    texts = {code: str((given or {}).get(code) or "").strip() for code in LANGUAGES}
    if not needed and not any(texts.values()):
        return {}
    for code, text in texts.items():
        if not text:
            problems.say(f"{name}-{code}", MISSING[code], label)
        elif len(text) > longest:
            too_long = _("%(field)s: this is longer than %(longest)s characters. Shorten it.")
            problems.say(f"{name}-{code}", too_long, label, longest=longest)
        elif not is_text(text):
            problems.say(
                f"{name}-{code}", _("%(field)s: it holds a character that cannot be kept. Type it anew."), label
            )
    return texts


def line(
    problems: Problems, name: str, label: Sentence, given: Any, *, needed: bool = False, longest: int = LONGEST_NAME
) -> str:
    """One line of text, stripped."""
    text = str(given or "").strip()
    if not text and needed:
        problems.say(name, _("%(field)s: this is missing. Fill it in."), label)
    if len(text) > longest:
        problems.say(
            name, _("%(field)s: this is longer than %(longest)s characters. Shorten it."), label, longest=longest
        )
    if not is_text(text) or "\n" in text or "\r" in text:
        problems.say(name, _("%(field)s: it must be one line of plain text. Type it anew."), label)
    return text


def one_of(problems: Problems, name: str, label: Sentence, given: Any, known: Collection[str]) -> str:
    """One of the known codes."""
    if given not in known:
        problems.say(name, _("%(field)s: choose one of the list."), label)
    return str(given or "")


def whole(problems: Problems, name: str, label: Sentence, given: Any, low: int, high: int) -> int | None:
    """A whole number between two, or None for nothing."""
    if given in (None, ""):
        return None
    text = str(given).strip()
    if not re.fullmatch(r"-?\d{1,9}", text, re.ASCII) or not low <= int(text) <= high:
        told = _("%(field)s: “%(given)s” is not a whole number from %(low)s to %(high)s. Give one, such as %(low)s.")
        problems.say(name, told, label, given=text[:40], low=low, high=high)
        return None
    return int(text)


def day(problems: Problems, name: str, label: Sentence, given: Any, *, needed: bool = False) -> date | None:
    """A date, or None for nothing."""
    text = str(given or "").strip()
    if not text:
        if needed:
            problems.say(name, _("%(field)s: the day is missing. Give one, such as 2026-12-24."), label)
        return None
    try:
        given_day = date.fromisoformat(text)
    except ValueError:
        told = _("%(field)s: “%(given)s” is not a day. Give year-month-day, such as 2026-12-24.")
        problems.say(name, told, label, given=text[:40])
        return None
    if not EARLIEST <= given_day <= LATEST:
        told = _("%(field)s: “%(given)s” is too far away. Give a day of the years %(first)s to %(last)s.")
        problems.say(name, told, label, given=text[:40], first=EARLIEST.year, last=LATEST.year)
        return None
    return given_day


def email(problems: Problems, name: str, label: Sentence, given: Any, *, needed: bool = False) -> str:
    """A mail address, or "" for none; never one with a line break in it."""
    text = str(given or "")
    if not text.strip() and not needed:
        return ""
    try:
        validate_email(text.strip() if text.strip(" ") == text.strip() else text)
    except ValidationError:
        problems.say(name, _("%(field)s: this is not a mail address. It looks like name@example.ca."), label)
    return text.strip()


def telephone(problems: Problems, name: str, label: Sentence, given: Any) -> str:
    """A telephone number, or "" for none."""
    number = line(problems, name, label, given, longest=40)
    if number and not _PHONE.fullmatch(number):
        problems.say(name, _("%(field)s: this is not a telephone number. Give one such as 705-555-0123."), label)
    return number


def free_code(words: str, taken: models.QuerySet[Any], longest: int = LONGEST_CODE, also: Collection[str] = ()) -> str:
    """A code made from words, with a number where another row has it already, or where it is one of `also`."""
    wanted = slugify(words)[:longest].strip("-") or "setting"
    stem = wanted[: longest - len("-9999")].rstrip("-")  # what a number leaves of it: with any number it begins so
    known = {*taken.filter(code__startswith=stem).values_list("code", flat=True), *also}
    number, code = 1, wanted
    while code in known:
        number += 1
        code = f"{wanted[: longest - len(str(number)) - 1].rstrip('-')}-{number}"
    return code


def is_code(text: str) -> bool:
    """Whether a text can be a code in addresses and files."""
    return len(text) <= LONGEST_CODE and bool(_CODE.fullmatch(text))
