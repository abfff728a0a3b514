"""A document of rules in a place: parsed, checked and made ready, in one call each; and its TOML form."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from requests_app.models import Jurisdiction
from requests_app.routing.compile import Compiled, compile_rules
from requests_app.routing.document import ALL, ANY, NOT, Problem, RuleBook
from requests_app.routing.known import Known, known_for
from requests_app.routing.parse import parse
from requests_app.routing.validate import boundary_of, validate

Document = Mapping[str, Any]
LONGEST = 400_000
"""Characters a TOML file of rules may have."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A document as rules, with what a place knows of what they name and everything that is wrong."""

    book: RuleBook
    known: Known
    problems: list[Problem]

    def compiled(self, version: int = 0) -> Compiled:
        """The rules ready to decide; to be asked for only when there are no problems of form."""
        return compile_rules(self.book, self.known, version)


def check_document(document: Document, place: Jurisdiction) -> Checked:
    """Parse and check a document in a place. Seven statements, two more for each name that is not known."""
    book, wrong_form = parse(document)
    known = known_for(place, book)
    return Checked(book, known, [*wrong_form, *validate(book, known, boundary_of(place))])


def read_toml(text: str) -> tuple[dict[str, Any], list[Problem]]:
    """A TOML text as a document, or what is wrong with it, by line."""
    if len(text) > LONGEST:
        return {}, [
            Problem("", "TOML", _("The text has more than %(most)s characters. Shorten it.") % {"most": LONGEST})
        ]
    try:
        return plain(tomllib.loads(text.replace("\r\n", "\n"))), []
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        what = _("This is not TOML: %(error)s. Put it right there and try again.") % {"error": error}
        return {}, [Problem("", "TOML", what)]


def in_order(document: Document) -> dict[str, Any]:
    """A good document as it is kept: several keys of a condition as a list, since the database orders keys anew."""
    rules = [{**rule, "when": _in_order(rule["when"])} for rule in document.get("rule", [])]
    return {**document, "rule": rules}


def _in_order(condition: Mapping[str, Any]) -> dict[str, Any]:
    parts = [{key: _inside(key, value)} for key, value in condition.items()]
    return parts[0] if len(parts) == 1 else {ALL: parts}


def _inside(key: str, value: Any) -> Any:
    if key == NOT:
        return _in_order(value)
    return [_in_order(part) for part in value] if key in (ALL, ANY) else value


def plain(value: Any) -> Any:
    """A TOML value as JSON keeps it: times and dates as text."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool) else value.isoformat()
