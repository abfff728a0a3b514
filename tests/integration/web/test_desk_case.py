"""One case at the desk: every move through the page, what is refused, and races on the real database."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from requests_app import actions
from requests_app.clock import now
from requests_app.models import Jurisdiction, PersonRead, Provenance, RequestEvent, Service, ServiceRequest, User, Words
from requests_app.permissions import Role, Viewer
from requests_app.states import Activity, Outcome, Status
from requests_app.web.desk.moves import MOVES
from tests import factories
from tests.bench._cpu import statements
from tests.factories import IN_THE_EAST, IN_THE_WEST, World, command, file_request

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> World:
    return factories.world("testford")


def client_of(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


def move(client: Client, request: ServiceRequest, slug: str, query: str = "", **values: object) -> object:
    version = ServiceRequest.objects.values_list("version", flat=True).get(pk=request.pk)
    return client.post(f"/desk/requests/{request.reference}/moves/{slug}/{query}", {"version": version, **values})


def status_of(request: ServiceRequest) -> str:
    return ServiceRequest.objects.values_list("status", flat=True).get(pk=request.pk)


def last_event(request: ServiceRequest) -> RequestEvent:
    return RequestEvent.objects.filter(request=request).latest("sequence")


def offered(client: Client, request: ServiceRequest) -> list[str]:
    page = client.get(f"/desk/requests/{request.reference}/")
    assert page.status_code == 200
    return [entry["move"].slug for entry in page.context["moves"]]


def at_work(town: World) -> ServiceRequest:
    """A case that its office has accepted and begun."""
    request = file_request(town.pothole, location=IN_THE_WEST)
    actions.accept(command(request, town.handler))
    actions.start(command(request, town.handler))
    return request


# --- Every move ------------------------------------------------------------------------------------------------------


def test_a_case_goes_from_filing_to_closing_through_the_pages(town: World) -> None:
    request = file_request(town.pothole, location=IN_THE_WEST)
    client = client_of(town.handler)
    for slug, values, status in (
        ("accept", {}, Status.ASSIGNED),
        ("start", {}, Status.IN_PROGRESS),
        ("schedule", {"promised_at": (now() + timedelta(days=3)).date().isoformat()}, Status.SCHEDULED),
        ("start", {}, Status.IN_PROGRESS),
        ("put-off", {"reason": "season", "until": "2099-05-31"}, Status.IN_PROGRESS),
        ("wait", {"reason": "weather"}, Status.WAITING_EXTERNAL),
        ("start", {}, Status.IN_PROGRESS),
        ("ask", {"question": "Which side of the street?"}, Status.WAITING_CITIZEN),
        ("close", {"outcome": "resolved", "reply": "It is filled.", "public": "yes"}, Status.CLOSED),
        ("reopen", {"reason": "It broke again."}, Status.ASSIGNED),
        ("hand-off", {"office": town.parks.pk, "note": "A tree root."}, Status.HANDED_OFF),
    ):
        response = move(client, request, slug, **values)
        assert response.status_code == 302, (slug, response.content.decode()[:3000])
        assert status_of(request) == status, slug
    assert Words.objects.get(request=request, body="It is filled.").released_at is not None


@pytest.mark.parametrize(
    ("before", "slug", "values", "most"),
    [
        ((), "accept", {}, 10),
        (("accept",), "start", {}, 9),
        (("accept", "start"), "ask", {"question": "Which side?"}, 8),
        (("accept", "start"), "close", {"outcome": "resolved", "reply": "Filled.", "public": "yes"}, 9),
        (("accept", "start"), "hand-off", {"note": "A root."}, 10),
    ],
)
def test_a_move_through_the_page_keeps_to_its_statements(
    town: World, before: tuple[str, ...], slug: str, values: dict[str, Any], most: int
) -> None:
    """Ten at most, of every move. The session's own is not counted."""
    request = file_request(town.pothole, location=IN_THE_WEST, contact=actions.Contact(email="ana@example.org"))
    client = client_of(town.handler)
    for earlier in before:
        assert move(client, request, earlier).status_code == 302
    version = ServiceRequest.objects.get(pk=request.pk).version
    given = {"version": version, **values, **({"office": town.parks.pk} if slug == "hand-off" else {})}
    address = f"/desk/requests/{request.reference}/moves/{slug}/"
    answers = []
    assert statements(lambda: answers.append(client.post(address, given))) <= most
    assert answers[0].status_code == 302


