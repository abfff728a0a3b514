"""`bottlenecks`: where the cases of a log waited, as one JSON object. Needs no database."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from analytics.core.bottlenecks import bottlenecks
from analytics.management.log_options import add_log_options, read

DAY = 86_400
SHOWN = 10


class Command(BaseCommand):
    help = "Where the cases of a log waited (.csv, .csv.gz, .parquet, .xes, .xes.gz). Every case counts as closed."
    requires_system_checks: list[str] = []  # they look at pages and the database; this reads one file

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("log", type=Path)
        add_log_options(parser)

    def handle(self, *args: object, **options: Any) -> None:
        log = read(options["log"], options, self.stderr)
        found = bottlenecks(log.events, log.dropped)
        if options["format"] == "json":
            self.stdout.write(json.dumps(found, ensure_ascii=False, allow_nan=False))
        else:
            self.tell(found)

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
