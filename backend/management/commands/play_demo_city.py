"""`play_demo_city`: the invented city goes on living, a few events a minute, through the real actions."""

import random
import signal
import threading
from argparse import ArgumentParser

from django.conf import settings
from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from fixtures.city.build import SEED, build_city
from fixtures.loading.ground import CODE
from fixtures.play import Player
from fixtures.reference.read import read_reference
from requests_app.models import Jurisdiction, Provenance

PER_MINUTE = 5.0
FASTEST = 600.0


class Command(BaseCommand):
    help = "Play the invented city on: new requests, work of the offices, replies and ratings. Stops on SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--per-minute", type=float, default=PER_MINUTE, help="About how many events a minute.")
        parser.add_argument("--events", type=int, default=0, help="Stop after so many events; 0 goes on.")
        parser.add_argument("--seed", type=int, default=SEED, help="The seed the city was loaded with.")

    def handle(self, *args: object, per_minute: float, events: int, seed: int, **options: object) -> None:
        if not 0 < per_minute <= FASTEST:
            raise CommandError(_("--per-minute: give a number above 0, at most %(most)s.") % {"most": FASTEST})
        place = invented_city()
        stop = threading.Event()
        for asked in (signal.SIGTERM, signal.SIGINT):
            signal.signal(asked, lambda *_: stop.set())
        player = Player(place, build_city(seed), read_reference(), random.Random())  # noqa: S311 (play, not secrets)
        self.play(player, stop, per_minute, events)

    def play(self, player: Player, stop: threading.Event, per_minute: float, events: int) -> None:
        """Play until told to stop, or until so many events have happened."""
        chance = random.Random()  # noqa: S311 (pauses, not secrets)
        done = 0
        while not stop.wait(chance.expovariate(per_minute / 60)):
            played = player.play()
            if played is None:
                continue
            done += 1
            if self.verbosity > 1:
                self.stderr.write(f"{played.turn} {played.reference}")
            if events and done >= events:
                return

    def execute(self, *args: object, **options: object) -> str | None:
        """Keep how much to say before the work begins."""
        self.verbosity = int(str(options.get("verbosity", 1)))
        return super().execute(*args, **options)


def invented_city() -> Jurisdiction:
    """The demo city; CommandError in production or where there is none."""
    if settings.PRODUCTION:
        raise CommandError(_("Simulated activity is refused in production (CLEARWAY_PRODUCTION is on)."))
    place = Jurisdiction.objects.filter(code=CODE, provenance=Provenance.INVENTED).first()
    if place is None:
        raise CommandError(_("There is no demo city to play in. Load it first: ./clearway manage load_demo_city."))
    return place
