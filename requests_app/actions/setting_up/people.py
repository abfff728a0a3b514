"""People and what they may do: invited, given roles for a time, closed; what they have in hand goes to somebody.

The history of a person holds roles by codes and days. What somebody is called and where they get their mail is in
their account only: of these the history keeps a keyed hash, so that it can tell that they changed and not to what.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

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
from requests_app.actions.invitations import send_invitation, void_links
from requests_app.actions.setting_up._checks import LANGUAGES, Problems, checking, email, line, one_of
from requests_app.actions.setting_up._grants import GRANT_LABELS, Wanted, checked_grants, grant_document, wanted_of
from requests_app.models import ConfigChange, Jurisdiction, Membership, User
from requests_app.notify.links import keyed
from requests_app.permissions import Grant, Role, Viewer
from requests_app.reads.grants import grants_of
from requests_app.reads.people import PERSON, Colleague, colleague, may_change_account, memberships, who_administers
from requests_app.reads.people_cases import Loss, loss

__all__ = ["GRANT_LABELS", "LABELS", "WHAT", "form_document", "loss_of", "make_person", "roles_wanted", "save_person"]

WHAT = PERSON
LABELS: dict[str, Sentence] = {
    "name": pgettext_lazy("person", "Name"),
    "email": _("Mail address"),
    "username": _("User name"),
    "language": _("Language of mails"),
    "contact": _("Name, mail address or language"),
    "active": _("May sign in"),
    "grants": _("Roles"),
    "cases_to": _("Who takes what is in their hands"),
}
STAY = "stay"
MOST_NAMED = 8
LONGEST_USERNAME = 60
LONGEST_ADDRESS = 254
_USERNAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*", re.ASCII)


class PersonConflict(SettingConflict):
    """Somebody else saved the same person first; what they are called is read from the account, not the history."""

    def __init__(self, told: SettingConflict, row: Colleague) -> None:
        super().__init__(told.version, told.base, told.current, told.last)
        self.now = contact_of(row.user)
        self.row = row

    def merged(self, typed: Mapping[str, Any]) -> Document:
        """As of any setting; name, address and language as they are now where nobody typed others."""
        document = super().merged({name: value for name, value in typed.items() if name not in ("seen_contact",)})
        if typed.get("seen_contact") == _digest(self.row.pk, typed):
            document |= self.now
        return {**document, "seen_contact": _digest(self.row.pk, self.now), "username": self.row.user.username}


def contact_of(user: User) -> Document:
    """What an account holds of a person."""
    return {"name": user.display_name, "email": user.email, "language": user.language}


def _digest(pk: int, contact: Mapping[str, Any]) -> str:
    told = "\n".join(str(contact.get(name) or "") for name in ("name", "email", "language"))
    return keyed(f"person:{pk}:{told}", 12)


def person_document(row: Colleague) -> Document:
    """A person as the history keeps them: no name, no address."""
    user = User.objects.get(pk=row.pk)
    return {"contact": _digest(row.pk, contact_of(user)), "active": user.is_active, "grants": _grant_rows(row)}


def _grant_rows(row: Colleague) -> list[dict[str, str]]:
    return [grant_document(wanted_of(one)) for one in _memberships(row)]


def form_document(row: Colleague) -> Document:
    """A person as their page edits them."""
    document = person_document(row)
    return {
        **contact_of(row.user),
        "username": row.user.username,
        "seen_contact": document["contact"],
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
    _one_at_a_time(place.pk)
    user = User(is_active=True)
    with checking() as problems:
        _fill_contact(problems, user, given, needs_mail=True)
        user.username = _username(problems, given)
        wanted = checked_grants(problems, place, given.get("grants") or [])
        if not wanted and not problems:
            problems.say("grants", _("%(field)s: give the person at least one."), LABELS["grants"])
    user.set_unusable_password()
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
    """A person changed: account and roles. Refused while what is in their hands would be in nobody's reach."""
    require_administrator(viewer, place.pk)
    _one_at_a_time(place.pk)
    row = _locked(place, pk)
    try:
        with changing(row, WHAT, viewer=viewer, seen=seen, document=person_document, act=act):
            _change(row, given, viewer)
    except SettingConflict as faster:
        raise PersonConflict(faster, row) from faster
    return row


def _one_at_a_time(place_id: int) -> None:
    """Changes of a place's people follow one another, so that its last two administrators do not end each other."""
    if not Jurisdiction.objects.select_for_update(no_key=True).filter(pk=place_id).exists():
        raise UnknownSetting


def _locked(place: Jurisdiction, pk: int) -> Colleague:
    row = colleague(place, pk)
    user = User.objects.select_for_update().filter(pk=pk).first() if row else None
    if row is None or user is None:
        raise UnknownSetting
    return Colleague(pk, place.pk, user, place)


def _change(row: Colleague, given: Document, viewer: Viewer) -> None:
    """Write what was given, then look at what it would leave behind: a refusal takes all of it back."""
    address = row.user.email
    before, had_administrator = grants_of(row.pk), who_administers(row.place, row.place.today).exists()
    with checking() as problems:
        _fill_account(problems, row.user, given, viewer)
        wanted = checked_grants(problems, row.place, given.get("grants") or [])
        if not problems:
            row.user.save()
            if row.user.email != address:
                void_links(row.user)
            _write(row, wanted)
            _keep_set_up(problems, row, viewer, had_administrator=had_administrator)
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


