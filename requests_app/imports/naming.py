"""What a source's codes are called: `PWDx_Street Light Outages` is a code, not a word for readers.

`sources/names/<source>.toml` lists codes of offices and services with their names in English and French; codes of
offices that it does not list go by its rules (a pattern, and what to make of it in each language), else they stay as
the source writes them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from typing import Any

from requests_app.imports.errors import ImportRefused

Names = dict[str, str]
LANGUAGES = ("en", "fr")


@dataclass(frozen=True, slots=True)
class NamingRule:
    """Codes of a pattern and the templates of their names."""

    pattern: re.Pattern[str]
    names: Names


@dataclass(frozen=True, slots=True)
class Naming:
    """The names of a source's offices and services."""

    offices: Mapping[str, Names] = field(default_factory=dict)
    office_rules: tuple[NamingRule, ...] = ()
    services: Mapping[str, Names] = field(default_factory=dict)

    def office(self, code: str) -> Names:
        """The names of an office by the code the source gives it."""
        return self.offices.get(code) or self._by_rule(code) or as_written(code)

    def service(self, code: str) -> Names:
        """The names of a service by the code the source gives it."""
        return self.services.get(code) or as_written(code)

    def _by_rule(self, code: str) -> Names:
        for rule in self.office_rules:
            found = rule.pattern.fullmatch(code)
            if found:
                return {language: _plain(found.expand(name)) for language, name in rule.names.items()}
        return {}


NO_NAMES = Naming()


def as_written(name: str) -> Names:
    """The name as the source writes it, in its own language: it has no other, and none is invented."""
    return {"en": name}


def read_naming(path: Traversable) -> Naming:
    """The names in a file; those of no code when there is no such file."""
    if not path.is_file():
        return Naming()
    return naming_from(path.name, tomllib.loads(path.read_text(encoding="utf-8")))


def naming_from(file: str, told: Mapping[str, Any]) -> Naming:
    """The names that a file told; ImportRefused when one is not said in each language."""
    rules = [
        NamingRule(re.compile(rule["pattern"], re.IGNORECASE), _names(file, rule["pattern"], rule["to"]))
        for rule in told.get("office_rules", ())
    ]
    return Naming(_listed(file, told.get("offices", {})), tuple(rules), _listed(file, told.get("services", {})))


def _listed(file: str, told: Mapping[str, Sequence[str]]) -> dict[str, Names]:
    return {code: _names(file, code, names) for code, names in told.items()}


def _names(file: str, code: str, names: Sequence[str]) -> Names:
    if len(names) != len(LANGUAGES) or not all(names):
        raise ImportRefused(f"names/{file}: give “{code}” a name in each of {', '.join(LANGUAGES)}, in that order.")
    return dict(zip(LANGUAGES, names, strict=True))


def _plain(name: str) -> str:
    """Words instead of what joins a code's parts."""
    return " ".join(name.replace("_", ", ").split())
