"""The staff of a place as its administrators see them: the list, one person, and whom an account belongs to."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from requests_app.clock import now
from requests_app.models import Absence, ConfigChange, Jurisdiction, Membership, SignInLink, User, in_force, not_over
from requests_app.permissions import Role, Viewer
from requests_app.reads.absences import of_days
from requests_app.states import Capability
from requests_app.text.normalise import is_text

PERSON = "person"
"""What the history of somebody's rights is kept under."""
PAGE = 50


@dataclass(slots=True)
class Colleague:
    """Somebody of the staff as one place knows them: their account, and what they may do there."""

    pk: int
    jurisdiction_id: int
    user: User
    place: Jurisdiction

    def __str__(self) -> str:
        return str(self.user)


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """What a list of people is narrowed to; `who` is "" (working here), "invited", "away", "left" or "all"."""

    words: str = ""
    role: str = ""
    office_id: int | None = None
    who: str = ""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person of the list."""

    user: User
    memberships: list[Membership]
    absence: Absence | None
    is_invited: bool


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """A page of the list, how many people there are in all, and after whom the next page begins."""

    lines: list[PersonLine]
    total: int
    next_after: int | None


def in_place(place: Jurisdiction) -> Q:
    """The memberships that hold in a place: its own and those of every place."""
    return Q(jurisdiction=place) | Q(jurisdiction=None)


def colleague(place: Jurisdiction, pk: int) -> Colleague | None:
    """Somebody who works in a place or once did; two statements at most."""
    user = User.objects.filter(known_in(place), pk=pk).first()
    return Colleague(user.pk, place.pk, user, place) if user else None


def known_in(place: Jurisdiction) -> Q:
    """Who has a role in a place, or had one (their history is kept), as a condition on users."""
    kept = ConfigChange.objects.filter(jurisdiction=place, what=PERSON, target_id=OuterRef("pk"))
    return Q(Exists(_roles(place))) | Q(Exists(kept))


def places_of(user_id: int) -> list[Jurisdiction]:
    """The places that know somebody, by id; all where a role of theirs is one of every place. Two statements."""
    theirs = Membership.objects.filter(user=user_id)
    places = Jurisdiction.objects.defer("boundary").order_by("pk")
    if theirs.filter(jurisdiction=None).exists():
        return list(places)
    kept = ConfigChange.objects.filter(jurisdiction=OuterRef("pk"), what=PERSON, target_id=user_id)
    return list(places.filter(Exists(theirs.filter(jurisdiction=OuterRef("pk"))) | Exists(kept)))


def _roles(place: Jurisdiction) -> QuerySet[Membership]:
    return Membership.objects.filter(in_place(place), user=OuterRef("pk"))


def _open_links() -> QuerySet[SignInLink]:
    """The links that still wait for whoever was invited."""
    return SignInLink.objects.filter(user=OuterRef("pk"), used_at=None, expires_at__gt=now())


def people_page(place: Jurisdiction, asked: PeopleFilter, after: int | None = None) -> PeoplePage:
    """A page of the people, by name, those after one of them; five statements however many there are."""
    found = _filtered(place, asked)
    total = found.count()
    listed = found.annotate(by=Lower("display_name"), invited=Exists(_open_links())).order_by("by", "pk")
    last = User.objects.filter(pk=after or 0).annotate(by=Lower("display_name")).values_list("by", "pk").first()
    if last:
        listed = listed.filter(Q(by__gt=last[0]) | Q(by=last[0], pk__gt=last[1]))
    users: list[Any] = list(listed[: PAGE + 1])
    shown = users[:PAGE]
    roles, away = _memberships_of(place, shown), _away(place, shown)
    lines = [
        PersonLine(one, roles.get(one.pk, []), away.get(one.pk), one.last_login is None and one.invited)
        for one in shown
    ]
    return PeoplePage(lines, total, shown[-1].pk if len(users) > PAGE else None)


def _filtered(place: Jurisdiction, asked: PeopleFilter) -> QuerySet[User]:
    """The people a filter leaves."""
    found = User.objects.filter(known_in(place))
    for word in asked.words.split() if is_text(asked.words) else ():
        found = found.filter(Q(display_name__icontains=word) | Q(username__icontains=word) | Q(email__icontains=word))
    wanted = _roles(place)
    if asked.who != "left":  # of who left, what they were; of all others what they are today
        wanted = wanted.filter(in_force(place.today))
    if asked.role:
        wanted = wanted.filter(role=asked.role)
    if asked.office_id is not None:
        wanted = wanted.filter(office=asked.office_id)
    if asked.role or asked.office_id is not None:
        found = found.filter(Exists(wanted))
    return _of_state(found, place, asked.who)


def _of_state(found: QuerySet[User], place: Jurisdiction, who: str) -> QuerySet[User]:
    today = place.today
    lasting = Exists(_roles(place).filter(not_over(today)))
    if who == "all":
        return found
    if who == "left":
        return found.filter(Q(is_active=False) | ~lasting)
    found = found.filter(lasting, is_active=True)
    if who == "invited":
        return found.filter(Exists(_open_links()), last_login=None)
    if who == "away":
        return found.filter(Exists(of_days(place, today, today).filter(user=OuterRef("pk"))))
    return found


def _memberships_of(place: Jurisdiction, users: list[User]) -> dict[int, list[Membership]]:
    by_user: dict[int, list[Membership]] = {}
    for one in memberships(place, Q(user__in=users)):
        by_user.setdefault(one.user_id, []).append(one)
    return by_user


def memberships(place: Jurisdiction, of: Q) -> QuerySet[Membership]:
    """Memberships of some people that hold in a place, with what they are narrowed to; one statement."""
    found = Membership.objects.filter(in_place(place), of).select_related("office", "service", "area")
    return found.defer("area__geometry").order_by("role", "office__code", "service__code", "area__code", "starts_on")


def areas_held(place: Jurisdiction, user_id: int) -> set[int]:
    """The areas that somebody's roles in a place are limited to, by id; one statement."""
    theirs = Membership.objects.filter(jurisdiction=place, user=user_id, area__isnull=False)
    return {pk for pk in theirs.values_list("area_id", flat=True) if pk is not None}


