"""A small world for tests: one jurisdiction with its boundary, wards, offices, services and people.

Plain functions and one frozen value; cases are filed through the real action, so a case of a test
has the ledger it would have in a city. Coordinates are WGS84 degrees. The invented place is a
square of 0.2 degrees: the west ward is its western half, the lake lies in its south-eastern corner.
"""

import itertools
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from django.contrib.auth.hashers import make_password
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.db.models import Model

from requests_app import actions
from requests_app.models import (
    Address,
    Area,
    Jurisdiction,
    MapFeature,
    Membership,
    Neighbour,
    Office,
    Provenance,
    Question,
    Route,
    Service,
    ServiceKind,
    ServiceRequest,
    Stopper,
    User,
    Workflow,
)
from requests_app.permissions import ANONYMOUS, Grant, Publicity, Role, Viewer
from requests_app.workflows.parse import kept
from requests_app.workflows.told import told_steps

WEST, SOUTH, EAST, NORTH = -79.10, 43.90, -78.90, 44.10
IN_THE_WEST = Point(-79.05, 44.00, srid=4326)
IN_THE_EAST = Point(-78.95, 44.05, srid=4326)
IN_THE_LAKE = Point(-78.92, 43.92, srid=4326)
NEXT_DOOR = Point(-78.85, 44.00, srid=4326)
FAR_AWAY = Point(2.35, 48.85, srid=4326)

_numbers = itertools.count(1)
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class World:
    """Everything a scenario needs, by name."""

    jurisdiction: Jurisdiction
    west: Area
    east: Area
    intake: Office
    roads: Office
    parks: Office
    pothole: Service
    """Public; asked at a place; routed to `roads` in the west ward, `parks` in the east."""
    needle: Service
    """Place only: the pin is public, words and photos never are; routed to `roads`."""
    benefit: Service
    """Private, without a place; routed to `intake`."""
    compliment: Service
    """Private feedback; no route of its own, so it falls to `intake`, the fallback office."""
    handler: Viewer
    """A handler of `roads`."""
    other_handler: Viewer
    """A handler of `parks`."""
    intake_handler: Viewer
    manager: Viewer
    evaluator: Viewer
    administrator: Viewer

    def handler_of(self, office_id: int | None) -> Viewer:
        """The handler who works in an office; the manager when nobody holds the case."""
        return {
            self.roads.pk: self.handler,
            self.parks.pk: self.other_handler,
            self.intake.pk: self.intake_handler,
        }.get(office_id or 0, self.manager)


def box(west: float, south: float, east: float, north: float) -> MultiPolygon:
    """A rectangle as a multipolygon."""
    return MultiPolygon(Polygon.from_bbox((west, south, east, north)), srid=4326)


def names(english: str, french: str = "") -> dict[str, str]:
    """A name in both languages."""
    return {"en": english, "fr": french or f"{english} (fr)"}


def jurisdiction(code: str = "", **fields: object) -> Jurisdiction:
    """A live municipality with a boundary and office hours."""
    code = code or f"town-{next(_numbers)}"
    known = {
        "names": names("Testford", "Testville"),
        "reference_prefix": "TF",
        "provenance": Provenance.LIVE,
        "languages": ["en", "fr"],
        "holiday_subdivision": "ON",
        "boundary": box(WEST, SOUTH, EAST, NORTH),
    }
    return Jurisdiction.objects.create(code=code, **{**known, **fields})


def stored(*rows: Row) -> list[Row]:
    """Rows of one table, saved by one statement: a world is built for every second test."""
    return list(type(rows[0])._default_manager.bulk_create(rows))


def office(place: Jurisdiction, code: str, **fields: object) -> Office:
    """An office of a jurisdiction."""
    return stored(_office(place, code, **fields))[0]


def _office(place: Jurisdiction, code: str, **fields: object) -> Office:
    return Office(
        jurisdiction=place, code=code, **{"names": names(f"{code.title()} office", f"Bureau {code}"), **fields}
    )


def service(place: Jurisdiction, code: str, publicity: Publicity = Publicity.PUBLIC, **fields: object) -> Service:
    """A service; public and at a place unless said otherwise."""
    return stored(_service(place, code, publicity, **fields))[0]


def _service(place: Jurisdiction, code: str, publicity: Publicity = Publicity.PUBLIC, **fields: object) -> Service:
    known: dict[str, object] = {
        "names": names(code.title()),
        "group_names": names("Streets", "Rues"),
        "descriptions": names(f"About {code}."),
        "target_hours": 40,
    }
    return Service(jurisdiction=place, code=code, publicity=publicity, **{**known, **fields})


