"""The account of somebody of the staff: what they are called, where their mail goes, whether they may sign in.

An account is the same in every place, and each place keeps its own history of the person. So the version of a place
does not tell whether the account is as a page showed it: the page says so itself (`seen_of`), fact by fact, sealed.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from requests_app.actions.config import Document
from requests_app.actions.errors import Sentence
from requests_app.actions.invitations import void_links
from requests_app.actions.setting_up._checks import LANGUAGES, Problems, email, line, one_of
from requests_app.models import Jurisdiction, User
from requests_app.notify.links import keyed
from requests_app.permissions import Viewer
from requests_app.reads.people import known_in, may_change_account

LABELS: dict[str, Sentence] = {
    "name": pgettext_lazy("person", "Name"),
    "email": _("Mail address"),
    "username": _("User name"),
    "language": _("Language of mails"),
    "contact": _("Name, mail address or language"),
    "active": _("May sign in"),
}
CONTACT = ("name", "email", "language")
FACTS = (*CONTACT, "active")
LONGEST_USERNAME = 60
LONGEST_ADDRESS = 254
ONE_ACCOUNT = 0x706F706C
"""The advisory lock under which accounts get their user names and addresses, in whichever place."""
_USERNAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*", re.ASCII)


# --- What a page showed ----------------------------------------------------------------------------------------------


def contact_of(user: User) -> Document:
    """What an account holds of a person."""
    return {"name": user.display_name, "email": user.email, "language": user.language}


def account_of(user: User) -> Document:
    """What a page shows of an account."""
    return {**contact_of(user), "active": user.is_active}


def sealed(pk: int, contact: Mapping[str, Any]) -> str:
    """What somebody is called and where they get mail, as the history keeps it: it tells that it changed only."""
    told = "\n".join(str(contact.get(name) or "") for name in CONTACT)
    return keyed(f"person:{pk}:{told}", 12)


def seen_of(pk: int, account: Mapping[str, Any]) -> str:
    """What a page showed of an account, as its form sends it back: each fact sealed."""
    return ".".join(_seal(pk, name, account.get(name)) for name in FACTS)


def other_than_seen(pk: int, seen: object, account: Mapping[str, Any]) -> set[str]:
    """The facts of an account that are not what a page showed; all of them where it does not say what it showed."""
    parts = str(seen or "").split(".")
    if len(parts) != len(FACTS):
        return set(FACTS)
    return {name for name, part in zip(FACTS, parts, strict=True) if part != _seal(pk, name, account.get(name))}


def _seal(pk: int, name: str, value: Any) -> str:
    return keyed(f"person:{pk}:{name}:{value or ''}", 12)


# --- Checks ----------------------------------------------------------------------------------------------------------


def begin_account(problems: Problems, place: Jurisdiction, given: Mapping[str, Any]) -> User:
    """A new account without a password, not yet saved."""
    _one_account_at_a_time()
    user = User(is_active=True)
    _fill_contact(problems, place, user, given, needs_mail=True)
    user.username = _username(problems, given)
    user.set_unusable_password()
    return user


def fill_account(problems: Problems, place: Jurisdiction, user: User, given: Mapping[str, Any], viewer: Viewer) -> None:
    """The account, as far as it was given: what the history puts back says nothing of names."""
    was = account_of(user)
    if "name" in given:
        _fill_contact(problems, place, user, given, needs_mail=bool(user.email))
    user.is_active = bool(given.get("active"))
    if was != account_of(user) and not may_change_account(viewer, user.pk):
        told = _(
            "%(field)s: this person works in another place as well, which you do not administer. Leave name, address, "
            "language and account as they are; the roles here you can change."
        )
        field = "name" if was["active"] == user.is_active else "active"
        problems.say(field, told, LABELS[field])


def save_account(user: User, address: str) -> None:
    """Keep an account; links that went to an address of before work no more."""
    user.save()
    if user.email != address:
        void_links(user)


def _fill_contact(
    problems: Problems, place: Jurisdiction, user: User, given: Mapping[str, Any], *, needs_mail: bool
) -> None:
    user.display_name = line(problems, "name", LABELS["name"], given.get("name"), needed=True, longest=150)
    line(problems, "email", LABELS["email"], given.get("email"), longest=LONGEST_ADDRESS)
    address = email(problems, "email", LABELS["email"], given.get("email"), needed=needs_mail)
    if address and "email" not in problems and address.casefold() != user.email.casefold():
        _one_account_at_a_time()
        _refuse_taken(problems, place, address, user.pk)
    user.email = address
    user.language = one_of(problems, "language", LABELS["language"], given.get("language"), LANGUAGES)


def _one_account_at_a_time() -> None:
    """Until this transaction ends nobody else gives a user name or an address: of two who want one, one is told."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_ACCOUNT])


def _refuse_taken(problems: Problems, place: Jurisdiction, address: str, pk: int | None) -> None:
    """One address is of one account: say where it is, as far as the list of this place shows it."""
    taken = User.objects.filter(email__iexact=address).exclude(pk=pk or 0)
    if taken.filter(known_in(place)).exists():
        told = _("%(field)s: somebody has an account with this address. Look for it in the list, or give another one.")
        problems.say("email", told, LABELS["email"])
    elif taken.exists():
        told = _(
            "%(field)s: somebody who works in another place has an account with this address, and one address is of "
            "one account. Give another address of theirs, or ask whoever runs the installation to let that account "
            "work here."
        )
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