def test_moves_that_leave_the_status_as_it_is(town: World) -> None:
    request = at_work(town)
    person = User.objects.get(pk=town.handler.user_id)
    client = client_of(town.manager)
    for slug, values, activity in (
        ("assign", {"handler": person.pk}, Activity.ASSIGNED),
        ("review", {"office": town.parks.pk}, Activity.REVIEW_REQUESTED),
        ("return-review", {"branch": 1, "note": "No roots."}, Activity.REVIEW_RETURNED),
        ("service", {"service": town.needle.pk}, Activity.RECATEGORIZED),
        ("priority", {"priority": 2}, Activity.REPRIORITIZED),
        ("note", {"body": "Seen on Tuesday."}, Activity.NOTED),
        ("comment", {"body": "We are on it."}, Activity.COMMENTED),
        ("hide", {}, Activity.HIDDEN),
        ("show", {}, Activity.SHOWN),
    ):
        response = move(client, request, slug, **values)
        assert response.status_code == 302, (slug, response.content.decode()[:3000])
        assert last_event(request).activity == activity
        assert status_of(request) == Status.IN_PROGRESS


def test_a_case_is_sent_back_routed_anew_and_joined_with_another(town: World) -> None:
    request, other = (file_request(town.pothole, location=IN_THE_WEST) for _ in range(2))
    assert move(client_of(town.handler), request, "bounce", reason="wrong_office").status_code == 302
    assert status_of(request) == Status.RECEIVED
    manager = client_of(town.manager)
    assert "route" in offered(manager, request)
    assert move(manager, request, "route", office=town.roads.pk).status_code == 302
    assert other.reference in manager.get(f"/desk/requests/{request.reference}/").content.decode()
    assert move(manager, request, "merge", into=other.reference).status_code == 302
    assert ServiceRequest.objects.get(pk=request.pk).merged_into_id == other.pk


def test_words_and_photos_are_public_only_after_a_person_released_them(town: World, client: Client) -> None:
    request = file_request(town.pothole, words="By the red fence.")
    words = Words.objects.get(request=request)
    assert "red fence" not in client.get(f"/requests/{request.reference}/").content.decode()
    handler_page = client_of(town.handler).get(f"/desk/requests/{request.reference}/").content.decode()
    assert "red fence" in handler_page
    assert "release-words" not in handler_page
    assert move(client_of(town.handler), request, "release-words", words=words.pk).status_code == 403
    assert move(client_of(town.manager), request, "release-words", words=words.pk).status_code == 302
    assert "red fence" in client.get(f"/requests/{request.reference}/").content.decode()


def test_nobody_is_told_that_everybody_reads_what_is_never_public(town: World) -> None:
    for service, is_public in ((town.pothole, True), (town.needle, False), (town.compliment, False)):
        request = file_request(service)
        client = client_of(town.manager)
        page = client.get(f"/desk/requests/{request.reference}/").content.decode()
        assert ("Everybody may read this reply" in page, "Everybody may read this message" in page) == (is_public,) * 2
        answer = move(client, request, "comment", body="We are on our way.", public="yes")
        assert answer.status_code == (302 if is_public else 422)
        assert Words.objects.filter(request=request).exclude(released_at=None).exists() is is_public
    assert "Requests for this service are never public." in answer.content.decode()


def test_beside_each_person_stands_how_much_they_have(town: World) -> None:
    colleague = factories.member(Role.HANDLER, town.jurisdiction, town.roads, name="ana-busy")
    mine, hers, closed = at_work(town), at_work(town), at_work(town)
    for request in (hers, closed):
        actions.assign(command(request, town.manager), handler_id=colleague.user_id)
    actions.close(command(closed, town.handler), outcome=Outcome.RESOLVED)
    client = client_of(town.manager)
    assert "Ana Busy (1 open request)" in client.get(f"/desk/requests/{mine.reference}/").content.decode()
    many = client.post("/desk/many/", {"move": "assign", "case": f"{mine.pk}-{mine.version}"})
    assert "Ana Busy (1 open request)" in many.content.decode()
    french = client.get(f"/desk/requests/{mine.reference}/?lang=fr", follow=True).content.decode()
    assert "Ana Busy (1 demande ouverte)" in french


