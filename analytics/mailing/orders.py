"""Asking for a report by mail, changing that, ending it: one function for each thing that can happen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Prefetch, QuerySet

from analytics.mailing.times import due_after
from analytics.models import EndedBecause, Subscription, SubscriptionReader
from requests_app.clock import now
from requests_app.notify.links import BadLink, Purpose, open_link, sign
from requests_app.permissions import Viewer
from requests_app.states import Capability

MOST: Final = 20
"""Reports that one person may have mailed at a time in one place."""


@dataclass(frozen=True, slots=True)
class Wish:
    """When a report shall come, in which language, and to whom besides its owner (ids of users)."""

    every: str
    day: int
    language: str
    moves: bool = False
    link_days: int = 0
    colleagues: tuple[int, ...] = ()


class TooMany(Exception):
    """Somebody has as many reports mailed as one person may."""


def subscribe(place: Any, owner_id: int, page: str, asked: dict[str, str], wish: Wish) -> Subscription:
    """Have a page mailed from its next time on; the same form sent twice is one. Raises ``TooMany``."""
    moment = now()
    with transaction.atomic():
        _one_at_a_time(owner_id)
        own = live().filter(owner_id=owner_id, jurisdiction=place)
        same = own.filter(page=page, asked=asked, every=wish.every, day=wish.day, language=wish.language).first()
        if same is not None:
            change(same, wish)
            return same
        if own.count() >= MOST:
            raise TooMany
        made = Subscription.objects.create(
            jurisdiction=place,
            owner_id=owner_id,
            page=page,
            asked=asked,
            made_at=moment,
            **_facts(wish, place.time_zone, moment),
        )
        _set_readers(made, [owner_id, *wish.colleagues])
    return made


def _one_at_a_time(owner_id: int) -> None:
    """Two forms of one person follow one another, so that both count."""
    get_user_model().objects.select_for_update(no_key=True).get(pk=owner_id)


def change(subscription: Subscription, wish: Wish) -> None:
    """Have it come at other times or to others."""
    with transaction.atomic():
        locked = Subscription.objects.select_for_update().get(pk=subscription.pk)
        for name, value in _facts(wish, subscription.jurisdiction.time_zone, now()).items():
            setattr(locked, name, value)
        locked.tries, locked.locked_until = 0, None
        locked.save()
        _set_readers(locked, [locked.owner_id, *wish.colleagues])


def _facts(wish: Wish, zone: str, moment: datetime) -> dict[str, Any]:
    return {
        "every": wish.every,
        "day": wish.day,
        "language": wish.language,
        "moves": wish.moves,
        "link_days": wish.link_days,
        "next_at": due_after(moment, wish.every, wish.day, zone),
    }


def _set_readers(subscription: Subscription, user_ids: Iterable[int]) -> None:
    """Whoever stopped it by the link of a mail is not brought back by somebody else."""
    stopped = subscription.readers.filter(ended_because=EndedBecause.STOPPED).exclude(user_id=subscription.owner_id)
    wanted = set(user_ids) - set(stopped.values_list("user_id", flat=True))
    gone = subscription.readers.filter(ended_at=None).exclude(user_id__in=wanted)
    gone.update(ended_at=now(), ended_because=EndedBecause.ASKED)
    for user_id in sorted(wanted):
        SubscriptionReader.objects.update_or_create(
            subscription=subscription, user_id=user_id, defaults={"ended_at": None, "ended_because": ""}
        )


def end(subscription: Subscription, because: str) -> bool:
    """End it for everybody; whether it still ran."""
    running = Subscription.objects.filter(pk=subscription.pk, ended_at=None)
    return bool(running.update(ended_at=now(), ended_because=because, locked_until=None))


def end_for(reader: SubscriptionReader, because: str) -> bool:
    """End it for one reader, and as a whole when nobody is left; whether they still got it."""
    with transaction.atomic():
        Subscription.objects.select_for_update().get(pk=reader.subscription_id)
        got = SubscriptionReader.objects.filter(pk=reader.pk, ended_at=None)
        ended = bool(got.update(ended_at=now(), ended_because=because))
        if not SubscriptionReader.objects.filter(subscription=reader.subscription_id, ended_at=None).exists():
            end(reader.subscription, because)
    return ended


# --- The link of a mail that stops it --------------------------------------------------------------------------------


def stop_token(reader: SubscriptionReader) -> str:
    """Return what stands in the link by which a reader stops a report."""
    return sign(Purpose.REPORT, reader.pk)


def reader_of_token(token: str) -> SubscriptionReader | None:
    """Return the reader that a link is for; None for a link that is not one of ours, or whose reader is gone."""
    try:
        (pk,) = open_link(Purpose.REPORT, token, 1, even_old=True)
    except BadLink:
        return None
    return SubscriptionReader.objects.select_related("subscription__jurisdiction").filter(pk=pk).first()


# --- Reading ---------------------------------------------------------------------------------------------------------


def live() -> QuerySet[Subscription]:
    """Those that go on."""
    return Subscription.objects.filter(ended_at=None)


def of_viewer(viewer: Viewer) -> QuerySet[Subscription]:
    """What somebody asked for themselves."""
    readers = SubscriptionReader.objects.select_related("user")
    known = Subscription.objects.select_related("jurisdiction", "owner").prefetch_related(Prefetch("readers", readers))
    return known.defer("jurisdiction__boundary").filter(owner_id=viewer.user_id or 0)


def received_by(viewer: Viewer, place: Any) -> list[SubscriptionReader]:
    """What somebody gets because a colleague named them."""
    got = SubscriptionReader.objects.filter(user_id=viewer.user_id or 0, ended_at=None)
    here = got.filter(subscription__jurisdiction=place, subscription__ended_at=None)
    others = here.exclude(subscription__owner_id=viewer.user_id)
    return list(others.select_related("subscription__owner", "subscription__jurisdiction"))


def of_place(viewer: Viewer, place: Any) -> QuerySet[Subscription]:
    """What all of a place have mailed, for its administrators; nothing for others."""
    if not viewer.has(Capability.ADMINISTER, place.pk):
        return Subscription.objects.none()
    known = Subscription.objects.filter(jurisdiction=place).select_related("owner", "jurisdiction")
    readers = SubscriptionReader.objects.select_related("user")
    return known.prefetch_related(Prefetch("readers", readers)).order_by("-ended_at", "next_at", "pk")


def languages() -> list[tuple[str, str]]:
    """Return the languages a report may come in: code and name."""
    return [(code, str(name)) for code, name in settings.LANGUAGES]
