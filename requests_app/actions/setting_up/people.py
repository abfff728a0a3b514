"""People and what they may do: invited, given roles for a time, closed; what they have in hand goes to somebody.

The history of a person holds roles by codes and days. What somebody is called and where they get their mail is in
their account only: of these the history keeps a keyed hash, so that it can tell that they changed and not to what.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from requests_app.actions._draft import Command
from requests_app.actions.config import (
    Document,
    SettingConflict,
    UnknownSetting,
    changing,
    made,
    require_administrator,
)
from requests_app.actions.errors import ActionError, Refused, Sentence
from requests_app.actions.handle import assign
from requests_app.actions.invitations import send_invitation
from requests_app.actions.setting_up import _account as account
from requests_app.actions.setting_up._account import account_of, contact_of, other_than_seen, seen_of
from requests_app.actions.setting_up._checks import Problems, checking
from requests_app.actions.setting_up._grants import GRANT_LABELS, Wanted, checked_grants, grant_document, wanted_of
from requests_app.models import ConfigChange, Jurisdiction, Membership, ServiceRequest, User
from requests_app.permissions import Grant, Role, Viewer
from requests_app.reads.config import latest_of_any_place
from requests_app.reads.grants import grants_of
from requests_app.reads.people import (
    PERSON,
    Colleague,
    areas_held,
    colleague,
    may_change_account,
    memberships,
    places_of,
    who_administers,
)
from requests_app.reads.people_cases import Loss, loss

__all__ = ["GRANT_LABELS", "LABELS", "WHAT", "form_document", "loss_of", "make_person", "roles_wanted", "save_person"]

WHAT = PERSON
LABELS: dict[str, Sentence] = {
    **account.LABELS,
    "grants": _("Roles"),
    "cases_to": _("Who takes what is in their hands"),
}
STAY = "stay"
MOST_NAMED = 8


class PersonConflict(SettingConflict):
    """Somebody else saved the same person first; what they are called is read from the account, not the history."""

    def __init__(self, told: SettingConflict, row: Colleague) -> None:
        super().__init__(told.version, told.base, told.current, told.last)
        self.now = account_of(row.user)
        self.row = row

    def merged(self, typed: Mapping[str, Any]) -> Document:
        """As of any setting; each fact of the account as it is now where nobody typed another."""
        document = super().merged({name: value for name, value in typed.items() if name != "seen_contact"})
        mine = {name: typed.get(name) for name in other_than_seen(self.row.pk, typed.get("seen_contact"), typed)}
        username = self.row.user.username
        return {**document, **self.now, **mine, "seen_contact": seen_of(self.row.pk, self.now), "username": username}

    def clashing(self, typed: Mapping[str, Any]) -> set[str]:
        """The fields that both changed; of the account those that are not as the page showed them, either way."""
        pk, seen = self.row.pk, typed.get("seen_contact")
        both = other_than_seen(pk, seen, typed) & other_than_seen(pk, seen, self.now)
        facts = {name for name in both if typed.get(name) != self.now[name]}
        return (super().clashing(typed) - {"contact", *account.FACTS}) | facts


def person_document(row: Colleague) -> Document:
    """A person as the history keeps them: no name, no address."""
    user = User.objects.get(pk=row.pk)
    return {"contact": account.sealed(row.pk, contact_of(user)), "active": user.is_active, "grants": _grant_rows(row)}


def _grant_rows(row: Colleague) -> list[dict[str, str]]:
    return [grant_document(wanted_of(one)) for one in _memberships(row)]


def form_document(row: Colleague) -> Document:
    """A person as their page edits them."""
    document = person_document(row)
    return {
        **contact_of(row.user),
        "username": row.user.username,
        "seen_contact": seen_of(row.pk, account_of(row.user)),
        "active": document["active"],
        "grants": document["grants"],
        "cases_to": "",
    }


def _memberships(row: Colleague) -> list[Membership]:
    """Those of the place itself: what somebody may do in every place is not set in one of them."""
    from_here = memberships(row.place, Q(user=row.pk))
    return [one for one in from_here if one.jurisdiction_id is not None]


@transaction.atomic
def make_person(place: Jurisdiction, given: Document, *, viewer: Viewer) -> Colleague:
    """Somebody new: an account without a password, their roles, and a mail with which they choose one."""
    require_administrator(viewer, place.pk)
    _one_at_a_time([place])
    with checking() as problems:
        user = account.begin_account(problems, place, given)
        wanted = checked_grants(problems, place, given.get("grants") or [])
        if not wanted and not problems:
            problems.say("grants", _("%(field)s: give the person at least one."), LABELS["grants"])
    user.save()
    row = Colleague(user.pk, place.pk, user, place)
    _write(row, wanted)
    made(row, WHAT, viewer=viewer, document=person_document)
    send_invitation(user, viewer=viewer)
    return row


@transaction.atomic
def save_person(
    pk: int, given: Document, *, viewer: Viewer, seen: int, place: Jurisdiction, act: str = ConfigChange.Act.SAVED
) -> Colleague:
    """A person changed: account and roles. Refused while what is in their hands would be in nobody's reach.

    The account is the same in every place: SettingConflict as well where it is not as the page showed it
    (`seen_contact`), whichever place that came from.
    """
    require_administrator(viewer, place.pk)
    concerned = [place] if given.get("active") else places_of(pk) or [place]
    _one_at_a_time(concerned)
    row = _locked(place, pk)
    try:
        with changing(row, WHAT, viewer=viewer, seen=seen, document=person_document, act=act):
            _refuse_older(row, given, seen)
            _change(row, given, viewer, concerned)
    except SettingConflict as faster:
        raise PersonConflict(faster, row) from faster
    return row


def _one_at_a_time(places: Sequence[Jurisdiction]) -> None:
    """Changes of a place's people follow one another, so that its last two administrators do not end each other."""
    ids = {place.pk for place in places}
    held = Jurisdiction.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk")
    if len(held) != len(ids):
        raise UnknownSetting


