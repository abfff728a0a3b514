"""Who is told of a moment: for each audience, how its people are found. Ids only: addresses are read on sending."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from requests_app.models import Membership, Office, RequestEvent, ServiceRequest, in_force
from requests_app.notify.moments import MOMENTS, Audience, News
from requests_app.notify.partners import link_for
from requests_app.permissions import Role, Viewer
from requests_app.privacy.people import followers_to_tell
from requests_app.reads.absences import of_days
from requests_app.reads.grants import grants_of
from requests_app.states import Capability

PERSON, FOLLOWER, USER, OFFICE = "person", "follower", "user", "office"
ASKER, OWNER, WORKER, PARTNER, INVITED, READER = "asker", "owner", "worker", "partner", "invited", "reader"
"""The kinds of receiver: the table that holds the address. An asker is a follower who has not confirmed yet, an owner a
person who asked for their requests, a worker a user who gets the morning mail, who is invited a user by the link that
was made for them, a reader somebody who has a report mailed (which one, a floor above knows)."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """One receiver of one mail: as what they are told, and which row of which table they are."""

    audience: Audience
    kind: str
    pk: int


@dataclass(frozen=True, slots=True)
class Scene:
    """What happened, as far as it decides who is told. `event` is None for news without one."""

    request: ServiceRequest
    event: RequestEvent | None

    @property
    def office_id(self) -> int:
        """The office that is spoken to: the one asked for a review, else the one that held the case when it happened.

        A mail may be written later than that, when another office has it already.
        """
        if self.event is None:
            return self.request.office_id or 0
        return (self.event.office_id if self.event.branch else self.event.holding_office_id) or 0

    @property
    def in_reach(self) -> Q:
        """The memberships of today that reach the case's service and area."""
        return (
            in_force(self.request.jurisdiction.today)
            & (Q(service=None) | Q(service_id=self.request.service_id))
            & (Q(area=None) | Q(area_id=self.request.area_id))
        )


def addressees(news: News, request: ServiceRequest, event: RequestEvent | None) -> list[Addressee]:
    """Everybody who is told, each once, never whoever did it."""
    scene = Scene(request, event)
    known: dict[tuple[str, int], Addressee] = {}
    if event is not None and event.user_id is not None:
        known[USER, event.user_id] = Addressee(Audience.HANDLER, USER, event.user_id)
    own = set(known)
    for audience in MOMENTS[news]:
        for one in FIND[audience](scene):
            known.setdefault((one.kind, one.pk), one)
    for one in _deputies([one for key, one in known.items() if key not in own], request):
        known.setdefault((one.kind, one.pk), one)
    return [one for key, one in known.items() if key not in own]


def _deputies(told: Sequence[Addressee], request: ServiceRequest) -> Iterator[Addressee]:
    """Whoever stands in today for somebody of the staff who is told, and may read the case.

    Being named a deputy gives no right by itself: a role may have ended, and what is passed on is what the absent
    person reaches. No statement where nobody of the staff is told, two more for each deputy.
    """
    staff = {one.pk: one.audience for one in told if one.kind == USER}
    if not staff:
        return
    place = request.jurisdiction
    away = of_days(place, place.today, place.today).filter(user_id__in=staff).exclude(deputy=None)
    for absent_id, deputy_id in away.values_list("user_id", "deputy_id"):
        if _may_read(deputy_id, request):
            yield Addressee(staff[absent_id], USER, deputy_id)


def _may_read(user_id: int, request: ServiceRequest) -> bool:
    """Whether somebody has the case at their desk today, by their own roles or by those they stand in for."""
    viewer = Viewer(user_id, grants_of(user_id))
    return ServiceRequest.objects.in_reach_of(viewer, Capability.SEE_DESK).filter(pk=request.pk).exists()


def _citizen(scene: Scene) -> Iterator[Addressee]:
    if scene.request.person_id is not None:
        yield Addressee(Audience.CITIZEN, PERSON, scene.request.person_id)


def _followers(scene: Scene) -> Iterator[Addressee]:
    for follower_id, _person_id in followers_to_tell(scene.request.pk):
        yield Addressee(Audience.FOLLOWER, FOLLOWER, follower_id)


def _handler(scene: Scene) -> Iterator[Addressee]:
    """The person who has it; the office where nobody has, or somebody whose role here has ended."""
    handler_id = (scene.event.handler_id if scene.event else None) or scene.request.handler_id
    if handler_id is not None and _may_read(handler_id, scene.request):
        yield Addressee(Audience.HANDLER, USER, handler_id)
        return
    for one in _office(scene):
        yield Addressee(Audience.HANDLER, one.kind, one.pk)


def _office(scene: Scene) -> Iterator[Addressee]:
    yield from _people_of(scene, scene.office_id, Audience.OFFICE)


def _partner(scene: Scene) -> Iterator[Addressee]:
    """The partner outside that a case was handed to, by the link it answers with."""
    link = link_for(scene.request, scene.event)
    if link is not None:
        yield Addressee(Audience.PARTNER, PARTNER, link.pk)


def _above(scene: Scene) -> Iterator[Addressee]:
    parent_id = Office.objects.filter(pk=scene.office_id).values_list("parent_id", flat=True).first()
    yield from _people_of(scene, parent_id or 0, Audience.ABOVE)


def _people_of(scene: Scene, office_id: int, audience: Audience) -> Iterator[Addressee]:
    """The office's own mailbox if it has one, else everybody there who may see the case; never a partner outside."""
    office = Office.objects.filter(pk=office_id, is_external=False).first()
    if office is None:
        return
    if office.email:
        yield Addressee(audience, OFFICE, office.pk)
        return
    for user_id in _users(Q(role__in=(Role.HANDLER, Role.MANAGER), office=office) & scene.in_reach):
        yield Addressee(audience, USER, user_id)


def _managers(scene: Scene) -> Iterator[Addressee]:
    request = scene.request
    here = (Q(jurisdiction=None) | Q(jurisdiction_id=request.jurisdiction_id)) & (
        Q(office=None) | Q(office_id=scene.office_id)
    )
    for user_id in _users(Q(role=Role.MANAGER) & here & scene.in_reach):
        yield Addressee(Audience.MANAGER, USER, user_id)


def _users(who: Q) -> list[int]:
    reachable = Membership.objects.filter(who, user__is_active=True, user__mail_moments=True).exclude(user__email="")
    return sorted(set(reachable.values_list("user_id", flat=True)))


FIND: Mapping[Audience, Callable[[Scene], Iterator[Addressee]]] = {
    Audience.CITIZEN: _citizen,
    Audience.FOLLOWER: _followers,
    Audience.HANDLER: _handler,
    Audience.OFFICE: _office,
    Audience.MANAGER: _managers,
    Audience.ABOVE: _above,
    Audience.PARTNER: _partner,
    Audience.ASKER: lambda scene: iter(()),
    Audience.WORKER: lambda scene: iter(()),
    Audience.WRITER: lambda scene: iter(()),
    Audience.READER: lambda scene: iter(()),
}
