"""`rehearse_routing`: changed rules over the last days of real cases: what would have gone elsewhere, and what not."""

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from requests_app.management.commands.import_workflow import chosen_place, read_text
from requests_app.models import Jurisdiction
from requests_app.reads.explained import teller
from requests_app.reads.rehearsal import Rehearsed, live_book, rehearse
from requests_app.routing.document import RuleBook
from requests_app.routing.parse import parse
from requests_app.routing.read_document import check_document, read_toml
from requests_app.routing.rehearsed import Words, told

LONGEST_DAYS = 3_700


class Command(BaseCommand):
    help = "Judge the cases of the last days by changed routing rules and by the live ones; say what would differ."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="a TOML file of rules; the live rules when left out")
        parser.add_argument("--jurisdiction", default="", help="its code; the one citizens meet first")
        parser.add_argument("--days", type=int, default=90, help="how far back from now, or from where its data ends")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: object, **options: object) -> None:
        place, days = chosen_place(str(options["jurisdiction"])), int(str(options["days"]))
        if not 1 <= days <= LONGEST_DAYS:
            raise CommandError(f"--days: give a number from 1 to {LONGEST_DAYS}, not {days}.")
        live, version = live_book(place)
        path = options["file"]
        book = read_book(Path(str(path)), place) if path else live
        began = time.process_time()
        done = rehearse(place, book, live, days, self.show)
        seconds = round(time.process_time() - began, 2)
        if options["format"] == "json":
            self.stdout.write(json.dumps({**done.found, "live_version": version, "cpu_seconds": seconds}))
            return
        for line in lines(done, book, place):
            self.stdout.write(line)
        self.stdout.write(f"{seconds} CPU s in this process.")

    def show(self, done: int) -> None:
        """Say on a terminal how far it has come."""
        if sys.stderr.isatty():
            self.stderr.write(f"\r{done} requests judged", ending="")


def read_book(path: Path, place: Jurisdiction) -> RuleBook:
    """The rules of a file; CommandError with every problem they have in the place."""
    document, problems = read_toml(read_text(path))
    if not problems:
        problems = check_document(document, place).problems
    if problems:
        raise CommandError("\n".join(str(problem.sentence) for problem in problems))
    return parse(document)[0]


def lines(done: Rehearsed, book: RuleBook, place: Jurisdiction) -> Iterator[str]:
    """A rehearsal as plain text."""
    words = told(done.found, teller(book, done.known), ZoneInfo(place.time_zone))
    yield words.summary
    if words.settled:
        yield words.settled
    yield from _moves(words)
    yield words.since_filing_said
    yield words.coverage_said
    for title, found in (("Broken", words.broken), ("Conflicts", words.conflicts), ("Never firing", words.never)):
        yield f"{title}: {len(found) or 'none'}"
        yield from (f"  {sentence}" for sentence in found)


def _moves(words: Words) -> Iterator[str]:
    yield from (f"  {line.count:>7}  {line.before_name} → {line.after_name}" for line in words.moves)
    yield from (f"  {line.count:>7}  {line.kind}: {line.before} → {line.after}" for line in words.changes)
