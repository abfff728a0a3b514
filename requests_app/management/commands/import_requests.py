"""`import_requests`: the cases of another system, described by a source, into a jurisdiction of their own."""

from argparse import ArgumentParser
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from requests_app.imports.errors import ImportRefused
from requests_app.imports.load import Loaded, load_file, survey
from requests_app.imports.place import chosen_place
from requests_app.imports.progress import Progress
from requests_app.imports.reading import rejects_path
from requests_app.imports.rejects import RejectsFile
from requests_app.imports.source import PlaceRules, read_source, source_names
from requests_app.models import Jurisdiction


class Command(BaseCommand):
    help = "Import a CSV (also .gz) or JSON-lines file of requests, described by a source, into its own jurisdiction."
    requires_system_checks: list[str] = []  # they look at pages; this needs the database only

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, help=f"one of: {', '.join(source_names())}")
        parser.add_argument("--jurisdiction", default="", help="its code, when it is not the source's own")
        parser.add_argument("--name", default="", help="the jurisdiction's name, when it is made")
        parser.add_argument("--time-zone", default="", help="such as America/Toronto, when it is made")
        parser.add_argument(
            "--as-of", default="", help="day of the data cut, YYYY-MM-DD; else the last time in the file"
        )
        parser.add_argument("--rejects", type=Path, help="where unusable rows go; FILE.rejects.csv in this folder")

    def handle(self, *args: object, **options: object) -> None:
        try:
            self.load(options["file"], options)  # type: ignore[arg-type]
        except ImportRefused as refused:
            raise CommandError(str(refused)) from None
        except KeyboardInterrupt:
            raise CommandError("Stopped. What was read so far is in; the same command goes on from there.") from None

    def load(self, path: Path, options: dict[str, object]) -> None:
        source = read_source(str(options["source"]))
        rules = chosen_place(
            source.place, code=str(options["jurisdiction"]), name=str(options["name"]), zone=str(options["time_zone"])
        )
        found = survey(path, source)
        progress = Progress(self.stderr, found.rows)  # type: ignore[arg-type]
        with RejectsFile(rejects_path(path, options["rejects"])) as rejects:  # type: ignore[arg-type]
            loaded = load_file(
                path,
                source,
                rules,
                found=found,
                rejects=rejects,
                told=progress.to,
                as_of=cut(str(options["as_of"]), rules),
            )
        self.report(loaded)

    def report(self, loaded: Loaded) -> None:
        counts = loaded.counts
        self.stdout.write(
            f"{counts.read:,} rows read: {counts.loaded:,} loaded, {counts.present:,} already there, "
            f"{counts.rejected:,} rejected. Jurisdiction {loaded.place.code}, as of {local(loaded.place)}."
        )
        for reason, n in sorted(loaded.rejects.by_reason.items(), key=lambda item: -item[1]):
            self.stdout.write(f"  {n:,} rejected: {reason}")
        if counts.rejected:
            self.stdout.write(f"The rejected rows are in {loaded.rejects.path}.")
        if not loaded.has_areas:
            self.stderr.write(
                "No areas are loaded, so these cases count in none. A case gets its area when it is imported: "
                "run import_areas first next time."
            )
        self.stdout.write("Assumptions of this import:")
        for sentence in loaded.place.assumptions:
            self.stdout.write(f"  - {sentence['en']}")


def cut(day: str, rules: PlaceRules) -> datetime | None:
    """The end of the local day of the data cut, or None for the last time in the file."""
    if not day:
        return None
    try:
        return datetime.combine(date.fromisoformat(day), time(23, 59, 59), ZoneInfo(rules.time_zone))
    except ValueError:
        raise ImportRefused(f"--as-of “{day}” is no day: write it as 2019-06-30.") from None


def local(place: Jurisdiction) -> str:
    """The data cut as the place's own clock shows it."""
    return f"{place.present.astimezone(ZoneInfo(place.time_zone)):%Y-%m-%d %H:%M}"
