"""Write docs/states.md from the table of moves."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from requests_app.management.states_page import states_page


class Command(BaseCommand):
    help = "Write docs/states.md from the table of moves; with --check only say whether it is current."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail when the page is not current")

    def handle(self, *args: Any, **options: Any) -> None:
        page = settings.ROOT / "docs" / "states.md"
        if not options["check"]:
            page.write_text(states_page(), encoding="utf-8")
        elif page.read_text(encoding="utf-8") != states_page():
            raise CommandError("docs/states.md is not what the table of moves says: run ./clearway manage draw_states.")
