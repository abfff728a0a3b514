"""`segments`: keep the segment store up with the ledger, build it anew, compare it with one built anew, archive it."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analytics.store import ledger
from analytics.store.archive import archive
from analytics.store.compare import Comparison
from analytics.store.manifest import StoreBusy, StoreDamaged
from requests_app.ledger_reader import LedgerRestored

HOUR_US = 3_600_000_000


class Command(BaseCommand):
    help = (
        "The segment store: update appends what is new, rebuild builds it anew, verify compares it with a rebuild, "
        "archive writes its rows as Parquet into a folder."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["verify", "rebuild", "update", "archive"])
        parser.add_argument("folder", nargs="?", type=Path, help="where archive writes")

    def handle(self, *args: object, act: str, folder: Path | None = None, **options: Any) -> None:
        acts: dict[str, Callable[[], None]] = {"verify": self.verify, "rebuild": self.rebuild, "update": self.update}
        if (act == "archive") != (folder is not None):
            raise CommandError("Name a folder with archive, and with nothing else: segments archive FOLDER.")
        try:
            self.archive(folder) if folder else acts[act]()
        except (StoreBusy, StoreDamaged, LedgerRestored) as error:
            raise CommandError(str(error)) from error

    def update(self) -> None:
        done = ledger.update(ledger.folder_of_ledger(), self.tell, ledger.PATIENCE_S)
        how = "built anew" if done.rebuilt else "kept up"
        self.stdout.write(f"{how}: {done.new:,} new events, {done.events:,} in all")

    def rebuild(self) -> None:
        done = ledger.rebuild(ledger.folder_of_ledger(), self.tell)
        self.stdout.write(f"built anew: {done.events:,} events")

    def verify(self) -> None:
        found = ledger.verify(ledger.folder_of_ledger(), self.tell)
        if found is None:
            raise CommandError("There is no segment store yet. Run ./clearway manage segments update.")
        self.show(found)
        if not found.same:
            raise CommandError("The store differs from one built anew. Run ./clearway manage segments rebuild.")
        self.stdout.write("The store is what a rebuild would be.")

    def archive(self, target: Path) -> None:
        self.stdout.write(f"{archive(ledger.folder_of_ledger(), target):,} files in {target}")

    def show(self, found: Comparison) -> None:
        """Print counts, and what differs."""
        self.stdout.write(f"{found.events:,} events here, {found.events_anew:,} in a store built anew")
        self.stdout.write(f"{'jurisdiction':<14}{'rows of':<10}{'n':>12}{'hours':>18}{'missing':>10}{'too many':>10}")
        for row in found.families:
            figures = f"{row.rows:>12,}{row.total_us / HOUR_US:>18,.3f}{row.missing:>10,}{row.beyond:>10,}"
            self.stdout.write(f"{row.place:<14}{row.family:<10}{figures}")

    def tell(self, said: str) -> None:
        """Progress goes to stderr."""
        self.stderr.write(said)
