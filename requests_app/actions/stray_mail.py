"""Mails that came in: each is noted once; what a person wrote and no case could take waits for somebody to read it."""

from datetime import timedelta

from django.db import IntegrityError, transaction

from requests_app.actions.contact import checked_address
from requests_app.actions.errors import Refused
from requests_app.clock import now
from requests_app.models import Jurisdiction, Person, ReceivedMail, ServiceRequest, StrayMail
from requests_app.notify.addressees import OWNER
from requests_app.notify.links import keyed
from requests_app.notify.moments import Audience, News
from requests_app.notify.queueing import queue_mail
from requests_app.text.normalise import clean

LONGEST_KEPT = 100_000
"""Characters of a stray mail that are kept."""
KEPT_FOR = timedelta(days=60)
"""How long a stray mail is kept at most, read or not."""


def note_mail(digest: str) -> ReceivedMail | None:
    """The row of a mail that came in; None when this mail came before, or comes at this very moment to another process.

    To be called inside the transaction that deals with the mail: what is undone there leaves no row.
    """
    try:
        with transaction.atomic():
            return ReceivedMail.objects.create(digest=digest, verdict="", received_at=now())
    except IntegrityError:
        return None


def tell_writer(news: News, person: Person, request: ServiceRequest | None = None) -> None:
    """Tell who wrote a mail what became of it: once a day about one case, however often they write."""
    moment = now()
    who = keyed(f"writer:{person.email.lower()}") if request is None else f"{person.pk}:{request.pk}"
    key = f"{who}:{moment:%Y%m%d}"
    case = request.pk if request is not None else None
    queue_mail(news, Audience.WRITER, OWNER, person.pk, key=key, at=moment, request_id=case)


def keep_stray(why: str, body: str, *, about: ServiceRequest) -> StrayMail:
    """Keep a mail of which it is sure whose case it is about."""
    return StrayMail.objects.create(
        jurisdiction_id=about.jurisdiction_id,
        request=about,
        person_id=about.person_id,
        why=why,
        body=clean(body)[:LONGEST_KEPT],
        received_at=now(),
    )


def keep_strangers(why: str, body: str, *, sender: str, place: Jurisdiction) -> StrayMail:
    """Keep a mail of which nobody can say what it is about, with the address it came from."""
    languages = place.languages or ["en"]
    person = Person.objects.create(
        jurisdiction=place, email=_address(sender), language=languages[0], wants_news=False, created_at=now()
    )
    return StrayMail.objects.create(
        jurisdiction=place, person=person, why=why, body=clean(body)[:LONGEST_KEPT], received_at=now()
    )


def _address(sender: str) -> str:
    """The sender where one can answer them, else ""."""
    try:
        return checked_address(sender)
    except Refused:
        return ""


def settle_strays(ids: list[int], user_id: int | None) -> int:
    """Say of stray mails that somebody has read them and done what was to do; how many there were."""
    waiting = StrayMail.objects.filter(pk__in=ids, settled_at=None)
    return waiting.update(settled_at=now(), settled_by_id=user_id)


def forget_old_mails() -> int:
    """Erase what stray mails say and who sent them once they have been kept long enough; how many."""
    old = StrayMail.objects.filter(erased_at=None, received_at__lt=now() - KEPT_FOR)
    strangers = Person.objects.filter(pk__in=old.filter(request=None).values("person_id"))
    with transaction.atomic():
        strangers.update(email="", name="", phone="", erased_at=now())
        return old.update(body="", erased_at=now())
