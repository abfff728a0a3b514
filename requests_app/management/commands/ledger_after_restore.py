"""After the database was restored from another server's dump: make readers of the ledger see new events again."""

from typing import Any

from django.core.management.base import BaseCommand

from requests_app.ledger_reader import move_behind_this_server


class Command(BaseCommand):
    help = "Run once, as the owner of the tables, after the database was restored from another server's dump."

    def handle(self, *args: Any, **options: Any) -> None:
        moved = move_behind_this_server()
        self.stdout.write(
            f"{moved} events are behind this server's transactions now."
            if moved
            else "The ledger was written by this server: nothing to do."
        )
