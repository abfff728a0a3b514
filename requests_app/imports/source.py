"""What a source is like: one small TOML per source, read into a value that refuses what it does not know."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from requests_app.imports.errors import ImportRefused
from requests_app.imports.naming import NO_NAMES, Names, Naming, read_naming
from requests_app.permissions import Publicity
from requests_app.states import Outcome

FORMATS: Final = ("csv", "jsonl")
PARTS: Final = frozenset(
    {
        "reference", "service", "office", "status", "opened", "accepted", "closed", "reopened", "updated", "due",
        "latitude", "longitude", "address", "channel", "description", "closing_note",
    }
)  # fmt: skip
"""What a column can be. `reference`, `service` and `opened` are the least a case needs."""
NEEDED: Final = ("reference", "service", "opened")


@dataclass(frozen=True, slots=True)
class OutcomeRule:
    """The outcome of a closed case whose `column` matches the pattern; the first rule that fits decides."""

    column: str
    pattern: re.Pattern[str]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class PlaceRules:
    """The jurisdiction a source is loaded into unless another one is named."""

    code: str
    names: Names
    time_zone: str
    languages: tuple[str, ...]
    reference_prefix: str
    area_kind: str


@dataclass(frozen=True, slots=True)
class Source:
    """One source: where each fact of a case stands, how times are written, what the source cannot know.

    `columns` maps a part (`PARTS`) to its columns, the first that is filled in counts. `nowhere` holds the
    (latitude, longitude) pairs the source writes when it knows no place.
    """

    name: str
    title: str
    format: str
    encoding: str
    place: PlaceRules
    columns: Mapping[str, tuple[str, ...]]
    time_formats: tuple[str, ...]
    ignore_offsets: bool
    open_statuses: frozenset[str]
    closed_statuses: frozenset[str]
    outcome_rules: tuple[OutcomeRule, ...]
    default_outcome: Outcome
    channels: Mapping[str, str]
    nowhere: frozenset[tuple[float, float]]
    service_kind: str
    publicity: Publicity
    fewest_of_a_service: int
    other_service: str
    not_recorded: tuple[str, ...]
    assumptions: tuple[Names, ...]
    no_address: frozenset[str] = frozenset()
    address_rules: tuple[tuple[re.Pattern[str], str], ...] = ()
    naming: Naming = NO_NAMES

    def address(self, text: str) -> str:
        """An address as people read it, by the source's rules; "" where the source says that it knows none."""
        if folded(text) in self.no_address:
            return ""
        for pattern, to in self.address_rules:
            text = pattern.sub(to, text.strip())
        return " ".join(text.split()).strip(" ,")

    def column(self, part: str) -> str:
        """The first column of a part, for messages; "" when the source has none."""
        return next(iter(self.columns.get(part, ())), "")


def source_names() -> list[str]:
    """The sources that ship."""
    return sorted(p.name.removesuffix(".toml") for p in _folder().iterdir() if p.name.endswith(".toml"))


@cache
def read_source(name: str) -> Source:
    """The source of that name; ImportRefused when there is none or its TOML says something unknown."""
    if name not in source_names():
        raise ImportRefused(f"There is no source “{name}”. The sources are: {', '.join(source_names())}.")
    source = source_from(name, tomllib.loads((_folder() / f"{name}.toml").read_text(encoding="utf-8")))
    return replace(source, naming=read_naming(_folder() / "names" / f"{name}.toml"))


def source_for_code(code: str) -> Source | None:
    """The source that is loaded into the jurisdiction `code` by default, if any."""
    return next((s for s in map(read_source, source_names()) if s.place.code == code), None)


def source_from(name: str, told: Mapping[str, Any]) -> Source:
    """A source from what its TOML told."""
    place, outcomes, service = told["jurisdiction"], told.get("outcomes", {}), told.get("service", {})
    status, times = told.get("status", {}), told.get("times", {})
    return Source(
        name=name,
        title=told["title"],
        format=_one_of(name, "format", told["format"], FORMATS),
        encoding=told.get("encoding", "utf-8-sig"),
        place=PlaceRules(
            code=place["code"],
            names=place["names"],
            time_zone=known_zone(place["time_zone"]),
            languages=tuple(place["languages"]),
            reference_prefix=place["reference_prefix"],
            area_kind=place["area_kind"],
        ),
        columns=_columns(name, told["columns"]),
        time_formats=tuple(times.get("formats", ("iso",))),
        ignore_offsets=times.get("ignore_offsets", False),
        open_statuses=frozenset(map(folded, status.get("open", ()))),
        closed_statuses=frozenset(map(folded, status.get("closed", ()))),
        outcome_rules=tuple(_rule(rule) for rule in outcomes.get("rules", ())),
        default_outcome=Outcome(outcomes["default"]),
        channels={folded(key): value for key, value in told.get("channels", {}).items()},
        nowhere=frozenset((float(lat), float(lon)) for lat, lon in told.get("places", {}).get("nowhere", ())),
        service_kind=service.get("kind", "street"),
        publicity=Publicity(service.get("publicity", Publicity.PRIVATE)),
        fewest_of_a_service=service.get("fewest", 1),
        other_service=service.get("other", ""),
        not_recorded=tuple(told["not_recorded"]),
        assumptions=tuple(told["assumptions"]),
        no_address=frozenset(map(folded, told.get("addresses", {}).get("none", ()))),
        address_rules=tuple(
            (re.compile(rule["pattern"]), rule["to"]) for rule in told.get("addresses", {}).get("rules", ())
        ),
    )


def folded(word: str) -> str:
    """A code of a source as it is compared: no case, no spaces around."""
    return word.strip().casefold()


def _folder() -> Traversable:
    return resources.files(__package__) / "sources"


def _columns(name: str, told: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    unknown = sorted(set(told) - PARTS)
    missing = [part for part in NEEDED if part not in told]
    if unknown or missing:
        raise ImportRefused(
            f"{name}.toml: [columns] has unknown {unknown or 'nothing'} and lacks {missing or 'nothing'}."
        )
    return {part: (column,) if isinstance(column, str) else tuple(column) for part, column in told.items()}


def _rule(told: Mapping[str, str]) -> OutcomeRule:
    return OutcomeRule(told["column"], re.compile(told["pattern"], re.IGNORECASE), Outcome(told["outcome"]))


def _one_of(name: str, key: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ImportRefused(f"{name}.toml: {key} is “{value}”; write one of {', '.join(allowed)}.")
    return value


def known_zone(zone: str) -> str:
    """The name of a time zone; ImportRefused when there is none of that name."""
    try:
        return ZoneInfo(zone).key
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ImportRefused(f"“{zone}” is no time zone. Write one such as America/Toronto.") from error