def _locked(place: Jurisdiction, pk: int) -> Colleague:
    row = colleague(place, pk)
    user = User.objects.select_for_update().filter(pk=pk).first() if row else None
    if row is None or user is None:
        raise UnknownSetting
    return Colleague(pk, place.pk, user, place)


def _refuse_older(row: Colleague, given: Document, version: int) -> None:
    """SettingConflict where the account is not as it was seen. What is put back says nothing of name and address."""
    current = account_of(row.user)
    newer = other_than_seen(row.pk, given.get("seen_contact"), current)
    if "name" not in given:
        newer &= {"active"}
    if not newer:
        return
    now_there = person_document(row)
    was = {"contact": ""} if newer & set(account.CONTACT) else {}
    opposite = {**current, "active": not current["active"]}
    if "active" not in other_than_seen(row.pk, given.get("seen_contact"), opposite):
        was["active"] = opposite["active"]
    raise SettingConflict(version, {**now_there, **was}, now_there, latest_of_any_place(WHAT, row.pk))


def _change(row: Colleague, given: Document, viewer: Viewer, concerned: Sequence[Jurisdiction]) -> None:
    """Write what was given, then look at what it would leave behind: a refusal takes all of it back."""
    address, before = row.user.email, grants_of(row.pk)
    set_up = [place for place in concerned if who_administers(place, place.today).exists()]
    with checking() as problems:
        account.fill_account(problems, row.place, row.user, given, viewer)
        wanted = checked_grants(problems, row.place, given.get("grants") or [], held=areas_held(row.place, row.pk))
        if not problems:
            account.save_account(row.user, address)
            _write(row, wanted)
            _keep_set_up(problems, row, viewer, set_up)
        if not problems:
            lost = loss(row, before, grants_of(row.pk))
            _pass_on(problems, row, lost, str(given.get("cases_to") or ""), viewer)


def _write(row: Colleague, wanted: list[Wanted]) -> None:
    """Make the memberships in the place those that are wanted; those that stay keep their row."""
    there = {wanted_of(one).key: one for one in _memberships(row)}
    keys = {one.key for one in wanted}
    Membership.objects.filter(pk__in=[one.pk for key, one in there.items() if key not in keys]).delete()
    Membership.objects.bulk_create(
        Membership(
            user_id=row.pk,
            role=one.role,
            jurisdiction_id=row.place.pk,
            office=one.office,
            service=one.service,
            area=one.area,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
        )
        for one in wanted
        if one.key not in there
    )


