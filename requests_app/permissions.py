"""Roles, what they may do, and who is asking: plain data and predicates.

A capability is answered twice from the same facts: as a predicate on one case (`Viewer.may`)
and as a query condition (`querysets.visible_to`), so a list and a page cannot disagree.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from requests_app.states import Actor, Capability


class Role(StrEnum):
    """What a member of staff is in a jurisdiction."""

    HANDLER = "handler"
    MANAGER = "manager"
    EVALUATOR = "evaluator"
    ADMINISTRATOR = "administrator"


_HANDLER = frozenset(
    {
        Capability.TRIAGE,
        Capability.HANDLE,
        Capability.ASSIGN,
        Capability.HAND_OFF,
        Capability.CLOSE,
        Capability.REOPEN,
        Capability.REMARK,
        Capability.NOTE,
        Capability.LOG_CALL,
        Capability.REPLY,  # the citizen's answer, when it comes by telephone or at the counter
        Capability.SEE_DESK,
        Capability.SEE_WORDS,
        Capability.SEE_PERSON,
    }
)

CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.HANDLER: _HANDLER,
    Role.MANAGER: _HANDLER | {Capability.RELEASE_WORDS, Capability.MODERATE, Capability.SEE_REPORTS},
    Role.EVALUATOR: frozenset({Capability.SEE_REPORTS}),
    Role.ADMINISTRATOR: frozenset(
        {Capability.ADMINISTER, Capability.SEE_REPORTS, Capability.SEE_DESK, Capability.MODERATE}
    ),
}

CITIZEN = frozenset({Capability.REPORT, Capability.REPLY, Capability.RATE, Capability.REOPEN, Capability.REMARK})
"""What the person who filed a case (or holds its tracking link) may do to it."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One membership: a role in a jurisdiction (None = every one), narrowed by office, service or area.

    `on_behalf_of_id` names the absent colleague whose membership it is: the viewer stands in for them.
    A handler works in an office: a handler's grant that names none reaches no case.
    """

    role: Role
    jurisdiction_id: int | None
    office_id: int | None = None
    service_id: int | None = None
    area_id: int | None = None
    on_behalf_of_id: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the grant reaches every case of its jurisdiction."""
        narrowed = (self.office_id, self.service_id, self.area_id) != (None, None, None)
        return not narrowed and self.role is not Role.HANDLER

    @property
    def is_void(self) -> bool:
        """Whether the grant reaches no case at all."""
        return self.role is Role.HANDLER and self.office_id is None

    def covers(self, *, jurisdiction_id: int, office_ids: frozenset[int], service_id: int, area_id: int | None) -> bool:
        """Whether the grant reaches a case of that jurisdiction, held by those offices, of that service and area."""
        return (
            not self.is_void
            and self.jurisdiction_id in (None, jurisdiction_id)
            and (self.office_id is None or self.office_id in office_ids)
            and (self.service_id is None or self.service_id == service_id)
            and (self.area_id is None or self.area_id == area_id)
        )


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking: an anonymous visitor, somebody with tracking links, or staff with grants."""

    user_id: int | None = None
    grants: tuple[Grant, ...] = ()
    tracked_request_ids: frozenset[int] = frozenset()
    is_partner: bool = False
    """A partner outside, by a signed link: it acts for its office and is no member of staff."""

    @property
    def is_staff(self) -> bool:
        """Whether the viewer holds any grant."""
        return bool(self.grants)

    def grants_with(self, capability: Capability, jurisdiction_id: int | None = None) -> tuple[Grant, ...]:
        """The grants that give `capability`, in a jurisdiction when one is named."""
        return tuple(
            grant
            for grant in self.grants
            if capability in CAPABILITIES[grant.role]
            and (jurisdiction_id is None or grant.jurisdiction_id in (None, jurisdiction_id))
        )

    def grants_with_role(self, role: Role, jurisdiction_id: int) -> tuple[Grant, ...]:
        """The grants of one role that reach into a jurisdiction."""
        return tuple(g for g in self.grants if g.role is role and g.jurisdiction_id in (None, jurisdiction_id))

    def has(self, capability: Capability, jurisdiction_id: int | None = None) -> bool:
        """Whether the viewer has `capability` anywhere (or in that jurisdiction)."""
        return bool(self.grants_with(capability, jurisdiction_id))

    def reaches_all(self, capability: Capability, jurisdiction_id: int | None) -> bool:
        """Whether the viewer has `capability` over every case of a jurisdiction (None = of every one)."""
        return any(
            grant.is_whole and grant.jurisdiction_id in (None, jurisdiction_id)
            for grant in self.grants_with(capability)
        )

    def stands_in_for(self, jurisdiction_id: int | None = None) -> frozenset[int]:
        """The absent colleagues whose rights the viewer has meanwhile, in a jurisdiction when one is named."""
        passed = (g for g in self.grants if jurisdiction_id is None or g.jurisdiction_id in (None, jurisdiction_id))
        return frozenset(g.on_behalf_of_id for g in passed if g.on_behalf_of_id is not None)

    def actor_for(self, jurisdiction_id: int) -> Actor:
        """The kind of actor the viewer is in the ledger of a jurisdiction."""
        here = [g for g in self.grants if g.jurisdiction_id in (None, jurisdiction_id)]
        roles = {g.role for g in here if g.on_behalf_of_id is None} or {g.role for g in here}
        for role, actor in (
            (Role.MANAGER, Actor.MANAGER),
            (Role.HANDLER, Actor.HANDLER),
            (Role.ADMINISTRATOR, Actor.ADMINISTRATOR),
        ):
            if role in roles:
                return actor
        return Actor.CITIZEN


def behalf(covering: Iterable[Grant], handler_id: int | None) -> int | None:
    """For whom somebody acts by those grants: the absent person a case is given to, else whose grant it takes.

    None where the viewer's own grant is enough and the case is nobody's for whom they stand in.
    """
    for_whom = [grant.on_behalf_of_id for grant in covering]
    if handler_id is not None and handler_id in for_whom:
        return handler_id
    return None if None in for_whom else next(iter(for_whom), None)


def partner_viewer(jurisdiction_id: int, office_id: int) -> Viewer:
    """A partner outside as it acts by a signed link: what its own office may do, and nobody's name."""
    return Viewer(grants=(Grant(Role.HANDLER, jurisdiction_id, office_id),), is_partner=True)


ANONYMOUS = Viewer()
SYSTEM = Viewer(user_id=None, grants=(Grant(Role.MANAGER, None), Grant(Role.ADMINISTRATOR, None)))
"""The product itself: jobs, the demo player, imports."""


class Publicity(StrEnum):
    """How public the cases of a service are: a property of the service, the most public first."""

    PUBLIC = "public"
    PLACE_ONLY = "place_only"
    PRIVATE = "private"


def more_public(one: str, other: str) -> bool:
    """Whether cases of one publicity show more than those of another."""
    order = list(Publicity)
    return order.index(Publicity(one)) < order.index(Publicity(other))