def test_every_move_has_its_own_key_wherever_it_is_offered(town: World) -> None:
    request = file_request(town.pothole, location=IN_THE_WEST)
    manager = client_of(town.manager)
    for step in (None, actions.accept, actions.start):
        if step is not None:
            step(command(request, town.handler))
        page = manager.get(f"/desk/requests/{request.reference}/")
        keys = [entry["move"].key for entry in page.context["moves"]]
        assert len(keys) == len(set(keys))
        assert not set(keys) & {"j", "k", "u", "f", "l", "c", "?"}
    assert len({m.slug for m in MOVES}) == len(MOVES)


# --- Who may what ----------------------------------------------------------------------------------------------------


def test_an_office_that_does_not_hold_the_case_is_offered_no_move_of_the_holder(town: World) -> None:
    request = at_work(town)
    actions.hand_off(command(request, town.handler), office_id=town.parks.pk)
    assert set(offered(client_of(town.handler), request)) & {"accept", "start", "close", "hand-off"} == set()
    assert "accept" in offered(client_of(town.other_handler), request)
    assert move(client_of(town.handler), request, "accept").status_code == 403


def test_a_case_of_another_office_is_not_found_at_the_desk(town: World) -> None:
    private, public = file_request(town.benefit), file_request(town.pothole, location=IN_THE_WEST)
    for request in (private, public):
        client = client_of(town.other_handler)
        assert client.get(f"/desk/requests/{request.reference}/").status_code == 404
        assert move(client, request, "accept").status_code == 404
        assert client.post(f"/desk/requests/{request.reference}/person/").status_code == 404
    assert client_of(town.evaluator).get(f"/desk/requests/{public.reference}/").status_code == 403


def test_an_administrator_reads_no_words_and_makes_no_move_of_an_office(town: World) -> None:
    request = file_request(town.pothole, words="Ask for Waldemar.")
    client = client_of(town.administrator)
    page = client.get(f"/desk/requests/{request.reference}/").content.decode()
    assert "Waldemar" not in page
    assert set(offered(client, request)) <= {"hide"}


def test_who_asked_is_read_on_a_click_only_and_logged(town: World) -> None:
    contact = actions.Contact(name="Ada Example", phone="905-555-0199")
    request = file_request(town.pothole, contact=contact)
    client = client_of(town.handler)
    assert "Ada Example" not in client.get(f"/desk/requests/{request.reference}/").content.decode()
    assert PersonRead.objects.count() == 0
    for headers in ({}, {"HX-Request": "true"}):
        page = client.post(f"/desk/requests/{request.reference}/person/", headers=headers)
        assert "Ada Example" in page.content.decode()
    assert list(PersonRead.objects.values_list("user_id", "purpose")) == [(town.handler.user_id, "contact_citizen")] * 2
    assert (
        "Ada Example"
        not in client_of(town.administrator).post(f"/desk/requests/{request.reference}/person/").content.decode()
    )


def test_an_imported_case_is_read_only(town: World) -> None:
    request = file_request(town.pothole)
    Jurisdiction.objects.update(provenance=Provenance.IMPORTED, as_of=now())
    client = client_of(town.manager)
    assert offered(client, request) == []
    assert "imported from another system" in client.get(f"/desk/requests/{request.reference}/").content.decode()
    assert move(client, request, "accept").status_code == 409


