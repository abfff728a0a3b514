"""The places of a queue's cases: what its map draws."""

from dataclasses import dataclass

from requests_app.permissions import Viewer
from requests_app.reads.queue import QueueFilter, cases, is_late, ordered
from requests_app.states import KIND_OF, Kind, Status

MAP_MOST = 2000


@dataclass(frozen=True, slots=True)
class Dot:
    """One case on the map: longitude and latitude in degrees, WGS84."""

    reference: str
    kind: Kind
    is_late: bool
    lon: float
    lat: float


_DOT = ("reference", "status", "due_at", "paused_at", "location")


def dots(queue: QueueFilter, viewer: Viewer, most: int = MAP_MOST) -> list[Dot]:
    """The places of the first `most` cases of a queue that have one, in the queue's order; one statement."""
    found = ordered(cases(queue, viewer).place_known_to(viewer).exclude(location=None), queue)
    present = queue.jurisdiction.present
    return [
        Dot(reference, KIND_OF[Status(status)], is_late(Status(status), due_at, paused_at or present), point.x, point.y)
        for reference, status, due_at, paused_at, point in found.values_list(*_DOT)[:most]
    ]
