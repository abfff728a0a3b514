"""How much somebody may still ask for: counted in the database, under hashes that tell nobody. See docs/adr/0006.

Every process of every server counts in the same rows, so a limit is one limit. One statement takes a slot or does not:
of two processes that want the last one, one gets it.
"""

import hashlib
import hmac
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import connection
from django.db.models import F

from requests_app.clock import now
from requests_app.models import RateWindow

BLOCKS = 20
"""Of a limit on reads a process takes a twentieth at a time: one statement serves many reads."""
MOST_KEPT = 20_000
"""How many askers a process keeps blocks for; past it they are forgotten, and what was left in them is lost."""

NONE_LEFT = -1


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a window of a limit: under which hash it is counted, how many there are, when it ends."""

    limit: str
    key: str
    most: int
    ends_at: datetime

    @property
    def block(self) -> int:
        """How many places a process takes at a time where it takes them ahead."""
        return max(1, self.most // BLOCKS)


def slot(limit: str, who: str) -> Slot | None:
    """Where somebody counts against a limit just now; None where that limit is off."""
    rate = settings.RATES[limit]
    if rate is None:
        return None
    window = int(now().timestamp()) // rate.seconds
    ends_at = datetime.fromtimestamp((window + 1) * rate.seconds, UTC)
    message = f"rate:{limit}:{window}:{rate.seconds}:{who}"
    key = hmac.new(settings.LINK_KEYS[0].encode(), message.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
    return Slot(limit, key, rate.most, ends_at)


def take(slots: Sequence[Slot], *, ahead: bool = False) -> bool:
    """Take one place (or a block of them, ahead) of each; whether each had one.

    Where one of several has none left, what was taken of the others is given back: a closed account uses up nothing of
    its network. One statement, two then.
    """
    ordered = sorted(slots, key=lambda one: one.key)  # in one order, so that two never wait for each other
    sizes = {one.key: one.block if ahead else 1 for one in ordered}
    values = [value for one in ordered for value in (one.key, one.ends_at, one.most - sizes[one.key])]
    size = max(sizes.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {RateWindow._meta.db_table} AS held (key, ends_at, spare)
            VALUES {", ".join(["(%s, %s, %s)"] * len(ordered))}
            ON CONFLICT (key) DO UPDATE SET spare = held.spare - %s WHERE held.spare >= %s
            RETURNING key""",  # noqa: S608 (a name of ours and placeholders)
            [*values, size, size],
        )
        keys = {key for (key,) in cursor.fetchall()}
    if 0 < len(keys) < len(ordered):
        give_back([one for one in ordered if one.key in keys], size)
    return len(keys) == len(ordered)


def give_back(slots: Sequence[Slot], size: int = 1) -> None:
    """Give back a place of each (or so many): what was done does not count after all."""
    RateWindow.objects.filter(key__in=[one.key for one in slots]).update(spare=F("spare") + size)


class Ahead:
    """The blocks of one process, taken ahead of reads; and who was refused, so that a flood costs no statement."""

    def __init__(self) -> None:
        self._left: dict[str, int] = {}
        self._lock = threading.Lock()

    def take(self, one: Slot) -> bool:
        """Take one place, from the block or from a new one; whether there was one."""
        with self._lock:
            left = self._left.get(one.key, 0)
            if left > 0:
                self._left[one.key] = left - 1
        if left:
            return left > 0
        block = one.block if take([one], ahead=True) else 0
        with self._lock:
            if len(self._left) >= MOST_KEPT:
                self._left.clear()
            left = max(self._left.get(one.key, 0), 0) + block
            self._left[one.key] = left - 1 if left else NONE_LEFT
        return left > 0

    def forget(self) -> None:
        """Forget everything; what was left in the blocks is lost."""
        with self._lock:
            self._left.clear()


AHEAD = Ahead()
"""This process's blocks."""


def forget_past_windows() -> int:
    """Remove the rows of windows that have ended; how many went."""
    return RateWindow.objects.filter(ends_at__lte=now()).delete()[0]
