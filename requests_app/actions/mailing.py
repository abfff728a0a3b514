"""Stopping mails, and having them again: what the link at the foot of each mail does."""

from django.db import transaction

from requests_app.clock import now
from requests_app.models import Follower, Person, User
from requests_app.notify.addressees import FOLLOWER, PERSON, USER, WORKER


def stop_mails(kind: str, pk: int) -> bool:
    """Have somebody get no more mails of a kind; whether there is such a somebody. Done twice, it stays done."""
    if kind == FOLLOWER:
        return end_following(pk)
    return _wants(kind, pk, wanted=False)


def resume_mails(kind: str, pk: int) -> bool:
    """Undo `stop_mails`. Who followed a case follows it anew: their address is gone."""
    return kind != FOLLOWER and _wants(kind, pk, wanted=True)


@transaction.atomic
def end_following(follower_id: int) -> bool:
    """Follow a case no more; the address is erased unless it is that of who filed a case."""
    follower = Follower.objects.select_for_update().filter(pk=follower_id).first()
    if follower is None:
        return False
    if follower.ended_at is None:
        follower.ended_at = now()
        follower.save(update_fields=["ended_at"])
        if not follower.is_filer:
            Person.objects.filter(pk=follower.person_id).update(name="", email="", phone="", erased_at=now())
    return True


def _wants(kind: str, pk: int, *, wanted: bool) -> bool:
    if kind == PERSON:
        return bool(Person.objects.filter(pk=pk).update(wants_news=wanted))
    field = {USER: "mail_moments", WORKER: "mail_digest"}.get(kind)
    return field is not None and bool(User.objects.filter(pk=pk).update(**{field: wanted}))
