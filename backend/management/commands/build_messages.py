"""`build_messages`: merge and compile the French parts; `--check` names words without French."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backend.catalogues import CatalogueError, build, refuse_contradictions, untranslated


class Command(BaseCommand):
    help = "Merge <app>/locale/parts/*.fr.po and compile them; with --check, name every word that has no French."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail when words have no French")

    def handle(self, *args: object, check: bool = False, **options: object) -> None:
        try:
            if check:
                self.check_words()
            else:
                self.stderr.write(f"{build(settings.ROOT)} entries in French.")
        except CatalogueError as error:
            raise CommandError(str(error)) from None

    def check_words(self) -> None:
        refuse_contradictions(settings.ROOT)
        missing = untranslated(settings.ROOT)
        if missing:
            raise CommandError("No French for:\n  " + "\n  ".join(repr(words) for words in missing))
