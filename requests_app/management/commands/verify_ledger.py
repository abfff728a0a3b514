"""Rebuild every case from its events and compare it with its saved row."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from requests_app.actions.verify import differences


class Command(BaseCommand):
    help = "Rebuild every case from its events and name those whose saved state differs. Changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--jurisdiction", help="the code of one jurisdiction; all of them otherwise")

    def handle(self, *args: Any, **options: Any) -> None:
        checked, different = 0, 0
        for reference, fields in differences(options["jurisdiction"]):
            checked += 1
            if fields:
                different += 1
                self.stdout.write(f"{reference}: {', '.join(fields)}")
        if different:
            raise CommandError(f"{different} of {checked} cases differ from their ledger.")
        self.stdout.write(f"{checked} cases are what their ledger says.")
