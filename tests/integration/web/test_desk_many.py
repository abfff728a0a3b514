"""One move for many requests at the desk: chosen with the version seen, tried out, made, undone once."""

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from requests_app import actions
from requests_app.actions import many as action
from requests_app.clock import now
from requests_app.models import (
    Absence,
    BulkRun,
    Jurisdiction,
    Membership,
    Office,
    Provenance,
    RequestEvent,
    ServiceRequest,
    User,
)
from requests_app.permissions import Role, Viewer
from requests_app.states import Activity, Status
from requests_app.web.desk import many as pages
from tests import factories
from tests.factories import IN_THE_EAST, World, command, file_request
from tests.scenarios import Play

pytestmark = pytest.mark.django_db

QUEUE, MANY, RUN = "/desk/queue/", "/desk/many/", "/desk/many/run/"


@pytest.fixture
def town() -> World:
    return factories.world("testford")


def client_of(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


def held(town: World, number: int = 1) -> list[ServiceRequest]:
    return [Play.begin(town).accepted().request for _ in range(number)]


def boxes(client: Client) -> list[str]:
    """What the boxes of a queue would send."""
    page = client.get(QUEUE).content.decode()
    return re.findall(r'name="case" value="(\d+-\d+)"', page)


def shown(requests: Sequence[ServiceRequest]) -> list[str]:
    return [f"{request.pk}-{request.version}" for request in requests]


def text(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


def priority_made(client: Client, case: Sequence[str], priority: str = "2") -> HttpResponse:
    response: HttpResponse = client.post(RUN, {"move": "priority", "case": case, "priority": priority}, follow=True)
    return response


# --- Choosing --------------------------------------------------------------------------------------------------------


def test_each_row_can_be_chosen_with_the_version_it_shows(town: World) -> None:
    case = held(town)[0]
    assert boxes(client_of(town.handler)) == shown([case])


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"move": "accept"}, "Choose at least one request."),
        ({"move": "", "case": "1-1"}, "Choose what to do from the list."),
        ({"move": "explode", "case": "1-1"}, "Choose what to do from the list."),
        ({"move": "accept", "case": "1"}, "could not be read"),
        ({"move": "accept", "case": "one-two"}, "could not be read"),
        ({"move": "accept", "case": "9" * 40 + "-1"}, "could not be read"),
        ({"move": "accept", "case": ",".join(f"{n}-1" for n in range(501))}, "At most 500 requests at once."),
    ],
)
@pytest.mark.parametrize("address", [MANY, RUN])
def test_a_choice_that_cannot_be_taken_is_refused_on_the_list(
    town: World, form: dict[str, str], sentence: str, address: str
) -> None:
    case = held(town)[0]
    response = client_of(town.handler).post(address, form)
    assert response.status_code == 422
    assert sentence in text(response)
    assert case.reference in text(response)


def test_whoever_may_move_nothing_is_offered_no_boxes(town: World) -> None:
    held(town)
    Jurisdiction.objects.update(provenance=Provenance.IMPORTED, as_of=now())
    client = client_of(town.handler)
    assert boxes(client) == []
    assert client.post(MANY, {"move": "accept", "case": "1-1"}).status_code == 403


def test_only_moves_that_the_reader_may_make_are_offered(town: World) -> None:
    case = held(town)[0]
    page = text(client_of(town.administrator).get(QUEUE))
    assert 'value="hand-off"' not in page
    response = client_of(town.administrator).post(MANY, {"move": "hand-off", "case": shown([case])})
    assert response.status_code == 403


