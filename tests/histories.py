"""Random histories of cases, as the ledger would tell them, for tests and benches of the segment store.

A town of cases grows by one operation at a time: a case is filed, gets an event now or late, is corrected, closed as
a duplicate and taken back, reopened, moved to another service, reviewed on a branch, or its person is erased.
"""

import random
from dataclasses import dataclass, field

import numpy as np

from analytics.core.segment_rows import History

DAY_US = 86_400_000_000
BEGIN_US = 1_700_000_000_000_000
ACTIVITIES = ("unknown", "submitted", "step", "merged", "unmerged", "resolved", "reopened", "erased", "review", "back")
WORDS = {
    "activity": ACTIVITIES[1:],
    "office": tuple(f"office {n}" for n in range(1, 6)),
    "service": tuple(f"service {n}" for n in range(1, 4)),
    "area": tuple(f"area {n}" for n in range(1, 4)),
    "channel": ("web", "phone"),
}


@dataclass
class Event:
    case: int
    branch: int
    at_us: int
    seq: int
    activity: int
    office: int
    service: int = 0
    area: int = 0
    channel: int = 1
    closed: bool = False
    returned: bool = False
    corrects: int = 0


@dataclass
class Town:
    """Cases and what happened to them; ``taken`` is how many events each had at the last look."""

    chance: random.Random
    events: dict[int, list[Event]] = field(default_factory=dict)
    taken: dict[int, int] = field(default_factory=dict)
    now_us: int = BEGIN_US

    def happen(self) -> None:
        """Let one thing happen to a case; time goes on by up to two days."""
        self.now_us += self.chance.choice([0, 0, 1, self.chance.randrange(2 * DAY_US)])
        if not self.events or self.chance.random() < 0.15:
            self.file()
        else:
            case = self.chance.choice(sorted(self.events))
            self.chance.choice(OPERATIONS)(self, case)

    def file(self) -> None:
        case = len(self.events) + 1
        first = Event(case, 0, self.now_us, 1, 1, self.office(), self.chance.randint(1, 3), self.chance.randint(0, 3))
        self.events[case] = [first]

    def office(self) -> int:
        return self.chance.randint(0, 5)

    def add(self, case: int, activity: int, **facts: object) -> None:
        before = self.events[case]
        known = {"branch": 0, "at_us": self.now_us, "office": before[-1].office, "closed": before[-1].closed}
        self.events[case].append(Event(case, seq=len(before) + 1, activity=activity, **{**known, **facts}))

    def step(self, case: int) -> None:
        self.add(case, 2, office=self.office())

    def late(self, case: int) -> None:
        """Learnt now, happened before others, in another month perhaps."""
        self.add(case, 2, at_us=self.now_us - self.chance.randrange(90 * DAY_US), office=self.office())

    def correct(self, case: int) -> None:
        named = self.chance.choice(self.events[case]).seq
        self.add(case, 2, corrects=named, at_us=self.now_us - self.chance.randrange(40 * DAY_US))

    def correct_wrongly(self, case: int) -> None:
        """Name an event that is none of the case's."""
        self.add(case, 2, corrects=10_000)

    def merge(self, case: int) -> None:
        self.add(case, 3, closed=True)

    def unmerge(self, case: int) -> None:
        self.add(case, 4, closed=False)

    def close(self, case: int) -> None:
        self.add(case, 5, closed=True)

    def reopen(self, case: int) -> None:
        self.add(case, 6, closed=False, office=self.office())

    def recategorize(self, case: int) -> None:
        self.add(case, 2, service=self.chance.randint(1, 3), area=self.chance.randint(0, 3))

    def erase(self, case: int) -> None:
        self.add(case, 7)

    def review(self, case: int) -> None:
        self.add(case, 8, branch=self.chance.randint(1, 2), office=self.office())

    def give_back(self, case: int) -> None:
        self.add(case, 9, branch=self.chance.randint(1, 2), returned=True)

    def look(self) -> tuple[History, np.ndarray]:
        """Every event of the cases that got one since the last look, and which are new."""
        changed = [case for case in sorted(self.events) if len(self.events[case]) > self.taken.get(case, 0)]
        found = history_of([event for case in changed for event in self.events[case]])
        is_new = [event.seq > self.taken.get(case, 0) for case in changed for event in self.events[case]]
        self.taken = {case: len(events) for case, events in self.events.items()}
        return found, np.array(is_new, dtype=np.bool_)

    def everything(self) -> History:
        return history_of([event for case in sorted(self.events) for event in self.events[case]])


OPERATIONS = (
    *[Town.step] * 6, *[Town.late] * 3, Town.correct, Town.correct_wrongly, Town.merge, Town.unmerge, Town.close,
    Town.close, Town.reopen, Town.recategorize, Town.erase, Town.review, Town.give_back,
)  # fmt: skip


def history_of(events: list[Event]) -> History:
    """The events as columns."""
    flags = {"closed", "returned"}
    return History(
        *(
            np.array([getattr(event, name) for event in events], dtype=np.bool_ if name in flags else np.int64)
            for name in History.__slots__
        )
    )
