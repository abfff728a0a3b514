"""What a store holds, in one small file that is replaced whole: whoever reads it sees one state or the next.

The manifest names the parts, the codes, and how far the ledger was read. A part is written and safe on disk before a
manifest names it, so a writer that dies at any moment leaves the state before it, and files nobody names.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Final

FORMAT: Final = 1
NAME: Final = "manifest.json"
KINDS: Final = ("activity", "office", "service", "area", "channel")
UNKNOWN_WORD: Final = "unknown"
PAUSE_S: Final = 0.05

Place = tuple[int, int]
"""(transaction, event): how far the ledger was read."""
Words = Mapping[str, tuple[str, ...]]
"""Kind of code → what its codes stand for, in the order of the codes; code 0 is unknown."""


class StoreBusy(RuntimeError):
    """Another process writes the store."""

    def __init__(self) -> None:
        super().__init__("The segment store is being written by another process. Wait until it is done, and try again.")


class StoreDamaged(RuntimeError):
    """What is on disk is not what the manifest says."""

    def __init__(self, what: str) -> None:
        super().__init__(f"The segment store is damaged: {what}. Run ./clearway manage segments rebuild.")


@dataclass(frozen=True, slots=True)
class Part:
    """One file of rows of one family that ended in one month, and which of them count no more."""

    place: str
    family: str
    month: int
    """Months since January 1970."""
    file: str
    rows: int
    dead: str = ""
    dead_rows: int = 0

    @property
    def alive(self) -> int:
        """Rows that count."""
        return self.rows - self.dead_rows


@dataclass(frozen=True, slots=True)
class Manifest:
    """One state of the store."""

    number: int = 0
    cursor: Place | None = None
    """``None`` where no ledger was read."""
    events: int = 0
    words: Mapping[str, Words] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()

    def files(self) -> set[str]:
        """Every file it names."""
        return {name for part in self.parts for name in (part.file, part.dead) if name}

    def of(self, place: str, family: str) -> list[Part]:
        """The parts of one family of one place, in order of months."""
        found = [part for part in self.parts if part.place == place and part.family == family]
        return sorted(found, key=lambda part: part.month)


def read_manifest(folder: Path) -> Manifest | None:
    """Return the state of the store; ``None`` where there is none, or one of another format: it is built anew."""
    try:
        said = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise StoreDamaged(f"{NAME} cannot be read") from error
    if said.pop("format", None) != FORMAT:
        return None
    return _manifest(said)


def _manifest(said: dict[str, Any]) -> Manifest:
    cursor = said["cursor"]
    return Manifest(
        number=said["number"],
        cursor=(cursor[0], cursor[1]) if cursor else None,
        events=said["events"],
        words={place: {kind: tuple(names) for kind, names in words.items()} for place, words in said["words"].items()},
        parts=tuple(Part(**part) for part in said["parts"]),
    )


def swap_manifest(folder: Path, manifest: Manifest) -> None:
    """Put a new state in the place of the old one, all at once, and safe on disk."""
    fresh = folder / f"{NAME}.next"
    with fresh.open("w", encoding="utf-8") as stream:
        json.dump({"format": FORMAT, **asdict(manifest)}, stream)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(folder / NAME)
    make_safe(folder)


def make_safe(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def only_writer(folder: Path, wait_s: float = 0.0) -> Iterator[None]:
    """Be the one who writes the store; ``StoreBusy`` when somebody else still is after a while.

    The lock ends with the process that holds it, however that ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as handle:
        until = time.monotonic() + wait_s
        while not _locked(handle):
            if time.monotonic() >= until:
                raise StoreBusy
            time.sleep(PAUSE_S)
        yield


def _locked(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
