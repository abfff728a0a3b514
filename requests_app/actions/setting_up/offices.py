"""Offices and partners: made, saved, and closed on a day. None is deleted: cases, and what is measured, name it."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from requests_app.actions.config import Document, UnknownSetting, changing, locked, made, require_administrator
from requests_app.actions.errors import Sentence
from requests_app.actions.setting_up._checks import (
    Problems,
    both,
    checking,
    day,
    email,
    free_code,
    one_of,
    telephone,
    whole,
)
from requests_app.actions.setting_up._lookup import by_code
from requests_app.actions.setting_up._office_in_use import Named, what_names, what_needs_its_kind
from requests_app.models import ConfigChange, Jurisdiction, Office, WorkCalendar
from requests_app.permissions import Viewer
from requests_app.reads.config import version_of

WHAT = "office"
LABELS: dict[str, Sentence] = {
    "names": _("Name"),
    "kind": _("Kind of office"),
    "external": _("A partner outside"),
    "fallback": _("Takes what no route and no rule decides"),
    "parent": _("Part of"),
    "calendar": pgettext_lazy("office", "Calendar"),
    "email": _("Mail address"),
    "phone": _("Telephone"),
    "accept_within_hours": _("Must accept within, working hours"),
    "opens_on": _("Opens on"),
    "closes_on": _("Closes for good on"),
}
KINDS: dict[str, Sentence] = {
    "office": pgettext_lazy("kind of office", "An office like others"),
    "intake": pgettext_lazy("kind of office", "Contact centre or counter"),
    "street": pgettext_lazy("kind of office", "Works outside"),
    "enforcement": pgettext_lazy("kind of office", "Inspection and enforcement"),
    "permit": pgettext_lazy("kind of office", "Permits"),
    "plans": pgettext_lazy("kind of office", "Review of plans"),
    "fire": pgettext_lazy("kind of office", "Fire prevention"),
    "benefit_intake": pgettext_lazy("kind of office", "Benefits: intake"),
    "eligibility": pgettext_lazy("kind of office", "Benefits: eligibility"),
    "verification": pgettext_lazy("kind of office", "Benefits: verification"),
    "payment": pgettext_lazy("kind of office", "Payments"),
    "records": pgettext_lazy("kind of office", "Records and privacy"),
    "partner": pgettext_lazy("kind of office", "Partner"),
}
"""Workflows ask for an office by its kind; a place may have others besides."""

MOST_TOLD = 8
MOST_ACCEPT_HOURS = 2000


def office_document(row: Office) -> Document:
    """An office as its page edits it."""
    return {
        "names": row.names,
        "kind": row.kind,
        "external": row.is_external,
        "fallback": row.is_fallback,
        "parent": row.parent.code if row.parent else "",
        "calendar": row.work_calendar.code if row.work_calendar else "",
        "email": row.email,
        "phone": row.phone,
        "accept_within_hours": row.accept_within_hours,
        "opens_on": row.opens_on.isoformat() if row.opens_on else "",
        "closes_on": row.closes_on.isoformat() if row.closes_on else "",
    }


@transaction.atomic
def make_office(place: Jurisdiction, given: Document, *, viewer: Viewer) -> Office:
    """A new office of a place. Refused with every field that is wrong."""
    require_administrator(viewer, place.pk)
    _one_at_a_time(place.pk)
    row = Office(jurisdiction=place)
    _fill(row, given)
    row.code = free_code(row.names["en"], Office.objects.filter(jurisdiction=place))
    _take_over(row, viewer)
    row.save()
    made(row, WHAT, viewer=viewer, document=office_document)
    return row


@transaction.atomic
def save_office(pk: int, given: Document, *, viewer: Viewer, seen: int, act: str = ConfigChange.Act.SAVED) -> Office:
    """An office changed, or closed on a day. Refused while something still sends to one that closes."""
    _one_at_a_time(Office.objects.filter(pk=pk).values_list("jurisdiction_id", flat=True).first() or 0)
    row = locked(Office, pk)
    with changing(row, WHAT, viewer=viewer, seen=seen, document=office_document, act=act):
        was = (row.kind, row.is_fallback, row.closes_on)
        _fill(row, given, was)
        if row.is_fallback and not was[1]:
            _take_over(row, viewer)
        row.save()
    return row


def _one_at_a_time(jurisdiction_id: int) -> None:
    """Changes of a place's offices follow one another: one of them has what no rule decides, and parts form no ring."""
    if not Jurisdiction.objects.select_for_update(no_key=True).filter(pk=jurisdiction_id).exists():
        raise UnknownSetting


