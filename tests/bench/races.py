"""Four who act on what they saw, at the same moment: exactly one may win, every time."""

import time
from collections.abc import Iterator
from functools import partial

from requests_app import actions
from requests_app.models import RequestEvent
from tests import factories
from tests.bench.rows import Row
from tests.races import losers, race, winners
from tests.scenarios import Play


def measure(quick: bool) -> Iterator[Row]:
    times = 20 if quick else 200
    world = factories.world()
    wrong, began = 0, time.monotonic()
    for _ in range(times):
        wrong += not _one_wins(world)
    yield Row("races", f"of {times} races of four, those without exactly one winner", wrong, "races", goal=0)
    yield Row("races", "time of a race, its filing included", 1000 * (time.monotonic() - began) / times, "ms")


def _one_wins(world: factories.World) -> bool:
    play = Play.begin(world)
    seen = factories.command(play.request, world.handler)
    results = race(
        partial(actions.accept, seen),
        partial(actions.accept, seen),
        partial(actions.bounce, seen, reason="wrong_office"),
        partial(actions.close, seen, outcome="resolved"),
    )
    told = all(isinstance(refusal, actions.Conflict) and refusal.version == 3 for refusal in losers(results))
    written = RequestEvent.objects.filter(request=play.request).count()
    return len(winners(results)) == 1 and len(losers(results)) == 3 and told and written == 3
