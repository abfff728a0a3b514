"""What pages read of waiting: the store where there is one, else the ledger itself, by the same rules.

The store follows the ledger a minute behind, so rows come with what was the last event they know and how many have
come since. While no store is built, or it belongs to another ledger, the same rows are made in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from analytics import loading
from analytics.core.segment_rows import FAMILIES, Rows, measured_rows
from analytics.loading import Jurisdiction, Viewer
from analytics.store.ledger import by_place, rows_for, worded
from analytics.store.manifest import Manifest, Part
from analytics.store.parts import by_month
from analytics.store.reading import MappedPart, PlaceRows, Wanted
from analytics.store.writing import Vocabulary
from requests_app.ledger_reader import ledger_has, settled_after

MOST_WITHOUT_STORE: Final = 500_000
"""Events of a place that are measured in memory while no store is there; more take too long for a page."""


class StoreNotBuilt(RuntimeError):
    """So many events are measured from the store only, and it is still being built."""


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """The rows of a place, which of them the viewer may measure, and what they stand on."""

    rows: PlaceRows
    wanted: Wanted
    behind: int
    """Events of the whole ledger that came since and are not in the rows."""
    as_of: datetime
    """When the last event the rows know was recorded; the present where none has come since."""
    from_store: bool


def serve(jurisdiction: Jurisdiction, viewer: Viewer) -> Served:
    """Open what pages measure. Raises ``StoreNotBuilt`` when only the store could answer in time."""
    found = rows_for(jurisdiction, viewer)
    cursor = found[0].manifest.cursor if found else None
    if found is None or cursor is None or not ledger_has(cursor):
        return _from_ledger(jurisdiction, viewer)
    behind = settled_after(cursor)
    as_of = loading.recorded_at(cursor[1]) if behind else jurisdiction.present
    return Served(*found, behind, as_of, from_store=True)


def _from_ledger(jurisdiction: Jurisdiction, viewer: Viewer) -> Served:
    """Measure every case of the place now."""
    if loading.count_of_events(jurisdiction) > MOST_WITHOUT_STORE:
        raise StoreNotBuilt
    vocabulary, name = Vocabulary({}), str(jurisdiction.pk)
    frame = loading.histories_of(jurisdiction)
    rows: Rows = {family: {} for family in FAMILIES}
    for _place, history, _is_new in by_place(vocabulary, frame):
        rows = measured_rows(history)
    families = {family: _mapped(name, family, rows) for family in FAMILIES}
    place = PlaceRows(Manifest(), vocabulary.words_of(name), families)
    wanted = Wanted(cases=loading.measurable_cases(jurisdiction, viewer))
    return Served(worded(place, jurisdiction), wanted, 0, jurisdiction.present, from_store=False)


def _mapped(place: str, family: str, rows: Rows) -> list[MappedPart]:
    if not rows[family]:
        return []
    return [
        MappedPart(Part(place, family, month, "", len(columns["case"])), columns, None)
        for month, columns in by_month(rows[family])
    ]
