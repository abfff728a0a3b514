"""`import_areas`: wards, districts or neighbourhoods from GeoJSON."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from requests_app.imports.areas import KeptAreas, MissingText, ReadAreas, keep_areas, read_areas
from requests_app.imports.errors import ImportRefused
from requests_app.imports.place import chosen_place, import_place
from requests_app.imports.source import read_source, source_for_code, source_names
from requests_app.models import Jurisdiction


class Command(BaseCommand):
    help = "Import polygons (GeoJSON, WGS84) as the areas of a jurisdiction. Run it before importing requests."
    requires_system_checks: list[str] = []  # they look at pages; this needs the database only

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--jurisdiction", required=True, help="its code")
        parser.add_argument("--kind", default="ward", help="ward, district, neighbourhood … (ward)")
        parser.add_argument("--name-column", default="name", help="property with the area's name (name)")
        parser.add_argument("--code-column", default="", help="property with a code that stays the same; the name")
        parser.add_argument("--only", default="", help="COLUMN=VALUE: take only these features of the file")
        parser.add_argument(
            "--source", default="", help=f"to make a jurisdiction that is not there: one of {', '.join(source_names())}"
        )

    def handle(self, *args: object, **options: object) -> None:
        path = Path(str(options["file"]))
        try:
            read = read_areas(
                path,
                name_column=str(options["name_column"]),
                code_column=str(options["code_column"]),
                only=only(str(options["only"])),
            )
            place = jurisdiction(str(options["jurisdiction"]), str(options["source"]))
            kept = keep_areas(place, str(options["kind"]), read)
        except MissingText as refused:
            raise CommandError(f"{refused} Name it with --name-column or --code-column.") from None
        except ImportRefused as refused:
            raise CommandError(str(refused)) from None
        self.report(place, read, kept)

    def report(self, place: Jurisdiction, read: ReadAreas, kept: KeptAreas) -> None:
        self.stdout.write(f"{kept.made} areas made, {kept.updated} brought up to date in {place.code}.")
        if kept.set_boundary:
            self.stdout.write("Together they are now its boundary.")
        if read.repaired:
            self.stdout.write(f"Repaired broken polygons: {', '.join(read.repaired)}.")
        if read.merged:
            self.stdout.write(f"Merged from several parts: {', '.join(read.merged)}.")
        for name, reason in read.refused.items():
            self.stdout.write(f"Left out {name}: {reason}.")
        if kept.requests_without_area:
            self.stdout.write(
                f"{kept.requests_without_area:,} requests were loaded before and keep no area: what an import said "
                "of a case is not rewritten."
            )


def only(told: str) -> tuple[str, str] | None:
    """COLUMN=VALUE taken apart; None when nothing was asked."""
    column, equals, value = told.partition("=")
    if told and not equals:
        raise ImportRefused(f"--only “{told}” has no equals sign: write it as municipality=Kingston.")
    return (column.strip(), value.strip()) if told else None


def jurisdiction(code: str, source_name: str) -> Jurisdiction:
    """The jurisdiction of that code; one that a source describes is made when it is not there."""
    place = Jurisdiction.objects.filter(code=code).first()
    if place is not None:
        return place
    source = read_source(source_name) if source_name else source_for_code(code)
    if source is None:
        raise ImportRefused(
            f"There is no jurisdiction “{code}”. Name the source of its requests with --source to make it "
            f"({', '.join(source_names())}), or check the code."
        )
    return import_place(chosen_place(source.place, code=code), source.title)
