"""Answers to a service's questions, checked by what the question takes."""

import re
from collections.abc import Callable, Mapping
from datetime import date

from django.utils.translation import gettext_lazy as _

from requests_app.actions.errors import Refused, Sentence
from requests_app.models import Question, Service
from requests_app.text.normalise import clean

MAX_ANSWER = 1000
_NUMBER = re.compile(r"^-?\d{1,9}([.,]\d{1,4})?$")


def checked_answers(service: Service, given: Mapping[str, str]) -> list[tuple[Question, str]]:
    """Pairs of question and normalised answer; Refused with a sentence for each `answer-CODE` that is wrong."""
    problems: dict[str, Sentence] = {}
    taken: list[tuple[Question, str]] = []
    for question in service.questions_of(service.form_version):
        value = clean(given.get(question.code, "").replace("\x00", ""))
        problem = _problem(question, value)
        if problem is not None:
            problems[f"answer-{question.code}"] = problem
        elif value:
            taken.append((question, value.replace(",", ".") if question.datatype == "number" else value))
    if problems:
        raise Refused(problems)
    return taken


def _problem(question: Question, value: str) -> Sentence | None:
    if not value:
        return _("Answer this question: “%(question)s”") % {"question": question.name} if question.is_required else None
    if len(value) > MAX_ANSWER:
        return _("The answer is longer than %(limit)s characters. Shorten it.") % {"limit": MAX_ANSWER}
    return _CHECKS[question.datatype](question, value)


def _number(question: Question, value: str) -> Sentence | None:
    return None if _NUMBER.match(value) else _("Give a number, such as 3 or 2.5.")


def _yes_no(question: Question, value: str) -> Sentence | None:
    return None if value in ("yes", "no") else _("Choose yes or no.")


def _choice(question: Question, value: str) -> Sentence | None:
    return None if value in {c["key"] for c in question.choices} else _("Choose an answer from the list.")


def _date(question: Question, value: str) -> Sentence | None:
    try:
        date.fromisoformat(value)
    except ValueError:
        return _("Give a date as year-month-day, such as 2026-05-31.")
    return None


_CHECKS: dict[str, Callable[[Question, str], Sentence | None]] = {
    Question.Datatype.TEXT: lambda question, value: None,
    Question.Datatype.NUMBER: _number,
    Question.Datatype.YES_NO: _yes_no,
    Question.Datatype.CHOICE: _choice,
    Question.Datatype.DATE: _date,
}