# --- What is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "values", "field"),
    [
        ("close", {}, "outcome"),
        ("close", {"outcome": "duplicate"}, "outcome"),
        ("close", {"outcome": "resolved", "reply": "x" * 4001}, "reply"),
        ("hand-off", {"office": ""}, "office"),
        ("hand-off", {"office": "999999"}, "office"),
        ("hand-off", {"office": "9" * 40}, "office"),
        ("assign", {"handler": "999999"}, "handler"),
        ("schedule", {"promised_at": "soon"}, "promised_at"),
        ("schedule", {"promised_at": "2001-01-01"}, "promised_at"),
        ("ask", {"question": "  "}, "question"),
        ("wait", {"reason": "tired"}, "reason"),
        ("priority", {"priority": "7"}, "priority"),
        ("merge", {"other": "TF-NOTHING"}, "other"),
        ("merge", {}, "other"),
        ("merge", {"into": "TF-NOTHING"}, "other"),
        ("note", {"body": ""}, "body"),
        ("comment", {"body": ""}, "body"),
    ],
)
def test_a_refused_move_says_why_beside_its_field(town: World, slug: str, values: dict[str, str], field: str) -> None:
    request = at_work(town)
    factories.member(Role.HANDLER, town.jurisdiction, town.roads)
    before = last_event(request).pk
    response = move(client_of(town.manager), request, slug, **values)
    assert response.status_code == 422
    assert list(response.context["problems"]) == [field]
    assert response.context["problems"][field].endswith(".")
    page = response.content.decode()
    assert '<details class="move" open>' in page
    assert response.context["problems"][field] in unescape(page)
    assert last_event(request).pk == before


def test_a_move_that_is_prepared_on_a_page_of_its_own_is_refused_at_the_top(town: World) -> None:
    request = at_work(town)
    before = last_event(request).pk
    response = move(client_of(town.manager), request, "service", service="-1")
    assert response.status_code == 422
    assert response.context["conflict"] == "Choose a service from the list."
    assert last_event(request).pk == before


def test_a_move_that_came_too_late_shows_what_is_now_and_the_moves_of_now(town: World) -> None:
    request = file_request(town.pothole, location=IN_THE_WEST)
    seen = request.version
    actions.accept(command(request, town.handler))
    response = client_of(town.manager).post(
        f"/desk/requests/{request.reference}/moves/accept/", {"version": seen}, headers={"HX-Request": "true"}
    )
    assert response.status_code == 409
    page = response.content.decode()
    assert "<html" not in page
    assert "A handler of Roads office accepted it less than a minute ago." in page
    assert page.count("Accepted by the office") == 1
    assert next(entry["move"].slug for entry in response.context["moves"]) == "start"


@pytest.mark.parametrize("version", ["", "x", "99999999999999999999"])
def test_a_move_without_the_version_it_saw_is_a_conflict(town: World, version: str) -> None:
    request = file_request(town.pothole, location=IN_THE_WEST)
    response = client_of(town.handler).post(f"/desk/requests/{request.reference}/moves/accept/", {"version": version})
    assert response.status_code == 409
    assert status_of(request) == Status.TRIAGED


def test_words_that_came_too_late_are_kept_in_the_closest_form_or_shown(town: World) -> None:
    request = at_work(town)
    seen = ServiceRequest.objects.values_list("version", flat=True).get(pk=request.pk)
    actions.close(command(request, town.manager), outcome=Outcome.RESOLVED)
    address = f"/desk/requests/{request.reference}/moves"
    sent = {"version": seen, "outcome": "resolved", "reply": "We <filled> it."}
    response = client_of(town.handler).post(f"{address}/close/", sent)
    assert response.status_code == 409
    page = response.content.decode()
    assert "A manager closed it less than a minute ago." in page
    assert (response.context["kept"].slug, response.context["kept"].values) == ("comment", {"body": "We <filled> it."})
    assert 'name="body" rows="3" maxlength="4000">We &lt;filled&gt; it.</textarea>' in page
    actions.hand_off(command(reopened(town, request), town.manager), office_id=town.parks.pk)
    lost = client_of(town.other_handler).post(f"{address}/bounce/", {"version": seen, "note": "Not a tree."})
    assert lost.status_code == 409
    assert lost.context["kept"].slug == "bounce"
    assert "Not a tree.</textarea>" in lost.content.decode()


def test_words_that_no_form_takes_any_more_can_be_copied(town: World) -> None:
    request = at_work(town)
    Jurisdiction.objects.update(provenance=Provenance.IMPORTED, as_of=now())
    response = move(client_of(town.handler), request, "ask", question="Which side?")
    assert response.status_code == 409
    page = response.content.decode()
    assert "Your words, not sent:" in page
    assert "readonly>Which side?</textarea>" in page


def reopened(town: World, request: ServiceRequest) -> ServiceRequest:
    actions.reopen(command(request, town.manager))
    return request