def memberships_of_all_places(user_id: int) -> list[Membership]:
    """The roles somebody has in every place; they are given to nobody on a page of one of them."""
    return list(Membership.objects.filter(user=user_id, jurisdiction=None).select_related("office", "service", "area"))


def _away(place: Jurisdiction, users: list[User]) -> dict[int, Absence]:
    return {one.user_id: one for one in of_days(place, place.today, place.today).filter(user__in=users)}


def absences_to_come(place: Jurisdiction, user_id: int) -> list[Absence]:
    """When somebody is away or stands in for a colleague, from today on; one statement."""
    return list(of_days(place, place.today, date.max).filter(Q(user=user_id) | Q(deputy=user_id)))


def newest_link(user_id: int) -> SignInLink | None:
    """The last link that somebody was sent to choose a password."""
    return SignInLink.objects.filter(user=user_id).order_by("-made_at", "-pk").first()


def who_administers(place: Jurisdiction, on: date) -> QuerySet[Membership]:
    """The memberships by which somebody who can sign in sets up a place, on a day and without an end.

    Who was invited and has not chosen a password yet may never come. The people of the demo sign in without one.
    """
    found = Membership.objects.filter(in_place(place), in_force(on), role=Role.ADMINISTRATOR, user__is_active=True)
    comes = Q(user__is_demo=True) | ~Q(user__password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return found.filter(comes, ends_on=None)


def may_change_account(viewer: Viewer, user_id: int) -> bool:
    """Whether the viewer administers every place somebody works in: an account is the same in all of them.

    A role that is over makes it no more the business of its place; one that is to come does. One statement.
    """
    if any(grant.jurisdiction_id is None for grant in viewer.grants_with(Capability.ADMINISTER)):
        return True
    roles = Membership.objects.filter(user=user_id).select_related("jurisdiction").defer("jurisdiction__boundary")
    places = {
        one.jurisdiction_id
        for one in roles
        if one.ends_on is None or one.jurisdiction is None or one.ends_on >= one.jurisdiction.today
    }
    return all(pk is not None and viewer.has(Capability.ADMINISTER, pk) for pk in places)


def names_of(ids: set[int]) -> dict[int, str]:
    """What some people are called; no statement for nobody."""
    return {one.pk: str(one) for one in User.objects.filter(pk__in=ids)} if ids else {}


def working_in(place: Jurisdiction, office_ids: set[int], but: int) -> list[User]:
    """Who works in some offices today, without one of them; one statement."""
    if not office_ids:
        return []
    theirs = Membership.objects.filter(
        in_force(place.today), user=OuterRef("pk"), office__in=office_ids, role__in=(Role.HANDLER, Role.MANAGER)
    )
    found = User.objects.filter(Exists(theirs), is_active=True).exclude(pk=but)
    return list(found.order_by(Lower("display_name"), "pk"))
