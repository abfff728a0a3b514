"""Every move from every status by every role: what the table allows happens, everything else is refused by name."""

import pytest

from requests_app import actions
from requests_app.models import OutboxEntry, RequestEvent, ServiceRequest, Words
from requests_app.permissions import ANONYMOUS, CAPABILITIES, CITIZEN, SYSTEM, Role, Viewer
from requests_app.states import MOVES, ON_A_BRANCH, SENT, Activity, Actor, Capability, Status, is_legal
from tests import factories
from tests.factories import World
from tests.scenarios import ACTS, MOVING, Play, a_status_for, act

pytestmark = pytest.mark.django_db

CITIZENS_OWN = {Activity.CITIZEN_REPLIED, Activity.REOPENED, Activity.CONFIRMED}
"""The moves that the citizen of a case may make."""


@pytest.fixture
def world() -> World:
    return factories.world()


def nothing_changed(play: Play) -> "Snapshot":
    return Snapshot(play.request)


class Snapshot:
    """What must still be so after a refused action."""

    def __init__(self, request: ServiceRequest) -> None:
        self.request = request
        self.before = self._rows()

    def __enter__(self) -> "Snapshot":
        return self

    def __exit__(self, *error: object) -> None:
        assert self._rows() == self.before, "a refused action left something behind"

    def _rows(self) -> list[object]:
        pk = self.request.pk
        return [
            ServiceRequest.objects.filter(pk=pk).values().get(),
            list(self.request.holds.order_by("number").values()),
            RequestEvent.objects.filter(request_id=pk).count(),
            Words.objects.filter(request_id=pk).count(),
            OutboxEntry.objects.filter(request_id=pk).count(),
        ]


@pytest.mark.parametrize("status", list(Status))
def test_from_each_status_exactly_the_moves_of_the_table_happen(world: World, status: Status) -> None:
    standing = Play.begin(world).reach(status)  # for all that is refused: it changes nothing
    for activity in MOVING:
        if activity in ON_A_BRANCH and is_legal(activity, status):
            continue  # needs a review that runs: see below
        if is_legal(activity, status):
            play = Play.begin(world).reach(status)
            act(play, activity)
            expected = MOVES[activity].to
            assert expected is None or play.request.status == expected, activity
            continue
        with nothing_changed(standing), pytest.raises(actions.ActionError) as refused:
            act(standing, activity)
        if activity not in ON_A_BRANCH:
            assert isinstance(refused.value, actions.Illegal | actions.Refused)
        if isinstance(refused.value, actions.Illegal):
            assert (refused.value.activity, refused.value.status) == (activity, status)


def test_a_review_runs_beside_the_lead_and_is_returned_by_its_own_office(world: World) -> None:
    play = Play.begin(world).started().do(actions.request_review, office_id=world.parks.pk)
    with nothing_changed(play), pytest.raises(actions.Refused):
        play.do(actions.request_review, office_id=world.parks.pk)
    with nothing_changed(play), pytest.raises(actions.Forbidden):
        play.do(actions.return_review, viewer=world.handler, branch=1)
    play.do(actions.return_review, viewer=world.other_handler, branch=1, note="Nothing of ours.")
    assert play.request.office_id == world.roads.pk
    with nothing_changed(play), pytest.raises(actions.Refused):
        play.do(actions.return_review, viewer=world.other_handler, branch=1)


VIEWERS = {
    "anonymous": lambda play: ANONYMOUS,
    "citizen": lambda play: play.citizen,
    "stranger": lambda play: Viewer(tracked_request_ids=frozenset({play.request.pk + 1})),
    "holder": lambda play: play.world.handler_of(play.request.office_id),
    "other handler": lambda play: play.world.intake_handler,
    "manager": lambda play: play.world.manager,
    "evaluator": lambda play: play.world.evaluator,
    "administrator": lambda play: play.world.administrator,
    "manager elsewhere": lambda play: factories.member(Role.MANAGER, factories.jurisdiction()),
    "the product": lambda play: SYSTEM,
}
ROLE_OF = {
    "holder": Role.HANDLER,
    "manager": Role.MANAGER,
    "evaluator": Role.EVALUATOR,
    "administrator": Role.ADMINISTRATOR,
    "the product": Role.MANAGER,
}


def may(who: str, capability: Capability) -> bool:
    """The rights, written a second time: by role, the citizen only what is theirs, everybody else nothing."""
    if who == "citizen":
        return capability in CITIZEN
    if who == "the product" and capability is Capability.ADMINISTER:
        return True  # it is an administrator as well
    return who in ROLE_OF and capability in CAPABILITIES[ROLE_OF[who]]


