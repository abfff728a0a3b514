"""`bottlenecks`: where the cases of a log waited, as one JSON object. Needs no database."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analytics.core.bottlenecks import bottlenecks
from analytics.core.eventlog import LogColumns
from analytics.core.logfile import LogFile, read_log
from analytics.core.logrows import EventLogError

DAY = 86_400
SHOWN = 10


class Command(BaseCommand):
    help = "Where the cases of a log waited (.csv, .csv.gz, .parquet, .xes, .xes.gz). Every case counts as closed."
    requires_system_checks: list[str] = []  # they look at pages and the database; this reads one file

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = LogColumns()
        parser.add_argument("log", type=Path)
        parser.add_argument("--format", choices=("text", "json"), default="text", help="json: one object on stdout")
        parser.add_argument("--case", default=known.case, help=f"column with the case ({known.case})")
        parser.add_argument("--activity", default=known.activity, help=f"… with the activity ({known.activity})")
        parser.add_argument("--timestamp", default=known.timestamp, help=f"… with the time ({known.timestamp})")
        parser.add_argument("--office", default=None, help="… with the office (org:group, else org:resource)")
        parser.add_argument("--encoding", default=known.encoding, help=f"of a CSV file ({known.encoding})")

    def handle(self, *args: object, **options: Any) -> None:
        columns = LogColumns(
            case=options["case"],
            activity=options["activity"],
            timestamp=options["timestamp"],
            office=options["office"],
            encoding=options["encoding"],
            exact=True,
        )
        try:
            log = read_log(options["log"], columns)
        except EventLogError as refused:
            raise CommandError(str(refused)) from None
        self.warn(log, columns)
        found = bottlenecks(log.events, log.dropped)
        if options["format"] == "json":
            self.stdout.write(json.dumps(found, ensure_ascii=False, allow_nan=False))
        else:
            self.tell(found)

    def warn(self, log: LogFile, columns: LogColumns) -> None:
        """Say on stderr what a reader of the figures should know about the file."""
        for reason, n in sorted(log.dropped.items()):
            self.stderr.write(f"{n:,} rows dropped: {reason.replace('_', ' ')}.")
        if log.naive_times:
            self.stderr.write(f"{log.naive_times:,} times carry no zone and were read as UTC.")
        if log.office_from is None:
            wanted = " or ".join(columns.offices)
            self.stderr.write(f'The log names no office ({wanted}): all its time is held by "unknown".')
        if log.events.empty:
            self.stderr.write("No event of the log can be used. Check --case, --activity and --timestamp.")

    def tell(self, found: dict[str, Any]) -> None:
        """Print the same for people: the ten offices and the ten hand-overs that took longest."""
        log, cycle = found["log"], found["cycle_time"]
        self.stdout.write(f"{log['cases']:,} cases, {log['events']:,} events. Days below, every case taken as closed.")
        self.stdout.write(f"From first to last event: median {days(cycle['median'])}, p90 {days(cycle['p90'])}.")
        self.table("office", [(row["office"], row) for row in found["offices"]], "cases")
        self.table("hand-over", [(f"{row['from']} → {row['to']}", row) for row in found["handovers"]], "n")

    def table(self, title: str, rows: list[tuple[str, dict[str, Any]]], counted: str) -> None:
        """Print the longest rows: name, count, median, mean, total."""
        self.stdout.write(f"\n{title:48} {counted:>9} {'median':>10} {'mean':>10} {'total':>12}")
        for name, row in rows[:SHOWN]:
            figures = f"{row[counted]:>9,} {days(row['median']):>10} {days(row['mean']):>10} {days(row['total']):>12}"
            self.stdout.write(f"{name[:48]:48} {figures}")
        if len(rows) > SHOWN:
            self.stdout.write(f"… and {len(rows) - SHOWN} more (--format json has all).")


def days(seconds: float | None) -> str:
    """Return days with two decimals, or a dash where nothing was measured."""
    return "–" if seconds is None else f"{seconds / DAY:,.2f}"