def test_the_whole_of_a_list_can_be_chosen(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    held(town, 2)
    other = Play.begin(town).request
    client = client_of(town.handler)
    form = {"move": "priority", "whole": "yes", "priority": "1", "tried": "yes"}
    response = client.post(f"{MANY}?kind=work", form)
    assert len(response.context["going"]) == 2
    assert other.reference not in text(response)
    monkeypatch.setattr(pages, "MOST", 1)
    assert "At most 1 requests" in text(client.post(f"{MANY}?kind=work", form))


# --- Trying out ------------------------------------------------------------------------------------------------------


def test_a_move_with_fields_asks_for_them_first(town: World) -> None:
    case = held(town)[0]
    response = client_of(town.handler).post(MANY, {"move": "put-off", "case": shown([case])})
    assert response.status_code == 200
    assert "Why" in text(response)
    assert " checked" not in text(response).partition("many__form")[2], "nothing is chosen beforehand"
    assert shown([case])[0] in text(response)


@pytest.mark.parametrize(
    ("form", "field", "sentence"),
    [
        ({"move": "put-off", "reason": "crew"}, "until", "Give a day, such as 2026-05-31."),
        ({"move": "put-off", "reason": "crew", "until": "1999-01-01"}, "until", "The date has passed."),
        ({"move": "put-off", "until": "2099-01-01"}, "reason", "Choose a reason from the list."),
        ({"move": "assign", "handler": "0"}, "handler", "Choose a person from the list."),
        ({"move": "hand-off", "office": "²"}, "office", "Choose an office from the list."),
        ({"move": "priority", "priority": "7"}, "priority", "Choose a priority from the list."),
        ({"move": "close", "outcome": "duplicate"}, "outcome", "Choose an outcome from the list."),
        ({"move": "ask", "question": " "}, "question", "Write a few words: the text is empty."),
        ({"move": "note", "body": "x" * 5000}, "body", "Shorten it."),
    ],
)
@pytest.mark.parametrize("address", [MANY, RUN])
def test_a_field_that_cannot_be_taken_is_refused_by_name(
    town: World, form: dict[str, str], field: str, sentence: str, address: str
) -> None:
    case = held(town)[0]
    response = client_of(town.handler).post(address, {**form, "case": shown([case]), "tried": "yes"})
    assert response.status_code == 422
    assert sentence in response.context["problems"][field]
    assert not BulkRun.objects.exists()


def test_the_preview_says_which_would_be_refused_and_why_and_changes_nothing(town: World) -> None:
    good, changed = held(town, 2)
    new = Play.begin(town).request
    case = shown([good, changed, new])
    actions.reprioritize(command(changed, town.manager), priority=1)
    events = RequestEvent.objects.count()
    form = {"move": "hand-off", "case": case, "office": town.parks.pk, "tried": "yes"}
    response = client_of(town.handler).post(MANY, form)
    assert response.status_code == 200
    assert [one.request.reference for one in response.context["going"]] == [good.reference]
    assert "It can be done to 1 of 3" in text(response)
    assert "Somebody changed this request since you chose it." in text(response)
    assert f'href="/desk/requests/{new.reference}/' in text(response)
    assert "is not possible while the request is “Sent to an office”: accept it first." in text(response)
    assert RequestEvent.objects.count() == events


def test_the_preview_costs_the_same_for_two_and_for_thirty(town: World) -> None:
    client = client_of(town.handler)
    sent = []
    for number in (2, 30):
        form = {"move": "assign", "case": shown(held(town, number)), "handler": town.handler.user_id, "tried": "yes"}
        client.post(MANY, form)
        with CaptureQueriesContext(connection) as queries:
            assert len(client.post(MANY, form).context["going"]) == number
        sent.append(len(queries))
    assert sent[0] == sent[1]
    assert sent[1] <= 11


def test_cases_that_left_the_desk_meanwhile_are_counted_and_left_out(town: World) -> None:
    mine = held(town)[0]
    theirs = file_request(town.pothole, location=IN_THE_EAST)
    form = {"move": "priority", "priority": "1", "case": shown([mine, theirs]), "tried": "yes"}
    response = client_of(town.handler).post(MANY, form)
    assert response.context["gone"] == 1
    assert "1 is no longer at your desk" in text(response)
    assert theirs.reference not in text(response)


def test_somebody_away_is_not_given_many_unless_that_is_known(town: World) -> None:
    case = held(town)[0]
    colleague = factories.member(factories.Role.HANDLER, town.jurisdiction, office=town.roads)
    today = town.jurisdiction.today
    Absence.objects.create(
        jurisdiction=town.jurisdiction, user_id=colleague.user_id, starts_on=today, ends_on=today, entered_at=now()
    )
    form = {"move": "assign", "handler": colleague.user_id, "case": shown([case]), "tried": "yes"}
    client = client_of(town.manager)
    assert "is away until" in client.post(MANY, form).context["problems"]["handler"]
    client.post(RUN, {**form, "although_away": "yes"})
    case.refresh_from_db()
    assert case.handler_id == colleague.user_id


def test_an_office_that_is_closed_for_good_is_refused_in_the_preview_as_in_the_run(town: World) -> None:
    case = held(town)[0]
    Office.objects.filter(pk=town.parks.pk).update(closes_on=town.jurisdiction.today - timedelta(days=1))
    form = {"move": "hand-off", "office": town.parks.pk, "case": shown([case]), "tried": "yes"}
    client = client_of(town.handler)
    assert "is closed for good" in text(client.post(MANY, form))
    assert "is closed for good" in text(client.post(RUN, form, follow=True))


# --- Making ----------------------------------------------------------------------------------------------------------


def test_the_run_says_what_was_done_and_what_somebody_changed_meanwhile(town: World) -> None:
    three = held(town, 3)
    case = shown(three)
    actions.start(command(three[1], town.handler))
    response = priority_made(client_of(town.handler), case)
    assert response.status_code == 200
    assert "2 of 3 done." in text(response)
    assert "1 was changed by somebody meanwhile and is left as it is." in text(response)
    assert sorted(ServiceRequest.objects.values_list("priority", flat=True)) == [0, 2, 2]


FIELDS: dict[str, dict[str, str]] = {
    "take": {},
    "accept": {},
    "start": {},
    "assign": {"handler": "roads"},
    "hand-off": {"office": "parks"},
    "put-off": {"reason": "crew", "until": "2099-05-31", "note": "After the frost."},
    "priority": {"priority": "2"},
    "close": {"outcome": "no_action_needed", "reply": "Thank you."},
    "ask": {"question": "Which side?"},
    "note": {"body": "Seen."},
}
"""What each move's form sends."""


@pytest.mark.parametrize("slug", FIELDS)
def test_what_the_preview_says_of_a_move_the_run_then_does(town: World, slug: str) -> None:
    case = shown([Play.begin(town).request] if slug == "accept" else held(town))
    ids = {"roads": str(town.handler.user_id), "parks": str(town.parks.pk)}
    fields = {name: ids.get(value, value) for name, value in FIELDS[slug].items()}
    client = client_of(town.handler)
    form = {"move": slug, "case": case, "tried": "yes", **fields}
    assert "It can be done to this request" in text(client.post(MANY, form))
    assert "1 of 1 done." in text(client.post(RUN, form, follow=True))


def test_each_move_of_the_list_is_tried_here(town: World) -> None:
    held(town)
    offered = client_of(town.handler).get(QUEUE).context["many_moves"]
    assert {move.slug for move in offered} == set(FIELDS)


def test_a_long_run_shows_how_far_it_is_and_goes_on_without_the_page(
    town: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "AT_ONCE_SECONDS", 0)
    client = client_of(town.handler)
    response = priority_made(client, shown(held(town, 3)))
    assert "1 of 3 so far" in text(response)
    assert 'max="3" value="1"' in text(response)
    assert action.sweep_runs(60) == 1
    run = BulkRun.objects.get()
    assert "3 of 3 done." in text(client.get(f"{MANY}{run.pk}/"))


def test_the_list_one_came_from_is_kept(town: World) -> None:
    client = client_of(town.handler)
    form = {"move": "priority", "priority": "1", "case": shown(held(town))}
    response = client.post(f"{RUN}?kind=work&tab=office", form, follow=True)
    assert 'href="/desk/queue/?kind=work&amp;tab=office"' in text(response)


def test_sentences_of_a_run_are_in_the_reader_s_language(town: World) -> None:
    case = held(town)[0]
    seen = shown([case])
    actions.reprioritize(command(case, town.manager), priority=1)
    client = client_of(town.handler)
    priority_made(client, seen)
    page = text(client.get(f"{MANY}{BulkRun.objects.get().pk}/?lang=fr"))
    assert "a été modifiée par quelqu’un entre-temps" in page
    assert "Quelqu’un vient de modifier cette demande" in page


# --- Undoing ---------------------------------------------------------------------------------------------------------


def test_a_run_is_undone_once_and_what_has_moved_on_stays(town: World) -> None:
    three = held(town, 3)
    client = client_of(town.handler)
    form = {"move": "priority", "priority": "2", "case": shown(three), "tried": "yes"}
    assert "Afterwards you can undo it, once." in text(client.post(MANY, form))
    assert "Undo for 3 requests" in text(priority_made(client, shown(three)))
    run = BulkRun.objects.get()
    three[2].refresh_from_db()
    actions.start(command(three[2], town.handler))
    response = client.post(f"{MANY}{run.pk}/undo/", follow=True)
    assert "2 of 3 put back." in text(response)
    assert "1 was changed by somebody meanwhile" in text(response)
    assert list(ServiceRequest.objects.order_by("pk").values_list("priority", flat=True)) == [0, 0, 2]
    again = client.post(f"{MANY}{run.pk}/undo/")
    assert again.status_code == 422
    assert "This was undone already." in text(again)
    assert "Undo for" not in text(client.get(f"{MANY}{run.pk}/"))


def test_what_cannot_be_undone_says_so_before_and_after(town: World) -> None:
    client = client_of(town.handler)
    form = {"move": "note", "body": "Seen.", "case": shown(held(town)), "tried": "yes"}
    assert "It cannot be undone. A note stays in the history." in text(client.post(MANY, form))
    made = client.post(RUN, form, follow=True)
    assert "It cannot be undone. A note stays in the history." in text(made)
    assert "Undo for" not in text(made)


def test_a_hand_off_of_many_is_taken_back(town: World) -> None:
    two = held(town, 2)
    client = client_of(town.handler)
    client.post(RUN, {"move": "hand-off", "office": town.parks.pk, "case": shown(two)})
    assert set(ServiceRequest.objects.values_list("status", flat=True)) == {Status.HANDED_OFF}
    client.post(f"{MANY}{BulkRun.objects.get().pk}/undo/")
    assert set(ServiceRequest.objects.values_list("status", "office")) == {(Status.ASSIGNED, town.roads.pk)}
    assert RequestEvent.objects.filter(activity=Activity.RECALLED).count() == 2


def test_a_run_is_its_own_officer_s(town: World) -> None:
    priority_made(client_of(town.handler), shown(held(town)))
    run = BulkRun.objects.get()
    assert client_of(town.manager).get(f"{MANY}{run.pk}/").status_code == 404
    assert client_of(town.manager).post(f"{MANY}{run.pk}/undo/").status_code == 404


def test_a_run_names_no_request_that_its_officer_does_not_reach_any_more(town: World) -> None:
    client, (mine, theirs) = client_of(town.handler), held(town, 2)
    priority_made(client, shown([mine, theirs]))
    address = f"{MANY}{BulkRun.objects.get().pk}/"
    assert theirs.reference in text(client.get(address))
    ServiceRequest.objects.filter(pk=theirs.pk).update(area=town.east)
    Membership.objects.filter(user_id=town.handler.user_id).update(area=town.west)
    page = text(client.get(address))
    assert mine.reference in page
    assert theirs.reference not in page
    assert "2 of 2 done." in page
    assert "1 of them is beyond your desk today, so it is not named here." in page
    assert "Undo for 1 request" in page


def test_a_run_keeps_the_list_it_came_from_without_the_words_searched_for(town: World) -> None:
    (case,) = held(town)
    form = {"move": "priority", "priority": "2", "case": shown([case])}
    client_of(town.handler).post(f"{RUN}?place=testford&kind=work&q=14+King+Street&sort=oldest", form)
    assert BulkRun.objects.get().query == "place=testford&kind=work&sort=oldest"


def test_only_who_works_there_today_is_offered_to_give_many_to(town: World) -> None:
    left = factories.member(Role.HANDLER, town.jurisdiction, town.roads, name="left-long-ago")
    Membership.objects.filter(user_id=left.user_id).update(ends_on=town.jurisdiction.today - timedelta(days=1))
    form = {"move": "assign", "case": shown(held(town))}
    page = text(client_of(town.handler).post(MANY, form))
    assert f'value="{town.handler.user_id}"' in page
    assert "Left Long Ago" not in page


def test_one_s_own_runs_are_found_again_with_what_became_of_them(town: World) -> None:
    client = client_of(town.handler)
    assert "You have moved nothing at once here yet." in text(client.get(f"{MANY}done/"))
    priority_made(client, shown(held(town, 2)))
    run = BulkRun.objects.get()
    page = text(client.get(f"{MANY}done/"))
    assert f'href="/desk/many/{run.pk}/"' in page
    assert "2 of 2 done." in page
    client.post(f"{MANY}{run.pk}/undo/")
    assert "This was undone." in text(client.get(f"{MANY}done/"))
    assert f'href="/desk/many/{run.pk}/"' not in text(client_of(town.manager).get(f"{MANY}done/"))


def test_a_move_refused_for_its_own_reason_is_told_apart_from_a_change(town: World) -> None:
    case = held(town)[0]
    client = client_of(town.handler)
    page = text(priority_made(client, shown([case, Play.begin(town).accepted().request]), "0"))
    assert "0 of 2 done." in page
    assert "2 were refused: the reasons are below." in page
    assert "by somebody meanwhile" not in page
    assert page.count("It has that priority already.") == 2