@pytest.mark.parametrize("activity", MOVING)
def test_each_move_is_made_by_those_who_may(world: World, activity: Activity) -> None:
    allowed = {who for who in VIEWERS if may(who, MOVES[activity].capability)}
    if activity in ON_A_BRANCH:
        allowed.remove("holder")  # who holds the case is not the reviewer
    if activity is Activity.RECALLED:
        allowed.remove("holder")  # who was sent it sends it back; the sender takes it back: see below
    made, play = set(), ready_for(world, activity)
    for who in VIEWERS:
        if happens(play, activity, who):
            made.add(who)
            play = ready_for(world, activity)
    assert made == allowed


def ready_for(world: World, activity: Activity) -> Play:
    """A case on which an activity is legal."""
    play = Play.begin(world).reach(a_status_for(activity))
    return play.do(actions.request_review, office_id=world.parks.pk) if activity in ON_A_BRANCH else play


def happens(play: Play, activity: Activity, who: str) -> bool:
    """Whether a viewer can make a move where it is legal; refused, it leaves nothing behind."""
    viewer = VIEWERS[who](play)
    before = Snapshot(play.request)
    try:
        act(play, activity, viewer)
    except (actions.Forbidden, actions.Refused):
        with before:
            return False
    return True


@pytest.mark.parametrize("status", sorted(SENT))
def test_the_sender_cannot_accept_what_it_sent(world: World, status: Status) -> None:
    play = Play.begin(world).reach(status)
    sender = next(h for h in (world.handler, world.intake_handler) if h != play.holder)
    with nothing_changed(play), pytest.raises(actions.ActionError):
        play.do(actions.accept, viewer=sender)


def test_the_sender_takes_back_what_the_receiver_has_not_accepted(world: World) -> None:
    play = Play.begin(world).started().do(actions.hand_off, office_id=world.parks.pk)
    play.do(actions.recall, viewer=world.handler, note="Ours after all.")
    assert (play.request.status, play.request.office_id) == (Status.ASSIGNED, world.roads.pk)
    play.do(actions.hand_off, office_id=world.parks.pk).accepted()
    with nothing_changed(play), pytest.raises(actions.Illegal):
        play.do(actions.recall, viewer=world.handler)


def test_a_merge_is_undone_and_only_a_merge(world: World) -> None:
    into = Play.begin(world).request.pk
    play = Play.begin(world).started().do(actions.merge, into_id=into).do(actions.unmerge)
    assert (play.request.status, play.request.office_id) == (Status.ASSIGNED, world.roads.pk)
    assert play.request.merged_into_id is None
    play.closed()
    with nothing_changed(play), pytest.raises(actions.Refused):
        play.do(actions.unmerge)


@pytest.mark.parametrize("activity", [a for a in ACTS if a not in CITIZENS_OWN | {Activity.COMMENTED}])
def test_the_citizen_does_not_do_the_offices_work(world: World, activity: Activity) -> None:
    play = ready_for(world, activity) if activity in MOVES else Play.begin(world).reach(Status.ASSIGNED)
    with nothing_changed(play), pytest.raises(actions.Forbidden):
        act(play, activity, play.citizen)


@pytest.mark.parametrize("viewer", ["anonymous", "stranger", "other handler", "manager elsewhere"])
def test_a_private_case_cannot_be_told_from_one_that_is_not_there(world: World, viewer: str) -> None:
    secret = Play.begin(world, world.benefit)
    who = VIEWERS["manager elsewhere" if viewer == "other handler" else viewer](secret)
    for version in (secret.request.version, 99, None):
        with pytest.raises(actions.ActionError) as refused:
            actions.comment(actions.Command(secret.request.pk, who, version), body="Hello?")
        assert refused.value.code == "not_found"
    with pytest.raises(actions.ActionError) as absent:
        actions.comment(actions.Command(10**9, who, 1), body="Hello?")
    assert str(absent.value) == str(refused.value)


def test_the_ledger_says_in_which_role_it_was_done(world: World) -> None:
    play = Play.begin(world).accepted()
    act(play, Activity.CITIZEN_ASKED, world.manager)
    act(play, Activity.CITIZEN_REPLIED)
    act(play, Activity.NOTED, SYSTEM)
    actors = list(RequestEvent.objects.filter(request=play.request).values_list("activity", "actor"))
    assert actors == [
        ("submitted", Actor.CITIZEN),
        ("routed", Actor.SYSTEM),
        ("accepted", Actor.HANDLER),
        ("citizen_asked", Actor.MANAGER),
        ("citizen_replied", Actor.CITIZEN),
        ("noted", Actor.SYSTEM),
    ]


def test_an_imported_case_is_measured_and_never_worked_on() -> None:
    world = factories.world()
    play = Play.begin(world)
    world.jurisdiction.provenance = "imported"
    world.jurisdiction.save()
    with nothing_changed(play), pytest.raises(actions.ActionError) as refused:
        play.do(actions.accept)
    assert refused.value.code == "read_only"
    with pytest.raises(actions.Refused):
        factories.file_request(world.pothole)
