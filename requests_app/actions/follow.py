"""Following a request by mail without an account: asked for, confirmed by a link, moved with a merge, ended for good.

Nobody gets news before they said yes. What is known of a follower is one address in a row of its own: it is erased when
they stop, when they never confirmed, and a time after the request was closed.
"""

from datetime import timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from requests_app.actions.contact import checked_address
from requests_app.actions.errors import Missing, Refused, TooMany
from requests_app.clock import now
from requests_app.models import Follower, Person, ServiceRequest
from requests_app.notify.addressees import ASKER
from requests_app.notify.links import LIFE, Purpose
from requests_app.notify.moments import Audience, News
from requests_app.notify.queueing import queue_mail
from requests_app.permissions import ANONYMOUS, Publicity
from requests_app.states import OPEN

ASK_AGAIN_AFTER = timedelta(hours=1)
"""How long the same address is not asked again about the same request."""
MOST_ASKED_A_DAY = 3
"""How many requests one address is asked about in a day and has not said yes to: nobody is mailed full by others."""
MOST_WAITING = 50
"""How many addresses may wait to be confirmed at one request."""
KEPT_AFTER_CLOSING = timedelta(days=90)
"""How long the address of a follower is kept after the request was closed, in case it is opened again."""


def takes_followers(request: ServiceRequest) -> bool:
    """Whether a request can be followed by anybody: open, known to everybody, and not of an import."""
    return (
        request.is_open
        and not request.hidden
        and request.service.publicity != Publicity.PRIVATE
        and not request.jurisdiction.is_read_only
    )


@transaction.atomic
def ask_to_follow(request_id: int, *, email: str, language: str) -> None:
    """Mail the address a link by which it confirms. To the form the answer is always the same, whoever follows already.

    Raises Refused by the field `email`, Missing for a request that not everybody may see, TooMany.
    """
    address = checked_address(email)
    if not address:
        raise Refused({"email": _("Type the e-mail address that the news should go to.")})
    request = (
        ServiceRequest.objects.visible_to(ANONYMOUS)
        .select_related("service", "jurisdiction")
        .defer("jurisdiction__boundary")
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=request_id)
        .first()
    )
    if request is None:
        raise Missing
    if not takes_followers(request):
        raise Refused({"email": _("This request is closed or takes no followers. Nothing was sent.")})
    if _waiting(request) >= MOST_WAITING:
        raise TooMany(_("Many people asked to follow this request just now. Try again tomorrow."))
    if not _asked_enough(request, address):
        _ask(request, address, language)


def _waiting(request: ServiceRequest) -> int:
    return Follower.objects.filter(request=request, confirmed_at=None, ended_at=None).count()


def _asked_enough(request: ServiceRequest, address: str) -> bool:
    """Whether the address follows already, was asked a moment ago, or is being asked about too many requests."""
    moment = now()
    theirs = Follower.objects.filter(person__email__iexact=address, ended_at=None)
    here = theirs.filter(request=request)
    if here.exclude(confirmed_at=None).exists() or here.filter(asked_at__gt=moment - ASK_AGAIN_AFTER).exists():
        return True
    today = theirs.filter(asked_at__gt=moment - timedelta(days=1), confirmed_at=None)
    return today.count() >= MOST_ASKED_A_DAY


def _ask(request: ServiceRequest, address: str, language: str) -> None:
    moment = now()
    person = Person.objects.create(
        jurisdiction_id=request.jurisdiction_id, email=address, language=language, wants_news=True, created_at=moment
    )
    follower = Follower.objects.create(request=request, person=person, asked_at=moment)
    queue_mail(
        News.FOLLOW_ASKED,
        Audience.ASKER,
        ASKER,
        follower.pk,
        key=str(follower.pk),
        at=moment,
        request_id=request.pk,
    )


class Confirmed(StrEnum):
    """What became of a link by which somebody says that they want to follow."""

    NOW = "now"
    BEFORE = "before"
    GONE = "gone"


