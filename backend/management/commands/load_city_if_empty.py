"""`load_city_if_empty`: the demo city, unless this database already has a place of its own."""

from django.core.management import CommandError, call_command, get_commands
from django.core.management.base import BaseCommand

from requests_app.models import Jurisdiction


class Command(BaseCommand):
    help = "Load the demo city if the database has no jurisdiction yet."

    def handle(self, *args: object, **options: object) -> None:
        if Jurisdiction.objects.exists():
            self.stderr.write("The database is in use already: the demo city is left out.")
            return
        if "load_demo_city" not in get_commands():
            raise CommandError("The demo city cannot be loaded: the command load_demo_city does not exist.")
        call_command("load_demo_city")
