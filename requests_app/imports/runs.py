"""One run over one file: its row in the database, its counts, its batches."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from requests_app.clock import now
from requests_app.models import ImportRun, Jurisdiction

T = TypeVar("T")
Told = Callable[[int], None]
"""Called with the number of rows that are through."""


@dataclass(slots=True)
class Counts:
    """Rows of one run. read = loaded + present + rejected, always."""

    read: int = 0
    loaded: int = 0
    present: int = 0
    rejected: int = 0

    def check(self) -> None:
        """Stop the run rather than store numbers that do not add up."""
        if self.read != self.loaded + self.present + self.rejected:
            raise AssertionError(f"{self.read} rows read, but {self.loaded} + {self.present} + {self.rejected} told of")


def begin_run(place: Jurisdiction, source: str, file_name: str, digest: str) -> ImportRun:
    """The row of a run over a file; a run that was stopped or is repeated goes on in the row it had."""
    record, _made = ImportRun.objects.update_or_create(
        jurisdiction=place,
        source=source,
        digest=digest,
        defaults={"file_name": file_name[:200], "finished_at": None},
        create_defaults={"file_name": file_name[:200], "started_at": now()},
    )
    return record


def keep_counts(record: ImportRun, counts: Counts) -> None:
    """Store the counts; within the transaction of the batch they tell of."""
    counts.check()
    record.rows_read, record.rows_loaded = counts.read, counts.loaded
    record.rows_present, record.rows_rejected = counts.present, counts.rejected
    record.save(update_fields=["rows_read", "rows_loaded", "rows_present", "rows_rejected"])


def end_run(record: ImportRun) -> None:
    """Note that the file was read to its end."""
    record.finished_at = now()
    record.save(update_fields=["finished_at"])


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items, the last one shorter."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
