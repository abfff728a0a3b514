"""The next state of a store, while it is being made: new parts, rows that count no more, and parts put together.

Nothing it writes is seen by anybody until ``publish`` swaps the manifest; what is left of one that was never
published is removed by the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from analytics.core.frames import Flags, Ints
from analytics.core.segment_rows import FAMILIES, KEY_OF, Columns, History, Rows, changed_rows, measured_rows
from analytics.store.manifest import (
    KINDS,
    UNKNOWN_WORD,
    Manifest,
    Part,
    Place,
    StoreDamaged,
    Words,
    make_safe,
    swap_manifest,
)
from analytics.store.parts import by_month, in_time_order, living, months, read_dead, read_part, write_dead, write_part

MOST_DEAD: Final = 4
"""A part is written anew when more than one row in this many counts no more."""
MOST_CASES: Final = 1 << 31


class Vocabulary:
    """The codes of words, by place and kind. Codes are never given twice or taken back."""

    def __init__(self, begun_from: Mapping[str, Words]) -> None:
        self._words = {place: {kind: list(names) for kind, names in w.items()} for place, w in begun_from.items()}

    def codes(self, place: str, kind: str, words: Sequence[str]) -> Ints:
        """The codes of some words; one that is new gets the next."""
        known = self._words.setdefault(place, {kind: [UNKNOWN_WORD] for kind in KINDS})[kind]
        place_of = {word: code for code, word in enumerate(known)}
        for word in words:
            if word not in place_of:
                place_of[word] = len(known)
                known.append(word)
        return np.array([place_of[word] for word in words], dtype=np.int64)

    def words(self) -> dict[str, Words]:
        """Place → its words, in the order of their codes."""
        return {place: self.words_of(place) for place in self._words}

    def words_of(self, place: str) -> Words:
        """The words of one place; of one without cases only what stands for unknown."""
        known = self._words.get(place, {kind: [UNKNOWN_WORD] for kind in KINDS})
        return {kind: tuple(names) for kind, names in known.items()}


class Edition(Vocabulary):
    """A state in the making, begun from another one."""

    def __init__(self, folder: Path, begun_from: Manifest) -> None:
        super().__init__(begun_from.words)
        self.folder = folder
        self.manifest = begun_from
        self._parts: dict[tuple[str, str, int], list[Part]] = defaultdict(list)
        for part in begun_from.parts:
            self._parts[part.place, part.family, part.month].append(part)

    # --- Rows ----------------------------------------------------------------------------------------------------

    def add(self, place: str, rows: Rows) -> None:
        """Write new rows as parts of their months."""
        for family, unordered in rows.items():
            for month, here in by_month(unordered):
                self._parts[place, family, month].append(write_part(self.folder, place, family, month, here))

    def take(self, place: str, history: History, is_new: Flags) -> None:
        """Bring the rows of some cases from what they were before the new events to what they are with them.

        ``history`` is everything of these cases. What both times have in common is not touched.
        """
        before, now = measured_rows(history.only(~is_new)), measured_rows(history)
        changes = {family: changed_rows(before[family], now[family], family) for family in FAMILIES}
        for family, (gone, _come) in changes.items():
            self.remove(place, family, gone)
        self.add(place, {family: come for family, (_gone, come) in changes.items()})

    def remove(self, place: str, family: str, columns: Columns) -> None:
        """Mark rows as counting no more; StoreDamaged when one of them is not there."""
        month_of = months(columns["at_us"])
        for month in np.unique(month_of):
            here = month_of == month
            self._bury((place, family, int(month)), _keys(columns["case"][here], columns[KEY_OF[family]][here]))

    def _bury(self, where: tuple[str, str, int], keys: Ints) -> None:
        parts, found = self._parts[where], 0
        for n, part in enumerate(parts):
            columns = read_part(self.folder, part)
            dead = _or_none(read_dead(self.folder, part), part.rows)
            cases = np.unique(keys >> 32)
            there = np.flatnonzero(np.isin(columns["case"], cases.astype(columns["case"].dtype)) & ~dead)
            there = there[np.isin(_keys(columns["case"][there], columns[KEY_OF[where[1]]][there]), keys)]
            if len(there):
                found += len(there)
                dead[there] = True
                parts[n] = replace(part, dead=write_dead(self.folder, dead), dead_rows=int(dead.sum()))
        if found != len(keys):
            raise StoreDamaged(f"{len(keys) - found} rows of {where[1]} are not where they were written")

    # --- Tidying -------------------------------------------------------------------------------------------------

    def tidy(self) -> None:
        """Put small new parts of a month together, so that few remain, and write anew what is mostly dead."""
        for parts in self._parts.values():
            _forget_empty(parts)
            self._drop_the_dead(parts)
            while (run := _to_join(parts)) > 1:
                self._join(parts, run)

    def join_all(self) -> None:
        """Leave one part a month: the end of a rebuild."""
        for parts in self._parts.values():
            _forget_empty(parts)
            if len(parts) > 1 or (parts and parts[0].dead):
                self._join(parts, len(parts))

    def _drop_the_dead(self, parts: list[Part]) -> None:
        for n, part in enumerate(parts):
            if part.dead_rows * MOST_DEAD > part.rows:
                alone = [part]
                self._join(alone, 1)
                parts[n] = alone[0]

    def _join(self, parts: list[Part], run: int) -> None:
        """Write the last ``run`` parts as one."""
        joined = parts[-run:]
        first = joined[0]
        rows = [living(self.folder, part) for part in joined]
        columns = in_time_order({n: np.concatenate([part[n] for part in rows]) for n in FAMILIES[first.family]})
        parts[-run:] = [write_part(self.folder, first.place, first.family, first.month, columns)]
        self._forget_files(joined)

    def _forget_files(self, parts: Sequence[Part]) -> None:
        """Remove files that only this edition wrote: nobody has seen them."""
        seen = self.manifest.files()
        for part in parts:
            for name in {part.file, part.dead} - seen - {""}:
                (self.folder / name).unlink()

    # --- The end -------------------------------------------------------------------------------------------------

    def publish(self, cursor: Place | None, events: int) -> Manifest:
        """Make this the state of the store, and remove the files that no state names any more."""
        after = Manifest(
            number=self.manifest.number + 1,
            cursor=cursor,
            events=events,
            words=self.words(),
            parts=tuple(part for parts in self._parts.values() for part in parts),
        )
        for name in sorted(after.files() - self.manifest.files()):
            make_safe(self.folder / name)
        make_safe(self.folder)
        swap_manifest(self.folder, after)
        sweep(self.folder, after)
        return after


def sweep(folder: Path, manifest: Manifest) -> None:
    """Remove every file that the manifest does not name; readers that have one open keep it."""
    named = manifest.files()
    for path in [*folder.glob("*.arrow"), *folder.glob("*.npy")]:
        if path.name not in named:
            path.unlink(missing_ok=True)


def _forget_empty(parts: list[Part]) -> None:
    parts[:] = [part for part in parts if part.alive]


def _to_join(parts: Sequence[Part]) -> int:
    """How many parts at the end belong together: each at most twice what comes after it, or one mostly dead."""
    run, rows = 1, parts[-1].alive if parts else 0
    while run < len(parts) and parts[-run - 1].alive <= 2 * rows:
        run += 1
        rows += parts[-run].alive
    return run


def _keys(cases: Ints, seconds: Ints) -> Ints:
    """(case, seq or office) as one number."""
    if len(cases) and int(cases.max()) >= MOST_CASES:
        raise ValueError("A case number of the segment store is below 2³¹.")
    keys: Ints = (cases.astype(np.int64) << 32) | seconds.astype(np.int64)
    return keys


def _or_none(dead: Flags | None, rows: int) -> Flags:
    return np.zeros(rows, dtype=np.bool_) if dead is None else dead.copy()
