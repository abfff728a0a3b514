"""`load_demo_city`: the invented city of Rivemont, with a year of simulated requests that ends now."""

from argparse import ArgumentParser
from datetime import UTC, datetime

from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from fixtures.city.build import SEED
from fixtures.loading.changes import register_what_changed
from fixtures.loading.demo_city import load_demo_city
from fixtures.loading.teamwork import begin_teamwork
from fixtures.simulate import USUAL_COUNT
from requests_app.clock import now

BAR = 24
FEWEST = 50


class Command(BaseCommand):
    help = "Load the invented city and a simulated year of its requests, once; a second time changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=SEED, help="The same seed gives the same city.")
        parser.add_argument("--requests", type=int, default=USUAL_COUNT, help="About how many requests its year has.")
        parser.add_argument(
            "--now", default="", help="When the year ends, as 2026-05-14T11:30; the present by default."
        )

    def handle(self, *args: object, seed: int, requests: int, **options: object) -> None:
        if requests < FEWEST:
            raise CommandError(_("--requests: a city needs at least %(fewest)s requests.") % {"fewest": FEWEST})
        loaded = load_demo_city(ends_at(str(options["now"])), requests, seed, self.show)
        if loaded.requests == 0:
            self.stderr.write(_("The demo city is loaded already: nothing was changed."))
            return
        if not options["now"]:
            begin_teamwork()
            register_what_changed()
        self.stderr.write(
            _("The demo city is loaded: %(requests)s requests, %(addresses)s addresses.")
            % {"requests": loaded.requests, "addresses": loaded.addresses}
        )

    def show(self, stage: str, share: float) -> None:
        """Draw the bar on a terminal; stay silent elsewhere."""
        if not getattr(self.stderr, "isatty", lambda: False)():
            return
        names = {
            "city": _("drawing the city"),
            "year": _("a year passes"),
            "ground": _("streets"),
            "requests": _("requests"),
        }
        filled = round(BAR * share)
        end = "\n" if share >= 1 else ""
        self.stderr.write(f"\r[{'█' * filled}{'·' * (BAR - filled)}] {share:4.0%} {names[stage]:<20}", ending=end)
        self.stderr.flush()


def ends_at(given: str) -> datetime:
    """The moment the year ends: the one given (UTC when it names no zone), or now; CommandError when unreadable."""
    if not given:
        return now()
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise CommandError(_("--now: give a moment as 2026-05-14T11:30, not “%(given)s”.") % {"given": given}) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