SIMPLE = """
code = "{code}"
names = {{ en = "Simple", fr = "Simple" }}
[[step]]
code = "intake"
names = {{ en = "Intake", fr = "Réception" }}
target = {{ hours = 8 }}
  [[step.move]]
  code = "on"
  names = {{ en = "Go on", fr = "Poursuivre" }}
  to = "work"
  [[step.move]]
  code = "at_once"
  names = {{ en = "Done at once", fr = "Terminer sur-le-champ" }}
  closes = "resolved"
[[step]]
code = "work"
names = {{ en = "Work", fr = "Travaux" }}
target = {{ hours = 32 }}
  [[step.move]]
  code = "back"
  names = {{ en = "Look again", fr = "Revoir" }}
  to = "intake"
  [[step.move]]
  code = "done"
  names = {{ en = "Done", fr = "Terminer" }}
  closes = "resolved"
"""
"""Two steps that whoever has the case does: on or done at once, back or done."""


def workflow(place: Jurisdiction, code: str = "simple", version: int = 1) -> Workflow:
    """A workflow of two steps."""
    source = SIMPLE.format(code=code)
    definition = kept(source)
    assert definition is not None
    return Workflow.objects.create(
        jurisdiction=place,
        code=code,
        version=version,
        names=names("Simple", "Simple"),
        steps=told_steps(definition),
        source=source,
    )


PASSWORD = "a long enough password"


def user(name: str = "", **fields: object) -> User:
    """Somebody who can sign in with `PASSWORD`."""
    return stored(_user(name, **fields))[0]


def _user(name: str = "", **fields: object) -> User:
    username = name or f"user-{next(_numbers)}"
    known = {"display_name": username.replace("-", " ").title(), "password": make_password(PASSWORD)}
    return User(username=username, **{**known, **fields})


def member(role: Role, place: Jurisdiction | None, office: Office | None = None, name: str = "") -> Viewer:
    """A new user with one membership, as the viewer they are."""
    return _members((role, place, office, name))[0]


def _members(*wanted: tuple[Role, Jurisdiction | None, Office | None, str]) -> list[Viewer]:
    people = stored(*(_user(name or f"{role.value}-{next(_numbers)}") for role, _, _, name in wanted))
    memberships = stored(
        *(
            Membership(user=person, role=role, jurisdiction=place, office=office)
            for person, (role, place, office, _) in zip(people, wanted, strict=True)
        )
    )
    return [viewer_of(person, row.as_grant()) for person, row in zip(people, memberships, strict=True)]


def viewer_of(person: User, *grants: Grant) -> Viewer:
    """The viewer of a user with grants."""
    return Viewer(user_id=person.pk, grants=grants)


def citizen(request: ServiceRequest) -> Viewer:
    """The citizen who holds the tracking link of a case."""
    return Viewer(tracked_request_ids=frozenset({request.pk}))


def world(code: str = "", **fields: object) -> World:
    """One whole jurisdiction: see `World` for what is where."""
    place = jurisdiction(code, **fields)
    middle = (WEST + EAST) / 2
    west, east = stored(_ward(place, "1", WEST, middle), _ward(place, "2", middle, EAST))
    _surroundings(place)
    intake, roads, parks = stored(
        _office(place, "intake", is_fallback=True), _office(place, "roads"), _office(place, "parks")
    )
    services = _services(place)
    _routes(services, west, east, intake, roads, parks)
    handler, other_handler, intake_handler, manager, evaluator, administrator = _members(
        (Role.HANDLER, place, roads, ""),
        (Role.HANDLER, place, parks, ""),
        (Role.HANDLER, place, intake, ""),
        (Role.MANAGER, place, None, ""),
        (Role.EVALUATOR, place, None, ""),
        (Role.ADMINISTRATOR, place, None, ""),
    )
    return World(
        jurisdiction=place,
        west=west,
        east=east,
        intake=intake,
        roads=roads,
        parks=parks,
        **services,
        handler=handler,
        other_handler=other_handler,
        intake_handler=intake_handler,
        manager=manager,
        evaluator=evaluator,
        administrator=administrator,
    )


def _ward(place: Jurisdiction, code: str, west: float, east: float) -> Area:
    geometry = box(west, SOUTH, east, NORTH)
    return Area(
        jurisdiction=place, kind="ward", code=code, names=names(f"Ward {code}", f"Quartier {code}"), geometry=geometry
    )


