"""What the commands that read a log file share: their options, and what a reader should know about the file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, OutputWrapper

from analytics.core.eventlog import LogColumns
from analytics.core.logfile import LogFile, read_log
from analytics.core.logrows import EventLogError


def add_log_options(parser: ArgumentParser) -> None:
    """Which columns play which part, and how the answer is printed."""
    known = LogColumns()
    parser.add_argument("--format", choices=("text", "json"), default="text", help="json: one value on stdout")
    parser.add_argument("--case", default=known.case, help=f"column with the case ({known.case})")
    parser.add_argument("--activity", default=known.activity, help=f"… with the activity ({known.activity})")
    parser.add_argument("--timestamp", default=known.timestamp, help=f"… with the time ({known.timestamp})")
    parser.add_argument("--office", default=None, help="… with the office (org:group, else org:resource)")
    parser.add_argument("--encoding", default=known.encoding, help=f"of a CSV file ({known.encoding})")


def read(path: Path, options: dict[str, Any], stderr: OutputWrapper, *, returncode: int = 1) -> LogFile:
    """Read a log as the options say; on stderr what is to be known about it. CommandError for what is no log."""
    columns = LogColumns(
        case=options["case"],
        activity=options["activity"],
        timestamp=options["timestamp"],
        office=options["office"],
        encoding=options["encoding"],
        exact=True,
    )
    try:
        log = read_log(path, columns)
    except EventLogError as refused:
        raise CommandError(str(refused), returncode=returncode) from None
    for reason, n in sorted(log.dropped.items()):
        stderr.write(f"{path.name}: {n:,} rows dropped: {reason.replace('_', ' ')}.")
    if log.naive_times:
        stderr.write(f"{path.name}: {log.naive_times:,} times carry no zone and were read as UTC.")
    if log.office_from is None:
        wanted = " or ".join(columns.offices)
        stderr.write(f'{path.name}: The log names no office ({wanted}): all its time is held by "unknown".')
    if log.events.empty:
        stderr.write(f"{path.name}: No event of the log can be used. Check --case, --activity and --timestamp.")
    return log
