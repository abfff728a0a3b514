"""`import_event_log`: the event log of another system as cases in a jurisdiction of their own."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify

from analytics.core.eventlog import EventLog, LogColumns, read_event_log
from analytics.core.frames import UNKNOWN, starts_of_runs
from analytics.core.logrows import EventLogError
from requests_app.imports.errors import ImportRefused
from requests_app.imports.event_log import LoadedLog, Log, LogCase, LogEvent, load_event_log
from requests_app.imports.place import short
from requests_app.imports.progress import Progress
from requests_app.imports.reading import digest_of, rejects_path
from requests_app.imports.rejects import Reject, RejectsFile
from requests_app.imports.source import PlaceRules

REASONS = {
    "no_case": "The event names no case.",
    "no_activity": "The event names no activity.",
    "no_time": "The event has no time.",
    "unreadable_time": "This is no date and time in ISO 8601.",
    "nul_character": "The event holds a NUL character, which is no text.",
    "incomplete_row": "The row has fewer or more cells than the header; the file may have been cut short here.",
}
NO_OFFICE = frozenset({UNKNOWN, "empty", "none", "null", "n/a", "-"})
"""Words that stand for no office, folded. EMPTY is what several published logs write."""


class Command(BaseCommand):
    help = "Import an event log (.xes, .xes.gz, .csv, .csv.gz) as cases of kind application, in its own jurisdiction."
    requires_system_checks: list[str] = []  # they look at pages; this needs the database only

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = LogColumns()
        parser.add_argument("file", type=Path)
        parser.add_argument("--jurisdiction", default="", help="its code; the file's name")
        parser.add_argument("--name", default="", help="of the jurisdiction and its service; the file's name")
        parser.add_argument("--case", default=known.case, help=f"attribute or column with the case ({known.case})")
        parser.add_argument("--activity", default=known.activity, help=f"… with the activity ({known.activity})")
        parser.add_argument("--timestamp", default=known.timestamp, help=f"… with the time ({known.timestamp})")
        parser.add_argument("--office", default=None, help="… with the office (org:group, else org:resource)")
        parser.add_argument("--zone", default="UTC", help="time zone of the place and of times without an offset (UTC)")
        parser.add_argument("--encoding", default=known.encoding, help=f"of a CSV file ({known.encoding})")
        parser.add_argument(
            "--end-activities",
            default="",
            help="comma-separated: cases that end with one are closed; else all are",
        )
        parser.add_argument("--rejects", type=Path, help="where unusable events go; FILE.rejects.csv in this folder")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            self.load(options["file"], options)
        except (EventLogError, ImportRefused) as refused:
            raise CommandError(str(refused)) from None
        except KeyboardInterrupt:
            raise CommandError("Stopped. What was read so far is in; the same command goes on from there.") from None

    def load(self, path: Path, options: dict[str, Any]) -> None:
        columns = LogColumns(
            *(options[part] for part in ("case", "activity", "timestamp", "office", "zone", "encoding"))
        )
        read = read_event_log(path, columns)
        log = as_log(path, read, options["name"] or stem(path), options["end_activities"])
        progress = Progress(self.stderr, read.rows_read)  # type: ignore[arg-type]
        with RejectsFile(rejects_path(path, options["rejects"])) as rejects:
            loaded = load_event_log(log, rules(path, options), rejects=rejects, done=progress.to)
        self.report(loaded, rejects)

    def report(self, loaded: LoadedLog, rejects: RejectsFile) -> None:
        counts = loaded.counts
        self.stdout.write(
            f"{counts.read:,} events read: {counts.loaded:,} loaded, {counts.present:,} already there, "
            f"{counts.rejected:,} rejected. {loaded.cases_loaded:,} cases, {loaded.cases_closed:,} of them closed, in "
            f"jurisdiction {loaded.place.code}."
        )
        for reason, n in sorted(rejects.by_reason.items(), key=lambda item: -item[1]):
            self.stdout.write(f"  {n:,} rejected: {reason}")
        if counts.rejected:
            self.stdout.write(f"The rejected events are in {rejects.path}.")
        self.stdout.write("Assumptions of this import:")
        for sentence in loaded.place.assumptions:
            self.stdout.write(f"  - {sentence['en']}")


def stem(path: Path) -> str:
    """The name of a file without its suffixes."""
    return path.name.split(".", maxsplit=1)[0]


def rules(path: Path, options: dict[str, Any]) -> PlaceRules:
    """The jurisdiction a log is loaded into: the file's name unless another one is named."""
    code = slugify(options["jurisdiction"] or stem(path))
    if not code:
        raise ImportRefused(f"{path.name} gives no code for a jurisdiction. Name one with --jurisdiction.")
    return PlaceRules(
        code=code,
        names={"en": options["name"] or stem(path)},
        time_zone=options["zone"],
        languages=("en",),
        reference_prefix=short(code),
        area_kind="ward",
    )


def as_log(path: Path, read: EventLog, name: str, end_activities: str) -> Log:
    """What was read, as the plain values of the domain."""
    ends = frozenset(word.strip() for word in end_activities.split(",") if word.strip())
    return Log(
        file_name=path.name,
        digest=digest_of(path),
        service_name=name,
        cases=cases(read),
        rejects=[
            Reject(r.place, r.column, REASONS.get(r.reason, r.reason.replace("_", " ")), r.found) for r in read.rejects
        ],
        office_from=read.office_from or "",
        naive_times=read.naive_times,
        end_activities=ends or None,
    )


def named_office(office: str) -> str:
    """The name of an office; "" for the words that logs write where they know none."""
    return "" if office.casefold() in NO_OFFICE else office


def cases(read: EventLog) -> Iterator[LogCase]:
    """The cases of a log in the order of the file, each with its events in order of time, then of the file."""
    frame = read.events
    labels = dict(zip(read.cases["case"].tolist(), read.cases["label"].tolist(), strict=True))
    numbers = frame["case"].to_numpy(dtype=np.int64)
    starts = np.flatnonzero(starts_of_runs(numbers))
    moments = frame["ts"].dt.tz_convert("UTC").dt.to_pydatetime()
    rows = list(zip(frame["activity"].tolist(), moments, frame["office"].tolist(), strict=True))
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        events = [LogEvent(name, at, named_office(office)) for name, at, office in rows[start:end]]
        yield LogCase(labels[int(numbers[start])], events)
