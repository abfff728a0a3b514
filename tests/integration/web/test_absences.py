"""Standing in for somebody who is away: what the deputy sees and may do, what both names say, and when it ends."""

from datetime import timedelta
from functools import partial
from html import unescape

import pytest
from django.test import Client

from requests_app import actions
from requests_app.actions.absences import Away, call_off, enter_absence
from requests_app.actions.split import Part, split
from requests_app.actions.verify import differences
from requests_app.clock import frozen_at, now
from requests_app.models import Absence, Membership, RequestEvent, User
from requests_app.permissions import Role, Viewer
from requests_app.reads.grants import grants_of
from tests import factories
from tests.factories import World, command
from tests.races import losers, race
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def town() -> World:
    return factories.world("testford")


def signed_in(viewer: Viewer) -> Viewer:
    """The viewer as they are when they sign in now: with what was passed on to them."""
    return Viewer(viewer.user_id, grants_of(viewer.user_id or 0))


def client_of(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


def away(town: World, who: Viewer, deputy: Viewer, first: int = 0, last: int = 6, by: Viewer | None = None) -> Absence:
    today = town.jurisdiction.today
    given = Away(who.user_id or 0, deputy.user_id or 0, today + first * DAY, today + last * DAY)
    return enter_absence(by or who, town.jurisdiction, given)


def given_to(town: World, who: Viewer) -> Play:
    play = Play.begin(town)
    return play.do(actions.accept, handler_id=who.user_id)


def on_today(viewer: Viewer, play: Play) -> bool:
    lists = client_of(viewer).get("/desk/").context["lists"]
    found = [one for one in lists if one.pile.which == "stand-in"]
    return any(row.reference == play.request.reference for one in found for row in one.pile.rows)


def test_the_deputy_sees_and_does_what_is_given_to_the_absent_person_and_the_history_names_both(town: World) -> None:
    play = given_to(town, town.handler)
    stranger = signed_in(town.other_handler)
    with pytest.raises(actions.Forbidden):
        play.do(actions.start, viewer=stranger)
    assert not on_today(stranger, play)
    away(town, town.handler, town.other_handler)
    deputy = signed_in(town.other_handler)
    assert on_today(deputy, play)
    play.do(actions.start, viewer=deputy)
    assert play.request.handler_id == town.handler.user_id
    event = RequestEvent.objects.filter(request=play.request).latest("sequence")
    assert (event.user_id, event.on_behalf_of_id) == (deputy.user_id, town.handler.user_id)
    page = unescape(client_of(town.manager).get(f"/desk/requests/{play.request.reference}/").content.decode())
    assert f"in place of {User.objects.get(pk=town.handler.user_id).display_name}" in page
    assert "stands in)" in page
    assert all(not fields for _reference, fields in differences())


def test_who_splits_in_place_of_somebody_is_named_so_in_the_parts_too(town: World) -> None:
    play = given_to(town, town.handler)
    away(town, town.handler, town.other_handler)
    deputy = signed_in(town.other_handler)
    parts = [Part(town.pothole.pk, office.pk, "A part of it.") for office in (town.parks, town.intake)]
    made = split(command(play.request, deputy), parts)
    told = RequestEvent.objects.filter(request__in=[play.request, *made]).exclude(request=play.request, sequence__lt=4)
    assert {event.on_behalf_of_id for event in told} == {town.handler.user_id}


def test_what_needs_no_standing_in_is_done_in_ones_own_name(town: World) -> None:
    colleague = factories.member(Role.HANDLER, town.jurisdiction, town.roads)
    away(town, town.handler, colleague)
    deputy = signed_in(colleague)
    own, theirs = given_to(town, colleague), given_to(town, town.handler)
    for play in (own, theirs):
        play.do(actions.start, viewer=deputy)
    named = RequestEvent.objects.filter(activity="started").order_by("request_id")
    assert list(named.values_list("on_behalf_of_id", flat=True)) == [None, town.handler.user_id]
    own.request.refresh_from_db()
    assert own.request.handler_id == colleague.user_id


def test_only_what_the_absent_person_may_do_here_is_passed_on_and_never_twice(town: World) -> None:
    person = User.objects.get(pk=town.handler.user_id)
    Membership.objects.create(user=person, role=Role.ADMINISTRATOR, jurisdiction=town.jurisdiction)
    elsewhere = factories.jurisdiction()
    Membership.objects.create(user=person, role=Role.MANAGER, jurisdiction=elsewhere)
    narrow = factories.member(Role.HANDLER, town.jurisdiction, town.intake)
    Membership.objects.create(
        user_id=narrow.user_id, role=Role.HANDLER, jurisdiction=town.jurisdiction, office=town.roads, area=town.east
    )
    away(town, town.handler, town.other_handler)
    passed = [grant for grant in grants_of(town.other_handler.user_id or 0) if grant.on_behalf_of_id]
    assert [(g.role, g.jurisdiction_id, g.office_id, g.area_id) for g in passed] == [
        (Role.HANDLER, town.jurisdiction.pk, town.roads.pk, None)
    ]
    away(town, narrow, town.intake_handler)
    kept = [grant for grant in grants_of(town.intake_handler.user_id or 0) if grant.on_behalf_of_id]
    assert sorted((g.office_id, g.area_id) for g in kept) == sorted(
        [(town.intake.pk, None), (town.roads.pk, town.east.pk)], key=lambda pair: pair[0] or 0
    )
    Membership.objects.filter(user_id=town.other_handler.user_id).update(role=Role.EVALUATOR)
    assert not any(grant.on_behalf_of_id for grant in grants_of(town.other_handler.user_id or 0))


def test_it_begins_and_ends_by_itself_on_the_days_of_the_place(town: World) -> None:
    play = given_to(town, town.handler)
    with frozen_at(now()):
        absence = away(town, town.handler, town.other_handler, first=2, last=3)
        for days, stands_in in ((0, False), (1, False), (2, True), (3, True), (4, False)):
            with frozen_at(now() + days * DAY):
                assert bool(signed_in(town.other_handler).stands_in_for()) is stands_in
                assert on_today(town.other_handler, play) is stands_in
        with frozen_at(now() + 2 * DAY):
            call_off(town.handler, town.jurisdiction, absence.pk)
            assert not signed_in(town.other_handler).stands_in_for()


def test_giving_a_case_to_somebody_away_says_so_and_offers_the_deputy(town: World) -> None:
    play = Play.begin(town).accepted()
    colleague = factories.member(Role.HANDLER, town.jurisdiction, town.roads)
    names = {pk: User.objects.get(pk=pk).display_name for pk in (colleague.user_id, town.other_handler.user_id)}
    away(town, colleague, town.other_handler)
    client, address = client_of(town.handler), f"/desk/requests/{play.request.reference}/moves/assign/"
    form = {"version": play.request.version, "handler": colleague.user_id}
    refused = client.post(address, form)
    assert refused.status_code == 422
    sentence = refused.context["problems"]["handler"]
    assert f"{names[colleague.user_id]} is away until" in sentence
    assert f"Choose {names[town.other_handler.user_id]}" in sentence
    assert client.post(address, {**form, "although_away": "yes"}).status_code == 302
    assert on_today(town.other_handler, play)


def test_what_cannot_be_is_refused_with_its_field(town: World) -> None:
    one, two, three = town.handler, town.other_handler, town.intake_handler
    away(town, one, two, 2, 4)
    for field, attempt in (
        ("deputy", partial(away, town, one, one, 9, 9)),
        ("starts_on", partial(away, town, one, three, -1, 2)),
        ("ends_on", partial(away, town, one, three, 9, 8)),
        ("ends_on", partial(away, town, one, three, 9, 900)),
        ("starts_on", partial(away, town, one, three, 4, 5)),
        ("deputy", partial(away, town, three, one, 0, 2)),
        ("deputy", partial(away, town, two, one, 4, 8)),
        ("user", partial(away, town, two, three, 1, 3)),
        ("user", partial(away, town, three, two, 9, 9, by=two)),
        ("deputy", partial(away, town, three, town.evaluator, 9, 9)),
    ):
        with pytest.raises(actions.Refused) as refused:
            attempt()
        assert list(refused.value.fields) == [field]
    with pytest.raises(actions.Forbidden):
        away(town, town.evaluator, two)
    assert Absence.objects.count() == 1


def test_a_manager_says_it_for_their_people_and_nobody_else_does(town: World) -> None:
    chief = factories.member(Role.MANAGER, town.jurisdiction, town.roads)
    absence = away(town, town.handler, chief, by=chief)
    for stranger in (town.other_handler, town.evaluator):
        with pytest.raises(actions.ActionError):
            call_off(stranger, town.jurisdiction, absence.pk)
    with pytest.raises(actions.Refused):
        away(town, town.other_handler, town.intake_handler, by=chief)
    call_off(chief, town.jurisdiction, absence.pk)


def test_the_page_takes_keeps_and_calls_off(town: World) -> None:
    client = client_of(town.handler)
    page = unescape(client.get("/desk/?lang=en").content.decode())
    assert "/desk/away/" in page
    today = town.jurisdiction.today
    form = {"starts_on": today.isoformat(), "ends_on": "soon", "deputy": str(town.other_handler.user_id)}
    refused = client.post("/desk/away/enter/", form)
    assert refused.status_code == 422
    assert "Give a day, such as 2026-05-31." in refused.content.decode()
    assert f'value="{town.other_handler.user_id}" selected' in refused.content.decode()
    assert client.post("/desk/away/enter/", {**form, "ends_on": (today + DAY).isoformat()}).status_code == 302
    assert "Absences" in client.get("/desk/away/?lang=fr").content.decode()
    (absence,) = Absence.objects.all()
    assert client_of(town.other_handler).post(f"/desk/away/{absence.pk}/end/").status_code == 404
    assert client.post(f"/desk/away/{absence.pk}/end/").status_code == 302
    assert client.post(f"/desk/away/{absence.pk}/end/").status_code == 404
    assert client.get("/desk/away/enter/").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_who_name_each_other_at_once_do_not_both_go_away(town: World) -> None:
    pairs = [(town.handler, town.other_handler), (town.other_handler, town.handler)]
    for week in range(6):
        results = race(*(partial(away, town, who, deputy, week * 7, week * 7 + 3) for who, deputy in pairs))
        assert len(losers(results)) == 1
    assert Absence.objects.count() == 6
