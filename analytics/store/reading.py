"""Reading the store: the rows of one place, of one state, under a filter, as they lie in memory-mapped parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Final

import numpy as np

from analytics.core.frames import Flags, Ints, moment
from analytics.core.segment_rows import FAMILIES, Columns
from analytics.store.manifest import KINDS, UNKNOWN_WORD, Manifest, Part, StoreDamaged, Words, read_manifest
from analytics.store.parts import read_dead, read_part

TRIES: Final = 5
"""A state may be replaced, and its files removed, between reading its manifest and opening them."""
OFFICE_OF: Final = {"segments": "from_office", "tails": "office", "dwells": "office"}


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """Which rows: ``None`` leaves a side open. Words are those of the store; one it does not know selects nothing.

    The period is that of ``at_us``: from ``since_us`` up to, not including, ``until_us``. ``office`` is the one that
    held the case. ``cases`` are ids in ascending order.
    """

    since_us: int | None = None
    until_us: int | None = None
    service: Sequence[str] | None = None
    area: Sequence[str] | None = None
    channel: Sequence[str] | None = None
    office: Sequence[str] | None = None
    cases: Ints | None = None


EVERYTHING: Final = Wanted()


@dataclass(frozen=True, slots=True, eq=False)
class MappedPart:
    """A part with its columns, and which of its rows count no more."""

    part: Part
    columns: Columns
    dead: Flags | None

    def living(self) -> Columns:
        """Its rows that count."""
        if self.dead is None:
            return self.columns
        return {name: values[~self.dead] for name, values in self.columns.items()}


@dataclass(frozen=True, slots=True, eq=False)
class PlaceRows:
    """Everything the store says of one place, all of one state."""

    manifest: Manifest
    words: Words
    families: dict[str, list[MappedPart]]

    def chunks(self, family: str, names: Sequence[str], wanted: Wanted = EVERYTHING) -> list[Columns]:
        """The wanted rows of a family, a chunk for each part, each in order of ``at_us``; dead rows are left out."""
        masks = list(self._masks(family, wanted))
        found = (_narrowed(mapped, names, masks, wanted) for mapped in self._within(family, wanted))
        return [chunk for chunk in found if len(chunk[names[0]])]

    def rows(self, family: str) -> Columns:
        """All rows of a family put together."""
        chunks = self.chunks(family, FAMILIES[family])
        nothing = np.zeros(0, dtype=np.int64)
        return {
            name: np.concatenate([nothing, *(chunk[name] for chunk in chunks)]).astype(np.int64)
            for name in FAMILIES[family]
        }

    def _within(self, family: str, wanted: Wanted) -> Iterator[MappedPart]:
        first = None if wanted.since_us is None else _month(wanted.since_us)
        last = None if wanted.until_us is None else _month(wanted.until_us)
        for mapped in self.families[family]:
            month = mapped.part.month
            if (first is None or month >= first) and (last is None or month <= last):
                yield mapped

    def _masks(self, family: str, wanted: Wanted) -> Iterator[tuple[str, Flags]]:
        """(column, which of its codes are wanted) for each filter by words."""
        for kind in KINDS:
            words = getattr(wanted, kind, None)
            if words is not None:
                column = OFFICE_OF[family] if kind == "office" else kind
                yield column, np.isin(np.array(self.words[kind], dtype=object), list(words)).astype(np.bool_)


def open_place(folder: Path, place: str) -> PlaceRows | None:
    """Map the rows of one place; ``None`` where no store was built yet. A place without cases has no rows."""
    for _try in range(TRIES):
        manifest = read_manifest(folder)
        if manifest is None:
            return None
        try:
            return _mapped(folder, manifest, place)
        except FileNotFoundError:
            missing = manifest
    raise StoreDamaged(f"files of state {missing.number} are missing")


def _mapped(folder: Path, manifest: Manifest, place: str) -> PlaceRows:
    families = {
        family: [
            MappedPart(part, read_part(folder, part), read_dead(folder, part)) for part in manifest.of(place, family)
        ]
        for family in FAMILIES
    }
    return PlaceRows(manifest, manifest.words.get(place, dict.fromkeys(KINDS, (UNKNOWN_WORD,))), families)


def _narrowed(mapped: MappedPart, names: Sequence[str], masks: Sequence[tuple[str, Flags]], wanted: Wanted) -> Columns:
    """A slice where only the period narrows, which copies nothing."""
    at_us = mapped.columns["at_us"]
    begin = 0 if wanted.since_us is None else int(np.searchsorted(at_us, wanted.since_us))
    end = len(at_us) if wanted.until_us is None else int(np.searchsorted(at_us, wanted.until_us))
    kept = [codes[mapped.columns[column][begin:end]] for column, codes in masks]
    if mapped.dead is not None:
        kept.append(~mapped.dead[begin:end])
    if wanted.cases is not None:
        kept.append(np.isin(mapped.columns["case"][begin:end], wanted.cases))
    slices = {name: mapped.columns[name][begin:end] for name in names}
    if not kept:
        return slices
    here = np.flatnonzero(reduce(np.logical_and, kept))
    return {name: values[here] for name, values in slices.items()}


def _month(at_us: int) -> int:
    at = moment(at_us)
    return (at.year - 1970) * 12 + at.month - 1
