"""A city with a hundred thousand cases: a thousand written by the bulk action, each then repeated at other times."""

import random
import time
from datetime import datetime, timedelta

from django.db import connection

from requests_app.actions._draft import Draft, Text
from requests_app.actions.bulk import BulkCase, BulkEvent, write_cases
from requests_app.actions.usual import keep_long
from requests_app.clock import now
from requests_app.models import Office, OfficeTime, Service, Words
from requests_app.states import Activity, Actor, Outcome
from tests import factories
from tests.factories import World

SEEDS = 1_000
OPEN_SHARE = 0.6
"""So many are open: a list of the open ones has a page 500 of a hundred rows."""

TABLES = {
    "requests_app_servicerequest": "id",
    "requests_app_words": "request_id",
    "requests_app_hold": "request_id",
    "requests_app_requestevent": "request_id",
}
MOMENTS = ("timestamp with time zone",)
OWN = {"id", "reference", "request_id", "words_id", "xact", "submission_key_hash", "source_reference"}
APART = 1_000_000
"""Between the ids of one repetition and the next."""


def crowded_city(many: int) -> World:
    """The world of the tests with more offices and `many` cases over three years."""
    world = factories.world("crowded", is_default=True)
    offices = [world.intake, world.roads, world.parks]
    offices += [factories.office(world.jurisdiction, f"district-{n}") for n in range(9)]
    rng = random.Random(311)
    seeds = min(SEEDS, many)
    write_cases(world.jurisdiction.pk, [_case(world, offices, rng, n) for n in range(seeds)], check_moves=True)
    _repeat(many // seeds - 1)
    _know_what_is_usual(offices, rng)
    return world


def _know_what_is_usual(offices: list[Office], rng: random.Random) -> None:
    """How long nine in ten stays last, for each service at each office: what the desk marks and sorts by."""
    OfficeTime.objects.bulk_create(
        OfficeTime(
            office=office, service=service, nine_in_ten=timedelta(days=rng.randrange(5, 900)), of=100, measured_at=now()
        )
        for office in offices
        for service in Service.objects.filter(jurisdiction=office.jurisdiction)
    )
    keep_long(offices[0].jurisdiction_id)
    for _try in range(20):
        if _vacuumed():
            return
        time.sleep(1)
    raise RuntimeError("Another session of this server keeps old rows: the table cannot be vacuumed as it usually is.")


def _vacuumed() -> bool:
    """Leave the tables as autovacuum does, and whether it could: whoever reads sees nearly every page as it is."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE requests_app_officetime, requests_app_servicerequest")
        cursor.execute(
            "SELECT relallvisible > 0.95 * relpages FROM pg_class WHERE relname = 'requests_app_servicerequest'"
        )
        return bool(cursor.fetchone()[0])


def _case(world: World, offices: list[Office], rng: random.Random, number: int) -> BulkCase:
    service = rng.choice([world.pothole, world.pothole, world.needle, world.benefit, world.compliment])
    office, handlers = rng.choice(offices), [world.handler.user_id, world.other_handler.user_id, None]
    filed = now() - timedelta(minutes=rng.randrange(60, 525_600))
    words = Text(Words.Kind.DESCRIPTION, "There is a large hole in the road beside the school, and cars swerve.")
    area = rng.choice([world.west, world.east]) if service.needs_place else None
    steps: list[Draft] = [
        Draft(Activity.SUBMITTED, service_id=service.pk, area_id=area.pk if area else None, text=words,
              priority=rng.choices([0, 1, 2], [90, 8, 2])[0]),
        Draft(Activity.ROUTED, office_id=office.pk),
    ]  # fmt: skip
    share = rng.random()
    if share > 0.1:
        steps.append(Draft(Activity.ACCEPTED, handler_id=rng.choice(handlers)))
    if share > 0.3:
        steps.append(Draft(Activity.STARTED))
    if share > OPEN_SHARE:
        steps.append(Draft(Activity.RESOLVED, outcome=Outcome.RESOLVED))
    pin = (-79.09 + 0.18 * rng.random(), 43.95 + 0.14 * rng.random()) if area else None
    return BulkCase(
        reference=f"TF-S{number:05d}",
        events=_timed(steps, filed, rng),
        location=pin,
        address_label=f"{rng.randrange(1, 900)} King Street" if pin else "",
        channel=rng.choice(["web", "phone", "counter"]),
        due_at=filed + timedelta(days=rng.randrange(2, 400)) if service.target_hours else None,
    )


def _timed(steps: list[Draft], filed: datetime, rng: random.Random) -> list[BulkEvent]:
    at, events = filed, []
    for number, step in enumerate(steps):
        events.append(BulkEvent(step, at, Actor.HANDLER if number else Actor.CITIZEN))
        at += timedelta(minutes=rng.randrange(1, 40))
    return events


def _repeat(times: int) -> None:
    """Write every row again `times` times with other ids, each repetition a few hours later than the one before."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
                " AND is_generated = 'NEVER' AND column_name NOT IN ('xact') ORDER BY ordinal_position",
                [table],
            )
            columns = cursor.fetchall()
            names = ", ".join(f'"{name}"' for name, _kind in columns)
            made = ", ".join(_again(name, kind) for name, kind in columns)
            cursor.execute(
                f'INSERT INTO "{table}" ({names}) SELECT {made} FROM "{table}" o, generate_series(1, %s) AS k', [times]
            )
    connection.commit()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _again(name: str, kind: str) -> str:
    if name in ("id", "request_id", "words_id"):
        return f'o."{name}" + k * {APART}'
    if name == "reference":
        return "'TF-' || k || substr(o.reference, 4)"
    if kind in MOMENTS:
        return f"""o."{name}" - k * interval '5 hours 7 minutes'"""
    return f'o."{name}"'