def _fill_account(problems: Problems, user: User, given: Mapping[str, Any], viewer: Viewer) -> None:
    """The account, as far as it was given: what the history puts back says nothing of names."""
    was = (contact_of(user), user.is_active)
    if "name" in given:
        _fill_contact(problems, user, given, needs_mail=bool(user.email))
    user.is_active = bool(given.get("active"))
    if was != (contact_of(user), user.is_active) and not may_change_account(viewer, user.pk):
        told = _(
            "%(field)s: this person works in another place as well, which you do not administer. Leave name, address, "
            "language and account as they are; the roles here you can change."
        )
        problems.say("name" if was[1] == user.is_active else "active", told, LABELS["name"])


def _fill_contact(problems: Problems, user: User, given: Mapping[str, Any], *, needs_mail: bool) -> None:
    user.display_name = line(problems, "name", LABELS["name"], given.get("name"), needed=True, longest=150)
    line(problems, "email", LABELS["email"], given.get("email"), longest=LONGEST_ADDRESS)
    address = email(problems, "email", LABELS["email"], given.get("email"), needed=needs_mail)
    if address and "email" not in problems and address.casefold() != user.email.casefold():
        _refuse_taken(problems, address, user.pk)
    user.email = address
    user.language = one_of(problems, "language", LABELS["language"], given.get("language"), LANGUAGES)


def _refuse_taken(problems: Problems, address: str, pk: int | None) -> None:
    if User.objects.filter(email__iexact=address).exclude(pk=pk or 0).exists():
        told = _("%(field)s: somebody has an account with this address. Look for it in the list, or give another one.")
        problems.say("email", told, LABELS["email"])


def _username(problems: Problems, given: Mapping[str, Any]) -> str:
    """The user name that was asked for, or a free one made of the address."""
    asked = str(given.get("username") or "").strip().lower()
    if not asked:
        return _free_username(str(given.get("email") or ""))
    if not _USERNAME.fullmatch(asked) or len(asked) > LONGEST_USERNAME:
        told = _("%(field)s: use small letters, digits, and . - _ between them, such as anne.roy.")
        problems.say("username", told, LABELS["username"])
    elif User.objects.filter(username=asked).exists():
        problems.say("username", _("%(field)s: somebody has it already. Choose another one."), LABELS["username"])
    return asked


def _free_username(address: str) -> str:
    pieces = re.findall(r"[a-z0-9]+", address.partition("@")[0].lower(), re.ASCII)
    wanted = ".".join(pieces)[:LONGEST_USERNAME] or "person"
    taken = set(User.objects.filter(username__startswith=wanted).values_list("username", flat=True))
    number, name = 1, wanted
    while name in taken:
        number += 1
        name = f"{wanted}{number}"
    return name


def _keep_set_up(problems: Problems, row: Colleague, viewer: Viewer, *, had_administrator: bool) -> None:
    """A place keeps somebody who sets it up, and nobody takes that from themselves by mistake."""
    still = who_administers(row.place, row.place.today)
    if had_administrator and not still.exists():
        told = _(
            "%(field)s: this is the last administrator of %(place)s who stays. First make somebody else one, with no "
            "last day."
        )
        problems.say("grants", told, LABELS["grants"], place=row.place.name)
    elif viewer.user_id == row.pk and not _administers(row):
        told = _("%(field)s: you would lock yourself out. Have another administrator do it.")
        problems.say("grants", told, LABELS["grants"])


def _administers(row: Colleague) -> bool:
    return any(g.role is Role.ADMINISTRATOR and g.jurisdiction_id in (None, row.place.pk) for g in grants_of(row.pk))


# --- What is in their hands ------------------------------------------------------------------------------------------


def _pass_on(problems: Problems, row: Colleague, lost: Loss, to: str, viewer: Viewer) -> None:
    """Give what somebody no longer reaches to whoever was chosen; refused until somebody was."""
    if not lost.in_hand or to == STAY:
        return
    if not to.isascii() or not to.isdigit():
        problems.say("cases_to", _named(lost), LABELS["cases_to"])
        return
    # Who decides that somebody leaves decides who goes on: for these cases as a manager of the place would.
    manager = Viewer(viewer.user_id, (*viewer.grants, Grant(Role.MANAGER, row.place.pk)))
    for case in lost.in_hand:
        try:
            assign(Command(case.pk, manager, case.version), handler_id=int(to[:18]))
        except ActionError as error:
            told = _("%(reference)s cannot be given to that person: %(why)s")
            problems.say("cases_to", told, LABELS["cases_to"], reference=case.reference, why=error.sentence)
            return


def _named(lost: Loss) -> str:
    """The cases by reference, and what to choose; no more than a few are named."""
    named = ", ".join(case.reference for case in lost.in_hand[:MOST_NAMED])
    if len(lost.in_hand) > MOST_NAMED:
        named += ", …"
    told = ngettext(
        "%(count)s open request is in their hands and would be out of their reach: %(named)s. Choose who takes it.",
        "%(count)s open requests are in their hands and would be out of their reach: %(named)s. Choose who takes them.",
        len(lost.in_hand),
    )
    return told % {"count": len(lost.in_hand), "named": named}


def roles_wanted(place: Jurisdiction, given: Document) -> list[Wanted]:
    """The roles that a document asks for, as far as they can be read: for a preview."""
    return checked_grants(Problems(), place, given.get("grants") or [])


def loss_of(row: Colleague, given: Document) -> Loss:
    """What saving would take away; nothing of what would be refused. For the preview: it writes nothing."""
    try:
        with checking() as problems:
            wanted = checked_grants(problems, row.place, given.get("grants") or [])
    except Refused:
        return Loss(0, [])
    before, today = grants_of(row.pk), row.place.today
    elsewhere = [one for one in before if one.jurisdiction_id != row.place.pk or one.on_behalf_of_id is not None]
    here = [one.grant(row.place) for one in wanted if one.is_in_force(today)]
    return loss(row, before, [*elsewhere, *here] if given.get("active") else [])
