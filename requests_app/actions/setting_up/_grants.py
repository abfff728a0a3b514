"""The roles of one person in a place: from the rows of a form to memberships that can be kept, or sentences."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from requests_app.actions.errors import Sentence
from requests_app.actions.setting_up._checks import Problems, day, one_of
from requests_app.actions.setting_up._lookup import by_code
from requests_app.models import Area, Jurisdiction, Membership, Office, Service
from requests_app.permissions import Grant, Role
from requests_app.reads.setting_up import area_key
from requests_app.text.normalise import is_text

GRANT_LABELS: dict[str, Sentence] = {
    "role": _("Role"),
    "office": pgettext_lazy("membership", "Office"),
    "service": _("Only this service"),
    "area": _("Only this area"),
    "starts_on": pgettext_lazy("membership", "From"),
    "ends_on": _("Until and with"),
}
MOST_GRANTS = 40


@dataclass(frozen=True, slots=True)
class Wanted:
    """One membership as it is to be."""

    role: Role
    office: Office | None
    service: Service | None
    area: Area | None
    starts_on: date | None
    ends_on: date | None

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from another."""
        narrowed = (row.pk if row else None for row in (self.office, self.service, self.area))
        return (self.role.value, *narrowed, self.starts_on, self.ends_on)

    def is_in_force(self, on: date) -> bool:
        """Whether it holds on a day."""
        return (self.starts_on or on) <= on <= (self.ends_on or on)

    def grant(self, place: Jurisdiction) -> Grant:
        """The plain fact that permissions work with."""
        narrowed = (row.pk if row else None for row in (self.office, self.service, self.area))
        return Grant(self.role, place.pk, *narrowed)

    def meets(self, other: "Wanted") -> bool:
        """Whether two say the same for a day they share."""
        same = self.key[:4] == other.key[:4]
        first = max(self.starts_on or date.min, other.starts_on or date.min)
        return same and first <= min(self.ends_on or date.max, other.ends_on or date.max)


def wanted_of(row: Membership) -> Wanted:
    """A membership as the form has it."""
    return Wanted(Role(row.role), row.office, row.service, row.area, row.starts_on, row.ends_on)


def grant_document(row: Wanted) -> dict[str, str]:
    """A membership as plain data: codes and days, nobody's name."""
    return {
        "role": row.role.value,
        "office": row.office.code if row.office else "",
        "service": row.service.code if row.service else "",
        "area": area_key(row.area) if row.area else "",
        "starts_on": row.starts_on.isoformat() if row.starts_on else "",
        "ends_on": row.ends_on.isoformat() if row.ends_on else "",
    }


def checked_grants(
    problems: Problems, place: Jurisdiction, rows: Sequence[Mapping[str, Any]], held: Collection[int] = ()
) -> list[Wanted]:
    """The memberships that rows ask for; what is wrong with each by its field. `held` are areas they are limited to."""
    wanted: list[Wanted] = []
    if len(rows) > MOST_GRANTS:
        told = _("%(field)s: one person has at most %(most)s of them. Take some out.")
        problems.say("grants", told, _("Roles"), most=MOST_GRANTS)
        return wanted
    for number, row in enumerate(rows):
        one = _checked(problems, place, row, f"grants-{number}-")
        if one is None:
            continue
        if one.area is not None and one.area.pk not in held:
            _refuse_empty(problems, place, one.area, f"grants-{number}-area")
        if any(one.meets(other) for other in wanted):
            told = _("%(field)s: the same role stands here twice for the same days. Take one of them out.")
            problems.say(f"grants-{number}-role", told, GRANT_LABELS["role"])
        wanted.append(one)
    return wanted


def _checked(problems: Problems, place: Jurisdiction, row: Mapping[str, Any], before: str) -> Wanted | None:
    role = one_of(problems, f"{before}role", GRANT_LABELS["role"], row.get("role"), {one.value for one in Role})
    found = {
        "office": by_code(Office.objects.filter(jurisdiction=place), row.get("office")),
        "service": by_code(Service.objects.filter(jurisdiction=place), row.get("service")),
        "area": _area(place, str(row.get("area") or "")),
    }
    for name, one in found.items():
        if row.get(name) and one is None:
            problems.say(f"{before}{name}", _("%(field)s: choose one of the list."), GRANT_LABELS[name])
    starts_on = day(problems, f"{before}starts_on", GRANT_LABELS["starts_on"], row.get("starts_on"))
    ends_on = day(problems, f"{before}ends_on", GRANT_LABELS["ends_on"], row.get("ends_on"))
    if starts_on and ends_on and ends_on < starts_on:
        told = _("%(field)s: it lies before the day it begins. Put one of the two right.")
        problems.say(f"{before}ends_on", told, GRANT_LABELS["ends_on"])
    if role not in set(Role):
        return None
    _refuse_width(problems, Role(role), row, before)
    return Wanted(Role(role), found["office"], found["service"], found["area"], starts_on, ends_on)


def _refuse_empty(problems: Problems, place: Jurisdiction, area: Area, field: str) -> None:
    """An area in which no request can come to lie would give a role nothing; one that a role has already may stay."""
    if area.kind != place.area_kind or not area.is_in_force_on(place.today):
        told = _("%(field)s: no request comes to lie in “%(area)s”. Choose an area of the list: those in force.")
        problems.say(field, told, GRANT_LABELS["area"], area=area.name)


def _area(place: Jurisdiction, key: str) -> Area | None:
    kind, _colon, code = key.partition(":")
    areas = Area.objects.filter(jurisdiction=place, kind=kind).defer("geometry")
    return by_code(areas, code) if is_text(key) else None


def _refuse_width(problems: Problems, role: Role, row: Mapping[str, Any], before: str) -> None:
    """A handler works in an office; an administrator sets up the whole place."""
    if role is Role.HANDLER and not row.get("office"):
        told = _("%(field)s: a handler works in an office. Choose which.")
        problems.say(f"{before}office", told, GRANT_LABELS["office"])
    if role is Role.ADMINISTRATOR and any(row.get(name) for name in ("office", "service", "area")):
        told = _("%(field)s: an administrator sets up the whole place. Leave office, service and area empty.")
        problems.say(f"{before}role", told, GRANT_LABELS["role"])
