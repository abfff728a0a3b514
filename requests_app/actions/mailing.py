"""Stopping mails, and having them again: what the link at the foot of each mail does."""

from requests_app.actions.follow import end_following
from requests_app.models import Person, User
from requests_app.notify.addressees import FOLLOWER, PERSON, USER, WORKER


def stop_mails(kind: str, pk: int) -> bool:
    """Have somebody get no more mails of a kind; whether there is such a somebody. Done twice, it stays done."""
    if kind == FOLLOWER:
        return end_following(pk)
    return _wants(kind, pk, wanted=False)


def resume_mails(kind: str, pk: int) -> bool:
    """Undo `stop_mails`. Who followed a case follows it anew: their address is gone."""
    return kind != FOLLOWER and _wants(kind, pk, wanted=True)


def _wants(kind: str, pk: int, *, wanted: bool) -> bool:
    if kind == PERSON:
        return bool(Person.objects.filter(pk=pk).update(wants_news=wanted))
    field = {USER: "mail_moments", WORKER: "mail_digest"}.get(kind)
    return field is not None and bool(User.objects.filter(pk=pk).update(**{field: wanted}))