# --- Checks ----------------------------------------------------------------------------------------------------------


def _keep_set_up(problems: Problems, row: Colleague, viewer: Viewer, set_up: Sequence[Jurisdiction]) -> None:
    """A place keeps somebody who sets it up, and nobody takes that from themselves by mistake."""
    left = next((place for place in set_up if not who_administers(place, place.today).exists()), None)
    if left is not None:
        told = _(
            "%(field)s: this is the last administrator of %(place)s who stays. First make somebody else one, with no "
            "last day."
        )
        problems.say("grants", told, LABELS["grants"], place=left.name)
    elif viewer.user_id == row.pk and not _administers(row):
        told = _("%(field)s: you would lock yourself out. Have another administrator do it.")
        problems.say("grants", told, LABELS["grants"])


def _administers(row: Colleague) -> bool:
    return any(g.role is Role.ADMINISTRATOR and g.jurisdiction_id in (None, row.place.pk) for g in grants_of(row.pk))


# --- What is in their hands ------------------------------------------------------------------------------------------


def _pass_on(problems: Problems, row: Colleague, lost: Loss, to: str, viewer: Viewer) -> None:
    """Give what somebody no longer reaches to whoever was chosen; refused until somebody was."""
    if lost.elsewhere:
        places = ", ".join(dict.fromkeys(case.jurisdiction.name for case in lost.elsewhere))
        told = _(
            "%(field)s: open requests are in their hands in another place as well (%(places)s): %(named)s. First end "
            "their roles there, on their page of that place, and choose who takes the requests."
        )
        problems.say("active", told, LABELS["active"], places=places, named=_references(lost.elsewhere))
    if not lost.here or to == STAY:
        return
    if not to.isascii() or not to.isdigit():
        problems.say("cases_to", _named(lost.here), LABELS["cases_to"])
        return
    # Who decides that somebody leaves decides who goes on: for these cases as a manager of the place would.
    manager = Viewer(viewer.user_id, (*viewer.grants, Grant(Role.MANAGER, row.place.pk)))
    for case in lost.here:
        try:
            assign(Command(case.pk, manager, case.version), handler_id=int(to[:18]))
        except ActionError as error:
            told = _("%(reference)s cannot be given to that person: %(why)s")
            problems.say("cases_to", told, LABELS["cases_to"], reference=case.reference, why=error.sentence)
            return


def _references(cases: Sequence[ServiceRequest]) -> str:
    """Cases by reference; no more than a few are named."""
    named = ", ".join(case.reference for case in cases[:MOST_NAMED])
    return f"{named}, …" if len(cases) > MOST_NAMED else named


def _named(cases: Sequence[ServiceRequest]) -> str:
    """The cases by reference, and what to choose."""
    told = ngettext(
        "%(count)s open request is in their hands and would be out of their reach: %(named)s. Choose who takes it.",
        "%(count)s open requests are in their hands and would be out of their reach: %(named)s. Choose who takes them.",
        len(cases),
    )
    return told % {"count": len(cases), "named": _references(cases)}


def roles_wanted(place: Jurisdiction, given: Document) -> list[Wanted]:
    """The roles that a document asks for, as far as they can be read: for a preview."""
    return checked_grants(Problems(), place, given.get("grants") or [])


def loss_of(row: Colleague, given: Document, viewer: Viewer) -> Loss:
    """What saving would take away; nothing of what would be refused. For the preview: it writes nothing.

    Of other places nothing is told to who does not administer them all: they may not close the account either.
    """
    try:
        with checking() as problems:
            wanted = checked_grants(problems, row.place, given.get("grants") or [], held=areas_held(row.place, row.pk))
    except Refused:
        return Loss()
    before, today = grants_of(row.pk), row.place.today
    elsewhere = [one for one in before if one.jurisdiction_id != row.place.pk or one.on_behalf_of_id is not None]
    here = [one.grant(row.place) for one in wanted if one.is_in_force(today)]
    stays_open = given.get("active") or not may_change_account(viewer, row.pk)
    return loss(row, before, [*elsewhere, *here] if stays_open else [])