# --- Joining ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spell", [str, str.lower, lambda r: r.removeprefix("TF-"), lambda r: f" {r[:2]} {r[3:]} "])
def test_the_other_request_may_be_typed_as_it_is_spoken(town: World, spell: Callable[[str], str]) -> None:
    request, other = at_work(town), at_work(town)
    response = move(client_of(town.manager), request, "merge", other=spell(other.reference))
    assert response.status_code == 302
    assert ServiceRequest.objects.get(pk=request.pk).merged_into_id == other.pk
    page = client_of(town.manager).get(f"/desk/requests/{other.reference}/").content.decode()
    assert request.reference in page


def test_a_public_request_is_not_joined_with_a_private_one_and_the_field_says_so(town: World) -> None:
    request, other = at_work(town), file_request(town.benefit)
    response = move(client_of(town.manager), request, "merge", other=other.reference)
    assert response.status_code == 422
    assert response.context["problems"]["other"].startswith("That request is not as public as this one.")
    assert f'value="{other.reference}"' in response.content.decode()


def test_a_request_that_cannot_be_joined_with_is_refused_by_name(town: World) -> None:
    request, closed = at_work(town), at_work(town)
    actions.close(command(closed, town.manager), outcome=Outcome.RESOLVED)
    client = client_of(town.manager)
    for typed, sentence in (
        ("junk 99", "There is no request “junk 99” here. Check the reference, letter by letter."),
        (request.reference, f"{request.reference} is this request itself. Give the reference of the other one."),
        (closed.reference, f"{closed.reference} is closed. Join with an open one."),
    ):
        response = move(client, request, "merge", other=typed)
        assert response.status_code == 422
        assert response.context["problems"] == {"other": sentence}
        page = unescape(response.content.decode())
        assert f'id="merge-other-error">{sentence}' in page
        assert f'value="{typed}"' in page


@pytest.mark.parametrize(
    ("service", "place", "warning"),
    [
        ("pothole", IN_THE_WEST, ""),
        ("pothole", IN_THE_EAST, " m away. If it is not the same, separate them again."),
        ("needle", IN_THE_WEST, " is of another service. If it is not the same, separate them again."),
        ("needle", IN_THE_EAST, " m away and of another service. If it is not the same, separate them again."),
    ],
)
def test_joining_with_what_looks_different_is_done_and_said(
    town: World, service: str, place: object, warning: str
) -> None:
    Service.objects.filter(pk=town.needle.pk).update(publicity="public")
    request, other = at_work(town), file_request(getattr(town, service), location=place)
    client = client_of(town.manager)
    move(client, request, "merge", other=other.reference)
    page = client.get(f"/desk/requests/{request.reference}/").content.decode()
    assert f"{request.reference}: Joined with {other.reference}." in page
    assert ("separate them again" in page) == bool(warning)
    assert warning in page


def test_what_was_joined_can_be_separated_on_the_page_one_lands_on(town: World) -> None:
    """Joining goes on to the next case of the list: the way back stands beside what it says was done."""
    other, request, following = (file_request(town.pothole, location=IN_THE_WEST) for _ in range(3))
    client = client_of(town.manager)
    landed = move(client, request, "merge", "?kind=new&sort=oldest", into=other.reference).headers["Location"]
    assert landed.startswith(f"/desk/requests/{following.reference}/?")
    page = client.get(landed).content.decode()
    form = re.search(r'<form class="notice__undo" method="post" action="([^"]+)">.*?name="version" value="(\d+)"', page)
    assert form is not None
    assert "notice__undo" not in client.get(landed).content.decode(), "said once"
    undone = client.post(unescape(form[1]), {"version": form[2]})
    assert undone.headers["Location"].startswith(f"/desk/requests/{request.reference}/?kind=new")
    request.refresh_from_db()
    assert (request.merged_into_id, request.is_open) == (None, True)


# --- What is said ----------------------------------------------------------------------------------------------------


def test_a_bounce_says_before_where_it_goes_and_after_where_it_went(town: World) -> None:
    request = at_work(town)
    actions.hand_off(command(request, town.handler), office_id=town.parks.pk)
    client = client_of(town.other_handler)
    assert "It goes back to Roads office." in client.get(f"/desk/requests/{request.reference}/").content.decode()
    new = file_request(town.pothole, location=IN_THE_WEST)
    manager = client_of(town.manager)
    assert "under “No office” until then" in manager.get(f"/desk/requests/{new.reference}/").content.decode()
    for case, sentence in ((request, "Sent back to Roads office."), (new, "Sent back. It stands under “No office”")):
        move(manager, case, "bounce", reason="wrong_office")
        assert f"{case.reference}: {sentence}" in manager.get(f"/desk/requests/{case.reference}/").content.decode()