def _take_over(row: Office, viewer: Viewer) -> None:
    """Take from another office what no rule decides; that office's history tells of it too."""
    if not row.is_fallback:
        return
    offices = Office.objects.select_for_update(of=("self",)).filter(jurisdiction=row.jurisdiction, is_fallback=True)
    for other in offices.exclude(pk=row.pk):
        with changing(other, WHAT, viewer=viewer, seen=version_of(WHAT, other.pk), document=office_document):
            other.is_fallback = False
            other.save(update_fields=["is_fallback"])


# --- Checks ----------------------------------------------------------------------------------------------------------


def kinds_of(place: Jurisdiction) -> dict[str, Sentence]:
    """The kinds an office can be of: those we have words for, and any other that the place has."""
    others = Office.objects.filter(jurisdiction=place).exclude(kind__in=KINDS).values_list("kind", flat=True)
    return {**KINDS, **{kind: kind for kind in sorted(set(others))}}


def _fill(row: Office, given: Mapping[str, Any], was: tuple[str, bool, object] | None = None) -> None:
    with checking() as problems:
        row.names = both(problems, "names", LABELS["names"], given.get("names"))
        row.kind = one_of(problems, "kind", LABELS["kind"], given.get("kind"), kinds_of(row.jurisdiction))
        row.is_external, row.is_fallback = bool(given.get("external")), bool(given.get("fallback"))
        row.email = email(problems, "email", LABELS["email"], given.get("email"))
        row.phone = telephone(problems, "phone", LABELS["phone"], given.get("phone"))
        row.accept_within_hours = whole(
            problems, "accept_within_hours", LABELS["accept_within_hours"], given.get("accept_within_hours"),
            1, MOST_ACCEPT_HOURS,
        )  # fmt: skip
        _fill_rows(row, given, problems)
        row.opens_on = day(problems, "opens_on", LABELS["opens_on"], given.get("opens_on"))
        row.closes_on = day(problems, "closes_on", LABELS["closes_on"], given.get("closes_on"))
        if row.opens_on and row.closes_on and row.closes_on <= row.opens_on:
            told = _("%(field)s: it must be after the day it opens. Put one of the two right.")
            problems.say("closes_on", told, LABELS["closes_on"])
        if was and not problems:
            _keep_whole(problems, row, was)
        if row.closes_on and row.is_fallback:
            told = _("%(field)s: it takes what no rule decides. Give that to another office on its page first.")
            problems.say("closes_on", told, LABELS["closes_on"])


def _fill_rows(row: Office, given: Mapping[str, Any], problems: Problems) -> None:
    named = {name: str(given.get(name) or "") for name in ("parent", "calendar")}
    row.parent = by_code(Office.objects.filter(jurisdiction=row.jurisdiction), named["parent"])
    row.work_calendar = by_code(WorkCalendar.objects.filter(jurisdiction=row.jurisdiction), named["calendar"])
    for name, found in (("parent", row.parent), ("calendar", row.work_calendar)):
        if named[name] and found is None:
            problems.say(name, _("%(field)s: choose one of the list."), LABELS[name])
    if row.pk and _is_below(row.parent, row.pk):
        told = _("%(field)s: an office cannot be part of itself or of its own parts. Choose another.")
        problems.say("parent", told, LABELS["parent"])


def _is_below(office: Office | None, pk: int) -> bool:
    """Whether an office is the one of that id or a part of it."""
    seen: set[int] = set()
    while office is not None and office.pk not in seen:
        if office.pk == pk:
            return True
        seen.add(office.pk)
        office = office.parent
    return False


def _keep_whole(problems: Problems, row: Office, was: tuple[str, bool, object]) -> None:
    """Refuse what would leave cases, rules or workflows without an office."""
    kind, was_fallback, closed_on = was
    if was_fallback and not row.is_fallback:
        told = _("%(field)s: one office must take it. Tick it on the page of the office that is to take it instead.")
        problems.say("fallback", told, LABELS["fallback"])
    if row.kind != kind:
        _refuse_named(problems, "kind", what_needs_its_kind(row, kind))
    if row.closes_on and row.closes_on != closed_on:
        _refuse_named(problems, "closes_on", what_names(row))


_REMEDY: Mapping[str, Sentence] = {
    "closes_on": _(
        "%(field)s: work would still come to it or lies there: %(named)s. Give these to another office, then close it."
    ),
    "kind": _("%(field)s: no other open office is of the kind that these need: %(named)s. Make one first."),
}


def _refuse_named(problems: Problems, name: str, named: list[Named]) -> None:
    if not named:
        return
    told = [str(one) for one in named[:MOST_TOLD]]
    if len(named) > MOST_TOLD:
        told.append(str(_("%(count)s more") % {"count": len(named) - MOST_TOLD}))
    problems.say(name, _REMEDY[name], LABELS[name], named="; ".join(told))
