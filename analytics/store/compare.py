"""Two states of the store, row by row: they are the same when they say the same of every case, in whatever codes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from analytics.core.segment_rows import FAMILIES, Columns, changed_rows
from analytics.store.manifest import KINDS, UNKNOWN_WORD, Manifest, Words
from analytics.store.parts import living

KIND_OF: Final = {
    "from_activity": "activity",
    "to_activity": "activity",
    "from_office": "office",
    "to_office": "office",
}
DURATION_OF: Final = {"segments": "wait_us", "dwells": "held_us"}


@dataclass(frozen=True, slots=True)
class FamilyComparison:
    """One family of one place. Microseconds are added up in whole numbers."""

    place: str
    family: str
    rows: int
    total_us: int
    missing: int
    """Rows that a store built anew has and this one has not."""
    beyond: int
    """Rows that this store has and one built anew has not."""

    @property
    def same(self) -> bool:
        """Whether every row is the same."""
        return not (self.missing or self.beyond)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything compared; ``events`` are those a store stands on, and those of one built anew."""

    events: int
    events_anew: int
    families: tuple[FamilyComparison, ...]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return self.events == self.events_anew and all(family.same for family in self.families)


def compared(folder: Path, manifest: Manifest, other_folder: Path, other: Manifest) -> Comparison:
    """Compare month by month, so that no more than a month's rows are in memory."""
    places = sorted({part.place for part in (*manifest.parts, *other.parts)})
    families = [
        _family(folder, manifest, other_folder, other, place, family) for place in places for family in FAMILIES
    ]
    return Comparison(manifest.events, other.events, tuple(families))


def _family(
    folder: Path, manifest: Manifest, other_folder: Path, other: Manifest, place: str, family: str
) -> FamilyComparison:
    words, other_words = (_words(state, place) for state in (manifest, other))
    codes = _translation(words, other_words)
    rows, total, missing, beyond = 0, 0, 0, 0
    for month in sorted({part.month for part in (*manifest.of(place, family), *other.of(place, family))}):
        ours = _month(folder, manifest, place, family, month)
        anew = dict(_translated(_month(other_folder, other, place, family, month), codes))
        gone, come = changed_rows(ours, anew, family)
        rows += len(ours["case"])
        total += int(ours[DURATION_OF[family]].sum()) if family in DURATION_OF else 0
        missing += len(come["case"])
        beyond += len(gone["case"])
    return FamilyComparison(place, family, rows, total, missing, beyond)


def _words(state: Manifest, place: str) -> Words:
    return state.words.get(place, dict.fromkeys(KINDS, (UNKNOWN_WORD,)))


def _translation(ours: Words, other: Words) -> dict[str, np.typing.NDArray[np.int64]]:
    """Kind → the code here of each code there; a word that is not here gets one that nothing has."""
    return {
        kind: np.array([ours[kind].index(word) if word in ours[kind] else -1 - code for code, word in enumerate(words)])
        for kind, words in other.items()
    }


def _translated(
    columns: Columns, codes: dict[str, np.typing.NDArray[np.int64]]
) -> Iterator[tuple[str, np.typing.NDArray[np.int64]]]:
    for name, values in columns.items():
        kind = KIND_OF.get(name, name)
        yield name, codes[kind][values] if kind in codes else values


def _month(folder: Path, manifest: Manifest, place: str, family: str, month: int) -> Columns:
    parts = [living(folder, part) for part in manifest.of(place, family) if part.month == month]
    nothing = np.zeros(0, dtype=np.int64)
    return {
        name: np.concatenate([nothing, *(part[name] for part in parts)]).astype(np.int64) for name in FAMILIES[family]
    }
