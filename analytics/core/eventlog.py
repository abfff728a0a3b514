"""Event logs of other systems → the events frame: .xes, .xes.gz, .csv and .csv.gz.

Names default to the XES standard (IEEE 1849): ``concept:name``, ``time:timestamp``, ``org:group``,
``org:resource``; a table in CSV carries its case in ``case:concept:name``. The office is ``org:group``, else
``org:resource``, else ``unknown``.
Times become UTC. A row that cannot be used is counted with its reason and listed with its place; rows read = rows
kept + rows rejected, always.
"""

from __future__ import annotations

import gzip
import zlib
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import IO, Final, cast
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from analytics.core.csvlog import read_csv_rows
from analytics.core.frames import UNKNOWN
from analytics.core.logrows import EventLogError, LogRow, Reject
from analytics.core.xes import read_xes_rows

SUFFIXES: Final = (".xes", ".xes.gz", ".csv", ".csv.gz")
OFFSET: Final = r"[T ]\d{2}:?\d{2}.*(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$"
"""A time of day with an offset; the day of a bare date must not be mistaken for one."""
OFFICE_NAMES: Final = ("org:group", "org:resource")


@dataclass(frozen=True, slots=True)
class LogColumns:
    """Which attribute or column plays which part. ``office`` None: ``org:group``, else ``org:resource``."""

    case: str = "case:concept:name"
    activity: str = "concept:name"
    timestamp: str = "time:timestamp"
    office: str | None = None
    zone: str = "UTC"
    """Zone of times written without an offset."""
    encoding: str = "utf-8-sig"
    """Of CSV files; XES files say it themselves."""
    exact: bool = False
    """Keep values as they stand, spaces at their ends included (a report); an import trims them."""

    @property
    def offices(self) -> tuple[str, ...]:
        return (self.office,) if self.office else OFFICE_NAMES


@dataclass(frozen=True, slots=True, eq=False)
class EventLog:
    """What was read.

    ``events``  case, branch (always 0), ts, seq, activity, office; ordered by (case, ts, seq); seq is the place in
                the file
    ``cases``   case, label (the name in the file), one str column per case attribute without its ``case:`` prefix
    ``office_from``  the attribute the offices came from, ``None`` when the log records no office at all
    """

    events: pd.DataFrame
    cases: pd.DataFrame
    rows_read: int
    rejects: tuple[Reject, ...]
    office_from: str | None
    naive_times: int
    """Kept events whose time carried no offset and was read in the given zone."""

    @property
    def dropped(self) -> dict[str, int]:
        """Reason → rows rejected for it."""
        counts: dict[str, int] = {}
        for reject in self.rejects:
            counts[reject.reason] = counts.get(reject.reason, 0) + 1
        return counts


def read_event_log(path: Path, columns: LogColumns | None = None) -> EventLog:
    """Read a whole log.

    Raises ``EventLogError`` (a sentence in both languages) for a file that is not a log at all: unknown suffix, a
    missing column, damaged compression, broken XML, wrong encoding, or not one usable event.
    """
    columns = columns or LogColumns()
    log = collect_events(path, columns)
    if log.events.empty:
        raise _nothing_kept(path.name, log.rows_read, log.rejects)
    return log


def collect_events(path: Path, columns: LogColumns) -> EventLog:
    """As ``read_event_log``, but a log without one usable event is an empty frame, not an error."""
    zone = time_zone(columns.zone)
    _require_suffix(path)
    collected = _Collector(zone)
    try:
        with _open(path) as stream:
            collected.take(_rows(stream, path, columns))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise EventLogError(
            f"{path.name} is cut short or damaged: it cannot be unpacked to the end. Fetch the file again.",
            f"{path.name} est tronqué ou endommagé : impossible de le décompresser jusqu’à la fin. "
            "Récupérez le fichier de nouveau.",
        ) from error
    return collected.log(columns)


