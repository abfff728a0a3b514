"""A small invented town whose figures are known: three permits and two potholes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.test import Client

from requests_app.actions._draft import Draft
from requests_app.actions.bulk import BulkCase, BulkEvent, write_cases
from requests_app.models import Area, Jurisdiction, MapFeature, Membership, Office, Service, User
from requests_app.permissions import Role
from requests_app.states import Activity, Outcome

START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
PRESENT = START + timedelta(days=30)


@dataclass
class Town:
    place: Jurisdiction
    offices: dict[str, Office]
    services: dict[str, Service]
    areas: dict[str, Area]

    def evaluator(self, **narrowed: object) -> User:
        user = User.objects.create_user(f"evaluator-{User.objects.count()}", "a long password")
        Membership.objects.create(user=user, role=Role.EVALUATOR, jurisdiction=self.place, **narrowed)
        return user

    def browser(self, **narrowed: object) -> Client:
        """A browser in which an evaluator is signed in."""
        client = Client()
        client.force_login(self.evaluator(**narrowed))
        return client


def square(west: float, south: float, size: float = 0.1) -> MultiPolygon:
    return MultiPolygon(Polygon.from_bbox((west, south, west + size, south + size)))


def build_town(code: str = "permit-town", **settings: object) -> Town:
    names = {"en": "Permit Town", "fr": "Ville-des-Permis"}
    place = Jurisdiction.objects.create(code=code, names=names, boundary=square(-75.8, 45.3, 0.2), **settings)
    offices = {
        key: Office.objects.create(jurisdiction=place, code=key, names={"en": en, "fr": fr})
        for key, en, fr in (
            ("intake", "Intake desk", "Comptoir d’accueil"),
            ("review", "Plan review", "Examen des plans"),
            ("roads", "Roads", "Voirie"),
        )
    }
    services = {
        key: Service.objects.create(jurisdiction=place, code=key, names={"en": en, "fr": fr}, publicity=publicity)
        for key, en, fr, publicity in (
            ("permit", "Building permit", "Permis de construire", "private"),
            ("pothole", "Pothole", "Nid-de-poule", "public"),
        )
    }
    areas = {
        key: Area.objects.create(jurisdiction=place, code=key, names={"en": en, "fr": fr}, geometry=square(west, 45.3))
        for key, en, fr, west in (("east", "East", "Est", -75.7), ("west", "West", "Ouest", -75.8))
    }
    MapFeature.objects.create(
        jurisdiction=place, kind="lake", code="lake", names={"en": "Lake"}, geometry=square(-75.72, 45.32, 0.02)
    )
    return Town(place, offices, services, areas)


def days(number: float) -> datetime:
    return START + timedelta(days=number)


def case(
    town: Town, reference: str, service: str, area: str | None, steps: list[tuple[float, str, str | None]]
) -> BulkCase:
    """steps: (day, activity, office or outcome code)."""
    events = []
    for day, activity, named in steps:
        kind = Activity(activity)
        events.append(
            BulkEvent(
                Draft(
                    kind,
                    office_id=town.offices[named].pk if named in town.offices else None,
                    outcome=Outcome(named) if kind is Activity.RESOLVED and named else None,
                    service_id=town.services[service].pk if kind is Activity.SUBMITTED else None,
                    area_id=town.areas[area].pk if area and kind is Activity.SUBMITTED else None,
                ),
                days(day),
            )
        )
    return BulkCase(reference, events)


def permits(town: Town) -> list[BulkCase]:
    """Permit 1: intake 2 d, review 5 d. Permit 2: intake 1 d, review 1 d, back to intake 3 d. Permit 3: intake 4 d, at
    review since day 6, not accepted. Pothole 4: roads 3 d. Pothole 5: a duplicate, closed at once."""
    return [
        case(town, "PT-1", "permit", "east", [
            (0, "submitted", None), (0, "routed", "intake"), (0.5, "accepted", None), (1, "started", None),
            (2, "handed_off", "review"), (4, "accepted", None), (5, "started", None), (7, "resolved", "resolved"),
        ]),
        case(town, "PT-2", "permit", "west", [
            (0, "submitted", None), (0, "routed", "intake"), (0.5, "accepted", None),
            (1, "handed_off", "review"), (1.5, "accepted", None), (2, "handed_off", "intake"),
            (3, "accepted", None), (3, "started", None), (5, "resolved", "no_action_needed"),
        ]),
        case(town, "PT-3", "permit", "east", [
            (2, "submitted", None), (2, "routed", "intake"), (3, "accepted", None), (6, "handed_off", "review"),
        ]),
        case(town, "PT-4", "pothole", "west", [
            (3, "submitted", None), (3, "routed", "roads"), (3.5, "accepted", None), (6, "resolved", "resolved"),
        ]),
        case(town, "PT-5", "pothole", None, [
            (4, "submitted", None), (4, "routed", "roads"), (4, "resolved", "duplicate"),
        ]),
    ]  # fmt: skip


def write_permits(town: Town) -> None:
    write_cases(town.place.pk, permits(town), check_moves=True)


def potholes(
    town: Town,
    count: int,
    took: float,
    *,
    name: str = "P",
    area: str = "west",
    service: str = "pothole",
    first_day: float = 0.0,
    apart: float = 1.0,
) -> None:
    """Write cases that the roads office took so many days for, give and take: 0 to 0.6 more, in turn."""
    cases = []
    for n in range(count):
        filed = first_day + n * apart
        steps = [(filed, "submitted", None), (filed, "routed", "roads"), (filed + 0.1, "accepted", None)]
        ended = (filed + took + n % 7 / 10, "resolved", "resolved")
        cases.append(case(town, f"{town.place.code}-{name}-{n}", service, area, [*steps, ended]))
    write_cases(town.place.pk, cases, check_moves=True)


def alike(town: Town, number: int, office: str, service: str = "pothole", lasting: float = 1.0) -> BulkCase:
    """A case of one office for one to three days, or so many times as long, whatever the office."""
    day = number / 3
    until = day + lasting * (1 + number % 7 / 3)
    steps = [(day, "submitted", None), (day, "routed", office), (day + 0.1, "accepted", None)]
    more = [(day + 0.8 * lasting, "started", None), (until, "resolved", "resolved")]
    return case(town, f"{town.place.code}-AL-{number}", service, "west", [*steps, *more])


def uneven(town: Town) -> list[BulkCase]:
    """Three offices that do the same work over twenty weeks, one of them eight times as long as the others."""
    long = {"intake": 1.0, "review": 8.0, "roads": 1.0}
    return [alike(town, n, office, lasting=long[office]) for n in range(450) if (office := list(long)[n % 3])]
