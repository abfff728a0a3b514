"""The store of the ledger: built from it, kept up with it, and compared with what it would be if built anew.

How far the ledger was read stands in the manifest itself, so the place moves exactly when the rows do; the reader's
row in ``ledger_cursor`` shows it to whoever looks there. A case that got an event is computed twice, as it was at the
old place and as it is at the new one; what differs is all that is written.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from django.conf import settings

from analytics import loading
from analytics.core.frames import Ints, coded
from analytics.core.segment_rows import History, measured_rows
from analytics.loading import Jurisdiction, Viewer
from analytics.store.compare import Comparison, compared
from analytics.store.manifest import Manifest, Place, StoreBusy, only_writer, read_manifest
from analytics.store.reading import PlaceRows, Wanted, open_place
from analytics.store.writing import Edition, Vocabulary
from requests_app.ledger_reader import FROM_THE_BEGINNING, ledger_has, note_place, settled_place

READER: Final = "segments"
STEP: Final = 20_000
"""New events taken at a time."""
CASES_AT_ONCE: Final = 20_000
PATIENCE_S: Final = 60.0

Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Done:
    """What an update or a rebuild did."""

    events: int
    """Events of the ledger the store now stands on, parts of requests left out."""
    new: int
    rebuilt: bool


def folder_of_ledger() -> Path:
    """Where the store of this database is."""
    return settings.SEGMENTS_ROOT / loading.ledger_name()


def rows_for(jurisdiction: Jurisdiction, viewer: Viewer) -> tuple[PlaceRows, Wanted] | None:
    """The rows of a place, its words as the frames have them, and the filter that keeps what the viewer may measure.

    ``None`` before the store was first built.
    """
    place = open_place(folder_of_ledger(), str(jurisdiction.pk))
    if place is None:
        return None
    return worded(place, jurisdiction), Wanted(cases=loading.measurable_cases(jurisdiction, viewer))


def worded(place: PlaceRows, jurisdiction: Jurisdiction) -> PlaceRows:
    """The same rows with the words that the frames have, instead of ids."""
    labels = loading.store_labels(jurisdiction)
    words = {kind: tuple(labels.get(kind, {}).get(word, word) for word in known) for kind, known in place.words.items()}
    return replace(place, words=words)


def keep_up() -> None:
    """Append what is new, for the schedule; when somebody else writes, their turn is enough."""
    try:
        update(folder_of_ledger())
    except StoreBusy:
        return


def update(folder: Path, tell: Tell = lambda _said: None, wait_s: float = 0.0) -> Done:
    """Bring the store to where the ledger is settled; one that does not belong to this ledger is built anew."""
    with only_writer(folder, wait_s):
        manifest = read_manifest(folder)
        if manifest is None or manifest.cursor is None or not ledger_has(manifest.cursor):
            return _rebuild(folder, tell)
        begun = manifest.events
        while (upto := settled_place(manifest.cursor, STEP)) is not None:
            manifest = _append(folder, manifest, upto)
            tell(f"{manifest.events:,} events")
        return Done(manifest.events, manifest.events - begun, rebuilt=False)


def rebuild(folder: Path, tell: Tell = lambda _said: None, wait_s: float = PATIENCE_S) -> Done:
    """Build the store from the first event on; the state before it is read until the new one is whole."""
    with only_writer(folder, wait_s):
        return _rebuild(folder, tell)


def verify(folder: Path, tell: Tell = lambda _said: None, wait_s: float = PATIENCE_S) -> Comparison | None:
    """Build the store anew beside itself, up to the same place, and compare every row; ``None`` without a store."""
    with only_writer(folder, wait_s):
        manifest = read_manifest(folder)
        if manifest is None:
            return None
        beside = folder / "beside"
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir()
        try:
            return compared(folder, manifest, beside, _written(beside, Manifest(), manifest.cursor, tell))
        finally:
            shutil.rmtree(beside, ignore_errors=True)


# --- Writing ---------------------------------------------------------------------------------------------------------


def _append(folder: Path, manifest: Manifest, upto: Place) -> Manifest:
    after = manifest.cursor or FROM_THE_BEGINNING
    edition = Edition(folder, manifest)
    frame = loading.changed_histories(after, upto)
    for place, history, is_new in by_place(edition, frame):
        edition.take(place, history, is_new)
    edition.tidy()
    published = edition.publish(upto, manifest.events + int(frame["is_new"].sum()))
    note_place(READER, upto)
    return published


def _rebuild(folder: Path, tell: Tell) -> Done:
    before = read_manifest(folder)
    upto = settled_place()
    manifest = _written(folder, Manifest(number=before.number if before else 0), upto, tell)
    if upto is not None:
        note_place(READER, upto)
    return Done(manifest.events, manifest.events, rebuilt=True)


def _written(folder: Path, begun_from: Manifest, upto: Place | None, tell: Tell) -> Manifest:
    edition, events = Edition(folder, begun_from), 0
    least, beyond = loading.case_numbers() if upto else (0, 0)
    for first in range(least, beyond, CASES_AT_ONCE):
        frame = loading.numbered_histories(first, min(first + CASES_AT_ONCE, beyond), upto or FROM_THE_BEGINNING)
        for place, history, _is_new in by_place(edition, frame):
            edition.add(place, measured_rows(history))
        events += len(frame)
        tell(f"{events:,} events of cases up to {min(first + CASES_AT_ONCE, beyond) - 1:,} of {beyond - 1:,}")
    edition.join_all()
    return edition.publish(upto, events)


def by_place(edition: Vocabulary, frame: pd.DataFrame) -> Iterator[tuple[str, History, np.typing.NDArray[np.bool_]]]:
    """(place, its events in the codes of the store, which of them are new)."""
    for place, rows in frame.groupby("place", sort=True):
        name = str(place)
        activity, activities = coded(rows["activity"])
        channel, channels = coded(rows["channel"])
        numbers = {column: rows[column].to_numpy(dtype=np.int64) for column in ("case", "branch", "at_us", "seq")}
        history = History(
            **numbers,
            activity=edition.codes(name, "activity", activities)[activity],
            channel=edition.codes(name, "channel", channels)[channel],
            office=_coded_ids(edition, name, "office", rows["office"]),
            service=_coded_ids(edition, name, "service", rows["service"]),
            area=_coded_ids(edition, name, "area", rows["area"]),
            closed=rows["closed"].to_numpy(dtype=np.bool_),
            returned=rows["returned"].to_numpy(dtype=np.bool_),
            corrects=rows["corrects"].to_numpy(dtype=np.int64),
        )
        yield name, history, rows["is_new"].to_numpy(dtype=np.bool_)


def _coded_ids(edition: Vocabulary, place: str, kind: str, ids: pd.Series) -> Ints:
    """Ids of rows are the words of the store; 0, nothing recorded, is unknown."""
    present, positions = np.unique(ids.to_numpy(dtype=np.int64), return_inverse=True)
    codes = edition.codes(place, kind, [str(pk) for pk in present if pk])
    return np.concatenate(([0] if len(present) and present[0] == 0 else [], codes)).astype(np.int64)[positions]