class _Collector:
    """Rows in, columns out, without one Python object per event kept longer than needed."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._case, self._activity, self._office = array("q"), array("q"), array("q")
        self._place = array("q")
        self._times: list[str] = []
        self._cases: dict[str, int] = {}
        self._attributes: dict[int, Mapping[str, str]] = {}
        self._activities: dict[str, int] = {}
        self._offices: dict[str, int] = {}
        self._office_names: set[str] = set()
        self._rejects: list[Reject] = []
        self._read = 0

    def take(self, rows: Iterator[LogRow | Reject]) -> None:
        for row in rows:
            self._read += 1
            if isinstance(row, Reject):
                self._rejects.append(row)
                continue
            number = self._cases.setdefault(row.case, len(self._cases))
            if row.case_attributes and number not in self._attributes:
                self._attributes[number] = dict(row.case_attributes)
            if row.office_from:
                self._office_names.add(row.office_from)
            self._case.append(number)
            self._activity.append(self._activities.setdefault(row.activity, len(self._activities)))
            self._office.append(self._offices.setdefault(row.office or UNKNOWN, len(self._offices)))
            self._times.append(row.timestamp)
            self._place.append(row.place)

    def log(self, columns: LogColumns) -> EventLog:
        times, naive = parse_times(pd.Series(self._times, dtype="str"), self._zone)
        frame = pd.DataFrame(
            {
                "case": np.array(self._case, dtype=np.int64),
                "branch": np.zeros(len(times), dtype=np.int16),
                "ts": times,
                "seq": np.array(self._place, dtype=np.int64),
                "activity": pd.Categorical.from_codes(np.array(self._activity, dtype=np.int64), list(self._activities)),
                "office": pd.Categorical.from_codes(np.array(self._office, dtype=np.int64), list(self._offices)),
            }
        )
        unreadable = frame["ts"].isna().to_numpy()
        self._rejects += [
            Reject(int(self._place[row]), columns.timestamp, "unreadable_time", self._times[row])
            for row in np.flatnonzero(unreadable)
        ]
        frame = frame[~unreadable].sort_values(["case", "ts", "seq"], kind="stable", ignore_index=True)
        return EventLog(
            events=frame,
            cases=self._case_frame(frame),
            rows_read=self._read,
            rejects=tuple(sorted(self._rejects, key=lambda reject: reject.place)),
            office_from=_first_of(columns.offices, self._office_names),
            naive_times=int((naive & ~unreadable).sum()),
        )

    def _case_frame(self, events: pd.DataFrame) -> pd.DataFrame:
        """Only cases that kept an event; their attributes as text, empty where the log has none."""
        labels = list(self._cases)
        kept = np.unique(events["case"].to_numpy())
        names = sorted({name for attributes in self._attributes.values() for name in attributes})
        cases = pd.DataFrame({"case": kept, "label": [labels[number] for number in kept]})
        for name in names:
            cases[name] = [self._attributes.get(int(number), {}).get(name, "") for number in kept]
        return cases


def parse_times(texts: pd.Series, zone: tzinfo) -> tuple[pd.Series, np.typing.NDArray[np.bool_]]:
    """ISO 8601 texts → (aware UTC times in microseconds, NaT where unreadable; True where no offset was written).

    A local time that a clock change skipped or doubled is read as the first moment it can mean.
    """
    texts = texts.str.strip()
    has_offset = texts.str.contains(OFFSET, regex=True).to_numpy(dtype=np.bool_)
    answer = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us, UTC]")
    if has_offset.any():
        aware = pd.to_datetime(texts[has_offset], utc=True, format="ISO8601", errors="coerce")
        answer[has_offset] = aware.dt.as_unit("us")
    if not has_offset.all():
        local = pd.to_datetime(texts[~has_offset], format="ISO8601", errors="coerce").dt.as_unit("us")
        first = np.ones(len(local), dtype=np.bool_)
        placed = local.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
        answer[~has_offset] = placed.dt.tz_convert("UTC")
    return answer, ~has_offset


def _rows(stream: IO[bytes], path: Path, columns: LogColumns) -> Iterator[LogRow | Reject]:
    if path.name.lower().endswith((".csv", ".csv.gz")):
        return read_csv_rows(
            stream, columns.case, columns.activity, columns.timestamp, columns.offices, columns.encoding
        )
    return read_xes_rows(stream, columns.activity, columns.timestamp, columns.offices, columns.case, columns.exact)


def _require_suffix(path: Path) -> None:
    if not path.name.lower().endswith(SUFFIXES):
        raise EventLogError(
            f"{path.name} is not a kind of event log read here. Give a file ending in {', '.join(SUFFIXES)}.",
            f"{path.name} n’est pas un type de journal lu ici. "
            f"Donnez un fichier se terminant par {', '.join(SUFFIXES)}.",
        )


def _open(path: Path) -> IO[bytes]:
    try:
        if path.name.lower().endswith(".gz"):
            return cast("IO[bytes]", gzip.open(path, "rb"))
        return path.open("rb")
    except OSError as error:
        raise EventLogError(
            f"{path} cannot be opened ({error.strerror}). Check the path.",
            f"Impossible d’ouvrir {path} ({error.strerror}). Vérifiez le chemin.",
        ) from error


def time_zone(name: str) -> tzinfo:
    """Return the zone of that name; refuses an unknown one."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise EventLogError(
            f"The time zone {name!r} is not known. Give a name such as America/Toronto (--zone).",
            f"Le fuseau horaire {name!r} est inconnu. Donnez un nom comme America/Toronto (--zone).",
        ) from error


def _nothing_kept(name: str, rows: int, rejects: tuple[Reject, ...]) -> EventLogError:
    """Names the column that failed most often, since one wrong name empties the whole log."""
    columns = [reject.column for reject in rejects if reject.column]
    worst = max(set(columns), key=columns.count) if columns else ""
    english = f" {columns.count(worst)} of them have nothing readable in {worst!r}." if worst else ""
    french = f" {columns.count(worst)} d’entre elles n’ont rien de lisible dans {worst!r}." if worst else ""
    return EventLogError(
        f"{name} holds no usable event: {rows} rows read, none kept.{english} "
        "Name the right attributes with --case, --activity and --timestamp.",
        f"{name} ne contient aucun événement utilisable : {rows} lignes lues, aucune gardée.{french} "
        "Nommez les bons attributs avec --case, --activity et --timestamp.",
    )


def _first_of(preferred: tuple[str, ...], seen: set[str]) -> str | None:
    return next((name for name in preferred if name in seen), None)
