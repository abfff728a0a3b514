"""Random operations on the requests of a world through the real actions, while time goes on, for the segment store."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from requests_app import actions
from requests_app.actions.errors import ActionError
from requests_app.clock import frozen_at
from requests_app.states import ON_A_BRANCH, Status, legal_activities
from tests import factories
from tests.factories import World
from tests.scenarios import ACTS, Play, act

BEGIN = datetime(2026, 1, 5, 14, 0, tzinfo=UTC)


@dataclass
class Walk:
    """Cases that are filed and acted on, one operation at a time; what the rules refuse simply does not happen."""

    world: World
    chance: random.Random
    plays: list[Play] = field(default_factory=list)
    now: datetime = BEGIN

    def step(self) -> None:
        """Let one thing happen, up to three days after the last."""
        self.now += timedelta(seconds=self.chance.choice([0, 1, self.chance.randrange(3 * 86_400)]))
        with frozen_at(self.now):
            if not self.plays or self.chance.random() < 0.12:
                service = self.chance.choice([self.world.pothole, self.world.needle, self.world.benefit])
                self.plays.append(Play.begin(self.world, service))
            else:
                self.operate(self.chance.choice(self.plays))

    def operate(self, play: Play) -> None:
        play.request.refresh_from_db()
        try:
            self.chance.choice(self.ways(play))(play)
        except ActionError:
            return

    def ways(self, play: Play) -> list[Callable[[Play], object]]:
        """What may be tried: every legal activity, what is told late, and taking a merge back."""
        legal = [a for a in legal_activities(Status(play.request.status)) if a in ACTS and a not in ON_A_BRANCH]
        tried: list[Callable[[Play], object]] = [lambda p, a=a: act(p, a) for a in legal]
        tried += [lambda p, a=a: act(p, a) for a in sorted(ON_A_BRANCH)]
        tried += [self.tell_late] * 3
        if play.request.merged_into_id:
            tried += [lambda p: p.do(actions.unmerge, viewer=p.world.manager)] * 3
        return tried

    def tell_late(self, play: Play) -> None:
        """A note of something seen any time since the case was filed."""
        seen = play.request.submitted_at + (self.now - play.request.submitted_at) * self.chance.random()
        command = factories.command(play.request, play.world.manager, occurred_at=seen)
        actions.note(command, body="Seen on the way.")


def begun(seed: int) -> Walk:
    """A walk in a new world."""
    with frozen_at(BEGIN):
        return Walk(factories.world(), random.Random(seed))