def test_a_hand_off_names_the_office(town: World) -> None:
    request = at_work(town)
    client = client_of(town.manager)
    move(client, request, "hand-off", office=town.parks.pk)
    page = client.get(f"/desk/requests/{request.reference}/").content.decode()
    assert f"{request.reference}: Handed to {town.parks.name}." in page


def test_a_day_after_the_promise_is_shown_with_a_warning(town: World) -> None:
    request = at_work(town)
    client = client_of(town.handler)
    due_on = ServiceRequest.objects.get(pk=request.pk).due_at.date()
    for day, is_after in ((due_on - timedelta(days=1), False), (due_on + timedelta(days=2), True)):
        move(client, request, "schedule", promised_at=day.isoformat())
        page = client.get(f"/desk/requests/{request.reference}/").content.decode()
        assert "Planned for" in page
        assert ("This day is after the promise." in page) is is_after
        assert ("case-desk__warning" in page) is is_after
        row = client.get("/desk/queue/").context["rows"][0]
        assert (row.planned_at.date(), row.planned_late) == (day, is_after)


def test_the_answer_of_a_citizen_on_the_telephone_is_kept_by_the_handler(town: World) -> None:
    request = at_work(town)
    client = client_of(town.handler)
    move(client, request, "ask", question="Which side?")
    page = client.get(f"/desk/requests/{request.reference}/")
    assert page.context["moves"][0]["move"].slug == "answer"
    assert move(client, request, "answer", answer=" ").context["problems"].keys() == {"answer"}
    assert move(client, request, "answer", answer="The left one.").status_code == 302
    event = last_event(request)
    assert (event.activity, event.actor, event.user_id) == ("citizen_replied", "handler", town.handler.user_id)
    kept = Words.objects.get(pk=event.words_id)
    assert (kept.body, kept.kind, kept.released_at) == ("The left one.", "answer", None)
    assert status_of(request) == Status.IN_PROGRESS


def test_the_rating_is_shown_to_the_office(town: World) -> None:
    request = at_work(town)
    actions.close(command(request, town.handler), outcome=Outcome.RESOLVED)
    citizen = Viewer(tracked_request_ids=frozenset({request.pk}))
    actions.rate(command(request, citizen), score=2, is_fixed=False)
    page = client_of(town.manager).get(f"/desk/requests/{request.reference}/").content.decode()
    assert "2 of 5; the citizen says it is not fixed" in page


def test_an_unknown_move_and_a_missing_case_are_not_found(town: World) -> None:
    request = file_request(town.pothole)
    client = client_of(town.manager)
    assert move(client, request, "teleport").status_code == 404
    assert client.get("/desk/requests/TF-NOTHING/").status_code == 404
    assert client.get("/desk/requests/TF-%00/").status_code == 404
    opened = client.get(f"/desk/requests/{request.reference}/moves/accept/?lang=fr")
    assert (opened.status_code, opened["Location"]) == (302, f"/desk/requests/{request.reference}/?lang=fr")
    assert client.put(f"/desk/requests/{request.reference}/moves/accept/").status_code == 405


# --- Through the list ------------------------------------------------------------------------------------------------


def test_after_a_move_that_ends_my_part_the_next_case_of_the_list_comes(town: World) -> None:
    first, second, third = (file_request(town.pothole, location=IN_THE_WEST) for _ in range(3))
    client = client_of(town.handler)
    query = "?kind=new&sort=oldest"
    sent_back = move(client, first, "bounce", query, reason="wrong_office")
    assert sent_back.headers["Location"].startswith(f"/desk/requests/{second.reference}/?")
    closed = move(client, second, "close", query, outcome="resolved")
    assert closed.headers["Location"].startswith(f"/desk/requests/{third.reference}/?")
    assert move(client, third, "close", query, outcome="resolved").headers["Location"].startswith("/desk/queue/?")