@transaction.atomic
def confirm_following(follower_id: int) -> Confirmed:
    """Begin to follow, at every request the asked one has been joined with; once, however often it is called."""
    follower = Follower.objects.select_for_update().filter(pk=follower_id).first()
    if follower is None or follower.ended_at is not None:
        return Confirmed.GONE
    if follower.confirmed_at is not None:
        return Confirmed.BEFORE
    Follower.objects.filter(person_id=follower.person_id, confirmed_at=None, ended_at=None).update(confirmed_at=now())
    return Confirmed.NOW


@transaction.atomic
def end_following(follower_id: int) -> bool:
    """Follow no more; the address is erased unless it is that of who filed a case. False when nobody is there."""
    follower = Follower.objects.select_for_update().filter(pk=follower_id).first()
    if follower is None:
        return False
    if follower.ended_at is None:
        _end(Follower.objects.filter(person_id=follower.person_id, is_filer=follower.is_filer))
    return True


def _end(followers: QuerySet[Follower]) -> int:
    """End these, and erase those of them who have filed nothing."""
    moment = now()
    strangers = list(followers.filter(is_filer=False).values_list("person_id", flat=True))
    Person.objects.filter(pk__in=strangers).update(name="", email="", phone="", erased_at=moment)
    return followers.filter(ended_at=None).update(ended_at=moment)


# --- Requests that are joined ----------------------------------------------------------------------------------------


def follow_along(request: ServiceRequest, target_id: int) -> None:
    """Whoever follows a request that is joined with another hears of the other one too, its filer included.

    They stay at the joined one as well: `follow_back` needs only to forget what was added. Who follows several of them
    is told once (`followers_to_tell` knows each address once, and asks whether a filer wants news). The other of a
    private request is somebody else's business. At most two statements.
    """
    if request.service.publicity == Publicity.PRIVATE:
        return
    moment = now()
    added = [
        Follower(
            request_id=target_id,
            person_id=one.person_id,
            moved_from=request,
            is_filer=one.is_filer,
            asked_at=one.asked_at,
            confirmed_at=one.confirmed_at,
        )
        for one in Follower.objects.filter(request=request, ended_at=None)
    ]
    if request.person_id is not None:
        filer = {"person_id": request.person_id, "is_filer": True, "asked_at": moment, "confirmed_at": moment}
        added.append(Follower(request_id=target_id, moved_from=request, **filer))
    Follower.objects.bulk_create(added)


def follow_back(request: ServiceRequest, target_id: int) -> None:
    """Undo `follow_along`: also at what the other one was joined with in the meantime."""
    at: int | None = target_id
    moved_from = request.pk
    people = list(Follower.objects.filter(request_id=at, moved_from_id=moved_from).values_list("person_id", flat=True))
    while at is not None and people:
        here = at
        Follower.objects.filter(request_id=here, moved_from_id=moved_from, person_id__in=people).delete()
        moved_from, at = here, ServiceRequest.objects.values_list("merged_into_id", flat=True).get(pk=here)


# --- What time brings about ------------------------------------------------------------------------------------------


def forget_followers() -> int:
    """Erase who never confirmed, and who followed requests that have long been closed; how many rows ended."""
    moment = now()
    unconfirmed = Follower.objects.filter(
        confirmed_at=None, ended_at=None, asked_at__lt=moment - LIFE[Purpose.FOLLOW] - timedelta(hours=1)
    )
    lately = Q(request__status__in=OPEN) | Q(request__closed_at__gte=moment - KEPT_AFTER_CLOSING)
    still_followed = Follower.objects.filter(lately, person_id=OuterRef("person_id"), ended_at=None)
    long_closed = Follower.objects.filter(ended_at=None, request__closed_at__lt=moment - KEPT_AFTER_CLOSING).exclude(
        Exists(still_followed)
    )
    with transaction.atomic():
        return _end(unconfirmed) + _end(long_closed)
