"""The one who gets a mail: the address, read when the mail is made and kept nowhere else, and the language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from requests_app.clock import now
from requests_app.models import Follower, Office, PartnerLink, SignInLink, User
from requests_app.notify.addressees import ASKER, FOLLOWER, INVITED, OFFICE, OWNER, PARTNER, PERSON, USER, WORKER
from requests_app.privacy.people import read_addressee


@dataclass(frozen=True, slots=True)
class Receiver:
    """An address, the language its reader chose, and which row of which table it is."""

    email: str
    language: str
    kind: str
    pk: int


def receiver(kind: str, pk: int) -> Receiver | None:
    """Who that is, if they can be reached and still want to be; None when they left, were erased or said stop."""
    return READ[kind](pk)


def _person(pk: int) -> Receiver | None:
    person = read_addressee(pk, purpose="send_news")
    if person is None or not person.wants_news or not person.email:
        return None
    return Receiver(person.email, person.language, PERSON, pk)


def _follower(pk: int) -> Receiver | None:
    follower = Follower.objects.filter(pk=pk, ended_at=None).first()
    person = read_addressee(follower.person_id, purpose="send_news") if follower else None
    if person is None or not person.wants_news or not person.email:
        return None
    return Receiver(person.email, person.language, FOLLOWER, pk)


def _user(pk: int) -> Receiver | None:
    user = User.objects.filter(pk=pk, is_active=True).exclude(email="").first()
    return Receiver(user.email, user.language, USER, pk) if user and user.mail_moments else None


def _office(pk: int) -> Receiver | None:
    office = Office.objects.filter(pk=pk).exclude(email="").select_related("jurisdiction").first()
    if office is None:
        return None
    spoken = office.jurisdiction.languages
    return Receiver(office.email, spoken[0] if spoken else "en", OFFICE, pk)


def _asker(pk: int) -> Receiver | None:
    follower = Follower.objects.filter(pk=pk, ended_at=None, confirmed_at=None).first()
    person = read_addressee(follower.person_id, purpose="send_news") if follower else None
    return Receiver(person.email, person.language, ASKER, pk) if person and person.email else None


def _owner(pk: int) -> Receiver | None:
    person = read_addressee(pk, purpose="send_news") if pk else None
    return Receiver(person.email, person.language, OWNER, pk) if person and person.email else None


def _partner(pk: int) -> Receiver | None:
    link = PartnerLink.objects.filter(pk=pk, revoked_at=None, answered_at=None).select_related("office").first()
    office = _office(link.office_id) if link else None
    return Receiver(office.email, office.language, PARTNER, pk) if office else None


def _worker(pk: int) -> Receiver | None:
    user = User.objects.filter(pk=pk, is_active=True, mail_digest=True).exclude(email="").first()
    return Receiver(user.email, user.language, WORKER, pk) if user else None


def _invited(pk: int) -> Receiver | None:
    """Whoever the link is for, while it still works."""
    link = SignInLink.objects.filter(pk=pk, used_at=None, expires_at__gt=now()).select_related("user").first()
    user = link.user if link else None
    if user is None or not user.is_active or not user.email:
        return None
    return Receiver(user.email, user.language, INVITED, pk)


READ: Mapping[str, Callable[[int], Receiver | None]] = {
    PERSON: _person,
    FOLLOWER: _follower,
    USER: _user,
    OFFICE: _office,
    ASKER: _asker,
    OWNER: _owner,
    PARTNER: _partner,
    WORKER: _worker,
    INVITED: _invited,
}