def _surroundings(place: Jurisdiction) -> None:
    Neighbour.objects.create(
        jurisdiction=place,
        code="next-door",
        names=names("Nextville", "Voisinville"),
        geometry=box(EAST, SOUTH, EAST + 0.2, NORTH),
        phone="905-555-0100",
        url="https://nextville.example/",
    )
    MapFeature.objects.create(
        jurisdiction=place,
        kind="lake",
        code="lake",
        names=names("Test Lake", "Lac Test"),
        geometry=box(-78.94, SOUTH, EAST, 43.94),
    )
    stored(
        Address(jurisdiction=place, label="1 King Street", search_text="1 king street", point=IN_THE_WEST),
        Address(jurisdiction=place, label="2 Queen Street", search_text="2 queen street", point=IN_THE_EAST),
    )


def _services(place: Jurisdiction) -> dict[str, Service]:
    simple = workflow(place)
    pothole = _service(place, "pothole", names=names("Pothole", "Nid-de-poule"), workflow=simple)
    needle = _service(
        place, "needle", Publicity.PLACE_ONLY, names=names("Needle found", "Seringue trouvée"), workflow=simple
    )
    benefit = _service(
        place,
        "benefit",
        Publicity.PRIVATE,
        names=names("Heating benefit", "Aide au chauffage"),
        kind=ServiceKind.APPLICATION,
        needs_place=False,
        workflow=simple,
    )
    compliment = _service(
        place,
        "compliment",
        Publicity.PRIVATE,
        names=names("Thank you", "Merci"),
        kind=ServiceKind.FEEDBACK,
        needs_place=False,
        takes_photo=False,
        target_hours=None,
    )
    stored(pothole, needle, benefit, compliment)
    _questions(pothole, benefit)
    return {"pothole": pothole, "needle": needle, "benefit": benefit, "compliment": compliment}


def _questions(pothole: Service, benefit: Service) -> None:
    size = Question(
        service=pothole,
        code="size",
        names=names("How big is it?", "Quelle est sa taille ?"),
        datatype=Question.Datatype.CHOICE,
        choices=[{"key": "small", "names": names("Small", "Petit")}, {"key": "big", "names": names("Big", "Grand")}],
        position=1,
    )
    birth = Question(
        service=benefit,
        code="birth",
        names=names("When were you born?", "Quand êtes-vous né ?"),
        datatype=Question.Datatype.DATE,
        is_required=True,
        is_personal=True,
        position=1,
    )
    rooms = Question(
        service=benefit,
        code="rooms",
        names=names("How many rooms do you heat?", "Combien de pièces chauffez-vous ?"),
        datatype=Question.Datatype.NUMBER,
        position=2,
    )
    stored(size, birth, rooms)
    Stopper.objects.create(
        service=pothole,
        names=names("Is there a wire on the ground?", "Y a-t-il un fil au sol ?"),
        advice=names("Stay ten metres away and call.", "Restez à dix mètres et appelez."),
        organisation_names=names("Test Hydro", "Hydro Test"),
        phone="905-555-0111",
        url="https://hydro.example/",
    )


def _routes(services: Mapping[str, Service], west: Area, east: Area, *offices: Office) -> None:
    intake, roads, parks = offices
    stored(
        Route(service=services["pothole"], area=west, office=roads),
        Route(service=services["pothole"], area=east, office=parks),
        Route(service=services["needle"], area=None, office=roads),
        Route(service=services["benefit"], area=None, office=intake),
    )


REQUIRED_ANSWERS = {"benefit": {"birth": "1980-05-31"}}


def submission(of: Service, **fields: object) -> actions.Submission:
    """A valid submission for a service of the `world`; every field may be replaced."""
    filled = actions.Submission(
        service_id=of.pk,
        words="There is something here that needs work.",
        submission_key=secrets.token_hex(12),
        location=IN_THE_WEST if of.needs_place else None,
        answers=REQUIRED_ANSWERS.get(of.code, {}),
    )
    return replace(filled, **fields)  # type: ignore[arg-type]


def file_request(of: Service, *, viewer: Viewer = ANONYMOUS, **fields: object) -> ServiceRequest:
    """File a case through the real action and return it."""
    return actions.submit(submission(of, **fields), viewer=viewer).request


def command(request: ServiceRequest, viewer: Viewer, **fields: object) -> actions.Command:
    """A command on a case by somebody who saw its present version."""
    version = ServiceRequest.objects.values_list("version", flat=True).get(pk=request.pk)
    return actions.Command(**{"request_id": request.pk, "viewer": viewer, "version": version, **fields})  # type: ignore[arg-type]
