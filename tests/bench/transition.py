"""What a move costs, in CPU time of application and database, beside the bare rows it writes."""

from collections.abc import Callable, Iterator
from functools import partial

from django.test import Client

from requests_app import actions
from requests_app.models import ServiceRequest, User
from requests_app.states import ON_A_BRANCH, Activity
from tests import factories
from tests.bench._cpu import cost, paired, rows, statements
from tests.bench._rows_again import BareCase
from tests.bench.rows import Row
from tests.scenarios import ACTS, MOVING, Play, a_status_for, who_may

MOST_STATEMENTS = 10
MOST_MS = 25.0


def measure(quick: bool) -> Iterator[Row]:
    times = 40 if quick else 400
    world = factories.world()
    cases = [factories.file_request(world.pothole) for _ in range(times)]
    case = BareCase(factories.file_request(world.pothole))
    bare_ids = [case.file() for _ in range(times)]
    bare = cost(lambda n: case.move(bare_ids[n], 3), times)
    steps: list[tuple[str, Callable[[actions.Command], object]]] = [
        ("accept", actions.accept),
        ("start", actions.start),
        ("hand off", partial(actions.hand_off, office_id=world.parks.pk)),
    ]
    for version, (name, act) in enumerate(steps, start=2):
        commands = [actions.Command(one.pk, world.handler, version) for one in cases]
        yield from rows("transition", name, cost(lambda n, act=act, seen=commands: act(seen[n]), times), bare)
    yield from _statements(world)
    yield from _through_the_page(world, times // 2, case)


def _through_the_page(world: factories.World, times: int, case: BareCase) -> Iterator[Row]:
    """Accept by POST through every middleware, beside the bare rows."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(pk=world.handler.user_id))
    waiting = [factories.file_request(world.pothole) for _ in range(times + 20)]
    addresses = [f"/desk/requests/{one.reference}/moves/accept/" for one in waiting]
    bare_ids = [case.file() for _ in range(times)]
    client.get(f"/desk/requests/{waiting[0].reference}/")
    token = client.cookies["csrftoken"].value

    def accept(number: int) -> None:
        if client.post(addresses[number], {"version": 2, "csrfmiddlewaretoken": token}).status_code != 302:
            raise RuntimeError("the move was not made")

    for number in range(times, times + 20):
        accept(number)
    done, bare = paired(accept, lambda n: case.move(bare_ids[n], 3), times, before=lambda n: None)
    yield from rows("transition", "accept by POST", done, bare)
    yield Row("transition", "accept by POST: median of both", done.total_ms, "CPU ms", goal=MOST_MS)


def _statements(world: factories.World) -> Iterator[Row]:
    counted = {activity: _counted(world, activity) for activity in MOVING}
    most = max(counted, key=lambda activity: counted[activity])
    yield Row("transition", f"most statements of a move ({most})", counted[most], "statements", goal=MOST_STATEMENTS)


def _counted(world: factories.World, activity: Activity) -> int:
    play = Play.begin(world, contact=actions.Contact(email="ana@example.org")).reach(a_status_for(activity))
    if activity in ON_A_BRANCH:
        play.do(actions.request_review, office_id=world.parks.pk)
    action, facts = ACTS[activity]
    given = {name: fact(play) for name, fact in facts.items()}
    version = ServiceRequest.objects.get(pk=play.request.pk).version
    command = actions.Command(play.request.pk, who_may(play, activity), version)
    return statements(lambda: action(command, **given))
