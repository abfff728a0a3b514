"""A case that is split: parts of their own, a whole that closes with the last of them, once, and counts once."""

from functools import partial
from html import unescape
from itertools import product

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.loading import load
from requests_app import actions
from requests_app.actions._parts import PartState, outcome_of_whole, whole_follows
from requests_app.actions.split import Part, split
from requests_app.actions.verify import differences
from requests_app.models import RequestEvent, ServiceRequest, User
from requests_app.permissions import ANONYMOUS, Viewer
from requests_app.reads.city import recent_pins
from requests_app.states import Activity, Outcome, Status
from tests import factories
from tests.factories import World, command
from tests.races import losers, race, winners
from tests.scenarios import Play

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> World:
    return factories.world("testford", is_default=True)


def client_of(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


def parts_for(town: World, number: int = 2) -> list[Part]:
    offices = [town.parks, town.intake, town.roads]
    return [Part(town.pothole.pk, offices[n % 3].pk, f"Do the thing number {n}.") for n in range(number)]


def split_up(town: World, number: int = 2, **fields: object) -> tuple[Play, list[Play]]:
    """A case at work and the parts it was split into."""
    whole = Play.begin(town, **fields).started()
    made = split(command(whole.request, whole.holder), parts_for(town, number))
    whole.request.refresh_from_db()
    return whole, [Play(town, ServiceRequest.objects.get(pk=child.pk)) for child in made]


def sound() -> bool:
    return all(not fields for _reference, fields in differences())


def test_a_part_is_a_case_of_its_own_office_without_the_person(town: World) -> None:
    whole, parts = split_up(town, contact=actions.Contact("Ana", "ana@example.org"))
    assert [play.request.office_id for play in parts] == [town.parks.pk, town.intake.pk]
    for play in parts:
        child = play.request
        assert (child.parent_id, child.person_id, child.status) == (whole.request.pk, None, Status.TRIAGED)
        assert (child.location, child.area_id) == (whole.request.location, whole.request.area_id)
    named = RequestEvent.objects.filter(request=whole.request, activity=Activity.SPLIT)
    assert sorted(named.values_list("other_request_id", flat=True)) == sorted(play.request.pk for play in parts)
    assert (whole.request.status, whole.request.parts, whole.request.open_parts) == (Status.IN_PROGRESS, 2, 2)
    assert sound()


def test_the_whole_closes_with_its_last_part_and_not_before(town: World) -> None:
    whole, (one, other) = split_up(town)
    for attempt in (
        partial(whole.do, actions.close, outcome=Outcome.RESOLVED),
        partial(whole.do, actions.close, outcome=Outcome.WITHDRAWN),
        partial(whole.do, actions.merge, viewer=town.manager, into_id=Play.begin(town).request.pk),
    ):
        with pytest.raises(actions.Refused, match="by itself with the last one"):
            attempt()
    one.closed(Outcome.NO_ACTION_NEEDED)
    whole.request.refresh_from_db()
    assert (whole.request.is_open, whole.request.open_parts) == (True, 1)
    other.closed()
    whole.request.refresh_from_db()
    assert (whole.request.status, whole.request.outcome, whole.request.open_parts) == ("closed", "resolved", 0)
    last = RequestEvent.objects.filter(request=whole.request).latest("sequence")
    assert (last.actor, last.user_id, last.other_request_id) == ("system", None, other.request.pk)
    assert sound()


def test_a_part_that_is_opened_again_opens_the_whole(town: World) -> None:
    whole, (one, other) = split_up(town)
    one.do(actions.merge, viewer=town.manager, into_id=Play.begin(town).request.pk)
    other.closed()
    one.do(actions.unmerge, viewer=town.manager)
    whole.request.refresh_from_db()
    assert (whole.request.status, whole.request.open_parts) == (Status.ASSIGNED, 1)
    one.closed()
    whole.request.refresh_from_db()
    assert whole.request.status == Status.CLOSED
    whole.do(actions.reopen, viewer=whole.citizen)
    whole.closed()
    assert sound()


def test_parts_are_not_split_nor_joined_with_their_whole(town: World) -> None:
    whole, (one, _other) = split_up(town)
    one.accepted()
    with pytest.raises(actions.Refused, match="a part already"):
        split(command(one.request, one.holder), parts_for(town))
    for play, into in ((whole, one), (one, whole)):
        with pytest.raises(actions.Refused, match="a part of"):
            play.do(actions.merge, viewer=town.manager, into_id=into.request.pk)


def test_what_cannot_be_is_refused_with_every_field_and_nothing_is_written(town: World) -> None:
    whole = Play.begin(town, town.benefit).accepted()
    cases = ServiceRequest.objects.count()

    def refused(*parts: Part) -> list[str]:
        with pytest.raises(actions.Refused) as wrong:
            split(command(whole.request, whole.holder), parts)
        return sorted(wrong.value.fields)

    good = Part(town.benefit.pk, town.intake.pk, "Check the bill.")
    assert refused(good) == ["parts"]
    assert refused(*[good] * 9) == ["parts"]
    assert refused(good, Part(0, 0, " ")) == ["office-2", "service-2", "words-2"]
    assert refused(Part(town.pothole.pk, town.roads.pk, "No place."), good) == ["service-1"]
    assert ServiceRequest.objects.count() == cases
    public = Play.begin(town).accepted()
    with pytest.raises(actions.Forbidden):
        split(command(public.request, town.other_handler), parts_for(town))
    whole.closed()
    with pytest.raises(actions.Illegal):
        split(command(whole.request, town.manager), [good, good])


def test_a_private_case_gets_no_public_part_from_a_handler(town: World) -> None:
    private = Play.begin(town, town.needle).accepted()
    with pytest.raises(actions.Refused, match="to everybody"):
        split(command(private.request, private.holder), parts_for(town))
    hidden, (one, _other) = split_up(town)
    hidden.do(actions.hide, viewer=town.manager)
    (late,) = split(command(hidden.request, hidden.holder), parts_for(town, 1))
    assert (late.hidden, one.request.hidden) == (True, False)


def test_a_case_and_its_parts_are_counted_once(town: World) -> None:
    whole, parts = split_up(town, 3)
    assert list(load(town.jurisdiction, town.evaluator).frames.cases["case"]) == [whole.request.pk]
    assert [pin["reference"] for pin in recent_pins(town.jurisdiction)] == [whole.request.reference]
    assert not ServiceRequest.objects.filter(pk__in=[p.request.pk for p in parts], parent=None).exists()


def test_the_citizen_reads_of_one_request_with_its_parts(town: World) -> None:
    whole, (one, _other) = split_up(town)
    one.closed()
    address = f"/requests/{whole.request.reference}/"
    page = unescape(Client().get(address).content.decode())
    assert "Several offices work on this: 1 of 2 parts are done" in page
    french = unescape(Client().get(f"{address}?lang=fr").content.decode())
    assert "Plusieurs bureaux y travaillent" in french
    part = unescape(Client().get(f"/requests/{one.request.reference}/").content.decode())
    assert "This is one part of the work for another request" in part
    assert ANONYMOUS.user_id is None


def test_the_desk_splits_on_a_page_and_keeps_what_was_typed(town: World) -> None:
    whole = Play.begin(town).started()
    client, address = client_of(town.handler), f"/desk/requests/{whole.request.reference}/"
    assert f"{address}split/" in client.get(address).content.decode()
    assert client.get(f"{address}split/").status_code == 200
    form = {
        "version": whole.request.version,
        **{f"service-{n}": town.pothole.pk for n in (1, 3)},
        **{f"office-{n}": town.parks.pk for n in (1, 3)},
        "words-1": "Fell the tree.",
        "words-3": "",
    }
    refused = client.post(f"{address}split/do/", form)
    assert refused.status_code == 422
    assert list(refused.context["problems"]) == ["words-3"]
    assert "Fell the tree." in refused.content.decode()
    assert client.post(f"{address}split/do/", {**form, "words-3": "Mend the path."}).status_code == 302
    page = unescape(client.get(address).content.decode())
    assert "Parts: 0 of 2 done" in page
    assert "0 of 2 parts done" in unescape(client.get("/desk/queue/").content.decode())
    assert client.post(f"{address}split/do/", form).status_code == 409
    part = ServiceRequest.objects.filter(parent=whole.request).first()
    assert part is not None
    assert client_of(town.other_handler).get(f"/desk/requests/{part.reference}/split/").status_code == 403


@given(states=st.lists(st.sampled_from(list(product(["closed", "assigned"], list(Outcome)))), min_size=1, max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_whole_is_open_as_long_as_one_part_is(town: World, states: list[tuple[str, Outcome]]) -> None:
    parts = [PartState(status, outcome if status == "closed" else "") for status, outcome in states]
    anything = whole_follows(FakeWhole(Status.ASSIGNED), parts)  # type: ignore[arg-type]
    assert (anything is Activity.RESOLVED) == all(status == "closed" for status, _outcome in states)
    outcome = outcome_of_whole(parts)
    assert outcome is not Outcome.DUPLICATE
    assert (outcome is Outcome.RESOLVED) == any(part.outcome == Outcome.RESOLVED for part in parts)


class FakeWhole:
    """As much of a state as the rule looks at."""

    merged_into_id = None

    def __init__(self, status: Status) -> None:
        self.status = status


@pytest.mark.django_db(transaction=True)
def test_two_last_parts_that_close_at_once_close_the_whole_once(town: World) -> None:
    for _ in range(8):
        whole, parts = split_up(town)
        results = race(*(partial(actions.close, command(p.request, p.holder), outcome=Outcome.RESOLVED) for p in parts))
        assert (len(winners(results)), losers(results)) == (2, [])
        assert RequestEvent.objects.filter(request=whole.request, activity=Activity.RESOLVED).count() == 1
        whole.request.refresh_from_db()
        assert (whole.request.status, whole.request.open_parts) == (Status.CLOSED, 0)
    assert sound()


def test_a_part_is_not_filed_at_a_partner_outside_who_would_not_hear_of_it(town: World) -> None:
    town.parks.is_external = True
    town.parks.save()
    whole = Play.begin(town).started()
    with pytest.raises(actions.Refused) as refused:
        split(command(whole.request, whole.holder), parts_for(town))
    assert list(refused.value.fields) == ["office-1"]
    assert "is a partner outside" in str(refused.value.fields["office-1"])
