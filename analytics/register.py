"""The register of changes: rows are added and read here, and never altered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection, transaction

from analytics.loading import Jurisdiction
from analytics.models import Intervention
from requests_app.clock import now


@dataclass(frozen=True, slots=True)
class Draft:
    """A change as it is to be registered. Codes of offices and services are those of the place."""

    what: str
    kind: str
    offices: tuple[str, ...]
    comparison: tuple[str, ...]
    happens_on: date
    weeks_after: int
    weeks_before: int = 52
    services: tuple[str, ...] = field(default=())
    expected_percent: int | None = None
    measure: str = Intervention.Measure.HELD
    note: str = ""


class Overtaken(Exception):
    """Somebody registered a later version of the change meanwhile."""

    def __init__(self, latest: Intervention) -> None:
        super().__init__(str(latest))
        self.latest = latest


def register_change(place: Jurisdiction, draft: Draft, user_id: int) -> Intervention:
    """Add a change to the register of a place, under its next number."""
    with transaction.atomic():
        _one_at_a_time(place)
        last = Intervention.objects.filter(jurisdiction=place).order_by("-number").first()
        return _added(place, draft, user_id, last.number + 1 if last else 1, 1)


def register_version(place: Jurisdiction, number: int, seen: int, draft: Draft, user_id: int) -> Intervention:
    """Add another version beside those there are. Raises ``Overtaken`` when version ``seen`` is not the last."""
    with transaction.atomic():
        _one_at_a_time(place)
        latest = versions_of(place, number)[-1]
        if latest.version != seen:
            raise Overtaken(latest)
        return _added(place, draft, user_id, number, seen + 1)


def _one_at_a_time(place: Jurisdiction) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('register of changes'), %s)", [place.pk])


def _added(place: Jurisdiction, draft: Draft, user_id: int, number: int, version: int) -> Intervention:
    facts: dict[str, Any] = {name: getattr(draft, name) for name in draft.__dataclass_fields__}
    listed = {name: list(facts[name]) for name in ("offices", "comparison", "services")}
    return Intervention.objects.create(
        **{**facts, **listed},
        jurisdiction=place,
        number=number,
        version=version,
        registered_by_id=user_id,
        registered_at=now(),
    )


def changes_of(place: Jurisdiction) -> list[Intervention]:
    """Return every version of every change of a place, in one query, in the order they were registered."""
    rows = Intervention.objects.filter(jurisdiction=place).select_related("registered_by", "jurisdiction")
    return list(rows.defer("jurisdiction__boundary").order_by("number", "version"))


def by_number(changes: Iterable[Intervention]) -> list[list[Intervention]]:
    """Put the versions of each change together, the first one first; the change that counts latest comes first."""
    found: dict[int, list[Intervention]] = {}
    for one in sorted(changes, key=lambda one: one.version):
        found.setdefault(one.number, []).append(one)
    return sorted(found.values(), key=lambda some: (judged(some).happens_on, some[0].number), reverse=True)


def versions_of(place: Jurisdiction, number: int) -> list[Intervention]:
    """Return the versions of one change, the first one first; empty when there is no such change."""
    return [one for one in changes_of(place) if one.number == number]


def judged(versions: list[Intervention]) -> Intervention:
    """Return the version that counts: the last one registered before its date, else the last one."""
    return next((one for one in reversed(versions) if one.is_prespecified), versions[-1])
