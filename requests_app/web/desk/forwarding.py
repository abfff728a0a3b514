"""What the form chooses from by which a case is sent on from the wrong office."""

from requests_app.labels import REASON
from requests_app.states import FORWARD_REASONS
from requests_app.web.desk import said
from requests_app.web.desk.move_parts import Field, Option, Scene, Words


def misrouted(_scene: Scene) -> list[Option]:
    """Why it is the wrong office."""
    return [(code, REASON[code]) for code in FORWARD_REASONS]


def right_office(words: Words) -> Field:
    """Every office but this one and the one that sent it here: to that it is sent back."""
    return Field("office", words, "select", _others)


def _others(scene: Scene) -> list[Option]:
    not_there = (scene.case.office_id, said.sender_of(scene))
    return [(str(office.pk), office.name) for office in scene.known.offices if office.pk not in not_there]