def test_a_move_in_the_middle_of_the_work_stays_with_its_case(town: World) -> None:
    first, _second = (file_request(town.pothole, location=IN_THE_WEST) for _ in range(2))
    client = client_of(town.handler)
    for slug, values in (
        ("accept", {}),
        ("start", {}),
        ("schedule", {"promised_at": (now() + timedelta(days=3)).date().isoformat()}),
        ("start", {}),
        ("ask", {"question": "Which side?"}),
        ("answer", {"answer": "The left one."}),
    ):
        response = move(client, first, slug, "?kind=open&sort=oldest", **values)
        assert response.headers["Location"].startswith(f"/desk/requests/{first.reference}/?"), slug


def test_who_wants_to_stay_stays_and_notes_never_leave(town: World) -> None:
    first, second = (file_request(town.pothole, location=IN_THE_WEST) for _ in range(2))
    client = client_of(town.handler)
    query = "?kind=new&sort=oldest"
    assert (
        move(client, first, "note", query, body="Hm.")
        .headers["Location"]
        .startswith(f"/desk/requests/{first.reference}/")
    )
    client.get(f"/desk/requests/{first.reference}/{query}&after=stay")
    closing = {"outcome": "resolved"}
    stayed = move(client, first, "close", query, **closing)
    assert stayed.headers["Location"].startswith(f"/desk/requests/{first.reference}/")
    move(client, first, "reopen", query)
    client.get(f"/desk/requests/{first.reference}/{query}&after=next")
    assert second.reference in move(client, first, "close", query, **closing).headers["Location"]


# --- Costs and races -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["manager", "handler", "administrator"])
def test_the_page_costs_the_same_however_much_happened(
    town: World, who: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    request, repeated, _twin = (at_work(town) for _ in range(3))
    actions.merge(command(repeated, town.manager), into_id=request.pk)
    actions.request_review(command(request, town.manager), office_id=town.parks.pk)
    for number in range(12):
        actions.note(command(request, town.manager), body=f"Note {number}")
    client = client_of(getattr(town, who))
    client.get(f"/desk/requests/{request.reference}/")  # a process reads the coordinate system once
    with django_assert_max_num_queries(10):
        page = client.get(f"/desk/requests/{request.reference}/?kind=work")
    assert repeated.reference in page.content.decode()


def test_who_works_in_several_places_is_offered_them_beside_the_case(
    town: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    other = factories.world("otherford")
    request = at_work(town)
    client = client_of(factories.member(Role.MANAGER, None))
    client.get(f"/desk/requests/{request.reference}/")
    with django_assert_max_num_queries(11):  # one more, for the places
        page = client.get(f"/desk/requests/{request.reference}/?kind=work")
    assert {place.pk for place in page.context["desk"].places} == {town.jurisdiction.pk, other.jurisdiction.pk}
    assert page.context["desk"].place == town.jurisdiction


@pytest.mark.django_db(transaction=True)
def test_of_four_officers_at_once_exactly_one_wins() -> None:
    town = factories.world("testford")
    officers = [factories.member(Role.HANDLER, town.jurisdiction, town.roads) for _ in range(4)]
    for _ in range(5):
        request = file_request(town.pothole, location=IN_THE_WEST)
        actions.accept(command(request, town.handler))
        answers = raced([_mover(officer, request) for officer in officers])
        assert sorted(answers) == [302, 409, 409, 409]
        events = RequestEvent.objects.filter(request=request, activity=Activity.RESOLVED)
        assert events.count() == 1
        assert status_of(request) == Status.CLOSED


def _mover(viewer: Viewer, request: ServiceRequest) -> Callable[[], int]:
    client, address = client_of(viewer), f"/desk/requests/{request.reference}/moves/close/"
    version = ServiceRequest.objects.values_list("version", flat=True).get(pk=request.pk)
    return lambda: client.post(address, {"version": version, "outcome": Outcome.RESOLVED.value}).status_code


def raced(movers: list[Callable[[], int]]) -> list[int]:
    """Let all of them go at the same moment, each on a connection of its own."""
    gate = threading.Barrier(len(movers))

    def run(mover: Callable[[], int]) -> int:
        gate.wait()
        try:
            return mover()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(movers)) as pool:
        return list(pool.map(run, movers))
