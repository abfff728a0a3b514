"""Likely duplicates beside a case: why each is shown, what is never offered, and two browsers that join in a ring."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from requests_app import actions
from requests_app.actions.verify import differences
from requests_app.clock import frozen_at, now
from requests_app.models import Service, ServiceRequest, User
from requests_app.permissions import Viewer
from requests_app.reads.duplicates import likely_duplicates
from requests_app.reads.one_request import find_request
from tests import factories
from tests.factories import World, command, file_request

pytestmark = pytest.mark.django_db
HERE = Point(-79.05, 44.00, srid=4326)
THIRTY_METRES_ON = Point(-79.05, 44.00029, srid=4326)
FAR_OFF = Point(-79.05, 44.01, srid=4326)


@pytest.fixture
def town() -> World:
    world = factories.world("testford")
    Service.objects.filter(pk=world.needle.pk).update(publicity="public")
    return world


def client_of(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


def likely(case: ServiceRequest, viewer: Viewer) -> dict[str, str]:
    found = find_request(case.reference, viewer)
    assert found is not None
    return {one.reference: one.why for one in likely_duplicates(found, viewer)}


def report(town: World, words: str, at: Point = HERE, days_ago: int = 0, **fields: Any) -> ServiceRequest:
    with frozen_at(now() - timedelta(days=days_ago)):
        return file_request(fields.pop("service", town.pothole), words=words, location=at, **fields)


def test_the_reason_says_place_time_and_words(town: World) -> None:
    old = report(town, "Huge potholes just before the bridge.", days_ago=2)
    new = report(town, "There is a pothole on the Bridge, very deep.", THIRTY_METRES_ON)
    assert likely(new, town.handler) == {old.reference: "32 m away, filed 2 days apart, both say “pothole”, “bridge”"}


def test_another_service_of_the_group_is_shown_when_it_says_the_same(town: World) -> None:
    same = report(town, "A needle lies beside the slide.", service=town.needle)
    other = report(town, "The swing squeaks.", service=town.needle)
    new = report(town, "Needle under the slide")
    found = likely(new, town.handler)
    assert found[same.reference].endswith("both say “needle”, “slide”, as “Needle found”")
    assert other.reference not in found


def test_words_are_compared_only_where_both_may_be_read(town: World) -> None:
    theirs = report(town, "Deep pothole at the bridge")
    actions.accept(command(theirs, town.handler))
    new = report(town, "pothole bridge")
    with frozen_at(now() + timedelta(seconds=1)):
        actions.route(command(new, town.manager), office_id=town.parks.pk)
    assert "both say" in likely(new, town.manager)[theirs.reference]
    assert likely(new, town.other_handler)[theirs.reference] == "at the same spot, filed on the same day"


def test_what_cannot_be_joined_with_is_not_offered(town: World) -> None:
    new = report(town, "pothole bridge")
    closed = report(town, "pothole bridge")
    actions.close(command(closed, town.manager), outcome="resolved")
    hidden = report(town, "pothole bridge")
    actions.hide(command(hidden, town.manager))
    part = report(town, "pothole bridge")
    ServiceRequest.objects.filter(pk=part.pk).update(parent_id=new.pk)
    Service.objects.filter(pk=town.needle.pk).update(publicity="place_only")
    report(town, "pothole bridge", service=town.needle)
    report(town, "pothole bridge", FAR_OFF)
    assert likely(new, town.other_handler) == {}
    assert list(likely(new, town.manager)) == [hidden.reference]
    assert likely(part, town.manager).keys() == {hidden.reference}
    with pytest.raises(actions.Refused, match="a part of this one"):
        actions.merge(command(new, town.manager), into_id=part.pk)
    with pytest.raises(actions.Refused, match="a part of that one"):
        actions.merge(command(part, town.manager), into_id=new.pk)


def test_the_search_is_one_statement(town: World, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(8):
        report(town, f"pothole bridge {number}")
    case = find_request(report(town, "pothole bridge").reference, town.manager)
    assert case is not None
    with django_assert_num_queries(1):
        assert len(likely_duplicates(case, town.manager)) == 5


def test_one_press_joins_and_another_separates(town: World) -> None:
    old, new = report(town, "pothole bridge"), report(town, "pothole bridge")
    client, address = client_of(town.manager), f"/desk/requests/{new.reference}/"
    page = unescape(client.get(address).content.decode())
    assert "One open request is likely the same" in page
    assert f'name="into" value="{old.reference}"><button' in page
    assert f'data-key="1">Join this request with {old.reference}' in page
    assert "Une demande ouverte est probablement la même" in unescape(client.get(f"{address}?lang=fr").content.decode())
    client.get(f"{address}?lang=en")
    client.post(f"{address}moves/merge/", {"version": new.version, "into": old.reference})
    new.refresh_from_db()
    assert new.merged_into_id == old.pk
    closed = client.get(address)
    assert [entry["move"].slug for entry in closed.context["moves"] if entry["move"].key in "mo"] == ["unmerge"]
    client.post(f"{address}moves/unmerge/", {"version": new.version})
    new.refresh_from_db()
    assert (new.merged_into_id, new.status) == (None, "assigned" if new.office_id else "received")


def test_a_digit_moves_the_case_on_and_never_joins_it_by_mistake(town: World) -> None:
    old, new = report(town, "pothole bridge"), report(town, "pothole bridge")
    actions.accept(command(new, town.handler))
    page = unescape(client_of(town.handler).get(f"/desk/requests/{new.reference}/").content.decode())
    assert f">Join this request with {old.reference}" in page
    assert page.count('data-key="1"') == 1
    assert 'data-key="1">Join' not in page


@pytest.mark.django_db(transaction=True)
def test_two_browsers_that_join_two_cases_with_each_other_leave_one_open(town: World) -> None:
    """Each round: one is told that it is done, the other gets the page of a conflict that names what happened."""
    clients = [client_of(town.manager), client_of(town.manager)]
    for _round in range(8):
        one, other = report(town, "pothole bridge"), report(town, "pothole bridge")
        gate = threading.Barrier(2)

        def join(client: Client, case: ServiceRequest, into: ServiceRequest, gate: threading.Barrier = gate) -> Any:
            try:
                gate.wait(30)
                form = {"version": case.version, "into": into.reference}
                return client.post(f"/desk/requests/{case.reference}/moves/merge/", form)
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as threads:
            answers = [
                threads.submit(join, client, case, into).result
                for client, case, into in zip(clients, (one, other), (other, one), strict=True)
            ]
            pages = [answer() for answer in answers]
        assert sorted(page.status_code for page in pages) == [302, 409]
        (late,) = (page for page in pages if page.status_code == 409)
        lost, kept = (one, other) if pages[0].status_code == 302 else (other, one)
        assert f"{lost.reference} was joined with this request a moment ago." in unescape(late.content.decode())
        lost.refresh_from_db()
        kept.refresh_from_db()
        assert (lost.merged_into_id, lost.status) == (kept.pk, "closed")
        assert (kept.merged_into_id, kept.is_open) == (None, True)
    assert all(not fields for _reference, fields in differences())
