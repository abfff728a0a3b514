"""The pages of people and roles: found, told in words, changed, put back, invited by a link that works once."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import update_last_login
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from requests_app import actions
from requests_app.actions.setting_up._account import account_of, seen_of
from requests_app.clock import frozen_at, now
from requests_app.models import Absence, Area, ConfigChange, Membership, ServiceRequest, SignInLink, User
from requests_app.notify.deliver import sweep_outbox
from requests_app.permissions import CAPABILITIES, Role, Viewer
from requests_app.reads.people import PAGE
from requests_app.states import Capability
from requests_app.web.administration.roles import GROUPS
from tests import factories
from tests.factories import World, command, file_request

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def world() -> World:
    return factories.world("testford", is_default=True)


def signed_in(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


def address(viewer: Viewer) -> str:
    return f"/manage/people/{viewer.user_id}/"


def form(viewer: Viewer, **fields: str) -> dict[str, str]:
    """What the page of a handler of Roads sends."""
    user = User.objects.get(pk=viewer.user_id)
    known = {
        "version": "1", "seen_contact": seen_of(user.pk, account_of(user)),
        "name": user.display_name, "email": user.email, "language": "en", "active": "1",
        "grants-0-role": "handler", "grants-0-office": "roads",
    }  # fmt: skip
    return {name: value for name, value in {**known, **fields}.items() if value is not None}


def sent_from(page: str, change: ConfigChange) -> dict[str, str]:
    """What the form of a person's page sends that puts a change back."""
    form = page.partition(f"/manage/changes/{change.pk}/restore/")[2].partition("</form>")[0]
    return dict(re.findall(r'name="(version|seen_contact)" value="([^"]*)"', form))


NEW = {
    "name": "Ann Roy",
    "email": "ann@example.org",
    "language": "fr",
    "grants-0-role": "handler",
    "grants-0-office": "roads",
}


def invite(world: World, **fields: str) -> User:
    answer = signed_in(world.administrator).post("/manage/people/new/", {**NEW, **fields})
    assert answer.status_code == 302, answer.context["problems"]
    return User.objects.get(email=fields.get("email", "ann@example.org"))


def mailed_link() -> str:
    mail.outbox.clear()
    sweep_outbox()
    (sent,) = mail.outbox
    found = {
        word[word.index("/invitation/") :].partition("?")[0]
        for word in str(sent.body).split()
        if "/invitation/" in word
    }
    assert len(found) == 1, "both halves of a mail bear the same link"
    return found.pop()


def answers(link: str, **typed: str) -> Any:
    return Client().post(link, {"password": PASSWORD, "again": PASSWORD, **typed})


# --- The list --------------------------------------------------------------------------------------------------------


def test_two_thousand_people_are_listed_by_name_a_page_at_a_time_with_few_statements(world: World) -> None:
    made = User.objects.bulk_create(
        User(username=f"p{n}", display_name=f"Person {n % 1000:04}", email=f"p{n}@example.org") for n in range(2000)
    )
    Membership.objects.bulk_create(
        Membership(user=one, role=Role.HANDLER, jurisdiction=world.jurisdiction, office=world.roads) for one in made
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE requests_app_user, requests_app_membership")  # as the server does when so many came
    client, seen, at = signed_in(world.administrator), [], "/manage/people/"
    client.get(at)
    counts = set()
    while at:
        with CaptureQueriesContext(connection) as asked:
            page = client.get(at)
        counts.add(len(asked))
        seen += [line["person"].pk for line in page.context["lines"]]
        assert len(page.context["lines"]) <= PAGE
        at = f"/manage/people/{page.context['next_address']}" if page.context["next_address"] else ""
    assert len(seen) == len(set(seen)) == page.context["page"].total == 2006
    assert max(counts) <= 11
    known = User.objects.in_bulk(seen[:120])
    names = [known[pk].display_name.lower() for pk in seen[:120]]
    assert names == sorted(names)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=BO okafor", {"Bo Okafor"}),
        ("q=bo@example.org", {"Bo Okafor"}),
        ("q=%00", None),
        ("role=manager", {"Mo Manager"}),
        ("role=king&office=castle&who=nobody&after=999999999999999999", None),
        ("who=left", {"Gone"}),
        ("who=away", {"Bo Okafor"}),
        ("role=evaluator&who=all", {"Evaluator"}),
        ("role=evaluator&who=left", {"Gone"}),
        ("q=nobody at all", set()),
    ],
)
def test_people_are_found_by_words_role_office_and_state(world: World, asked: str, found: set[str] | None) -> None:
    bo = factories.member(Role.HANDLER, world.jurisdiction, world.parks, "bo")
    User.objects.filter(pk=bo.user_id).update(display_name="Bo Okafor", email="bo@example.org")
    User.objects.filter(pk=world.manager.user_id).update(display_name="Mo Manager")
    User.objects.filter(pk=world.evaluator.user_id).update(display_name="Evaluator")
    gone = factories.member(Role.EVALUATOR, world.jurisdiction, name="gone")
    Membership.objects.filter(user=gone.user_id).update(ends_on=world.jurisdiction.today - timedelta(days=1))
    today = world.jurisdiction.today
    Absence.objects.create(
        jurisdiction=world.jurisdiction, user_id=bo.user_id, starts_on=today, ends_on=today, entered_at=now()
    )
    answer = signed_in(world.administrator).get(f"/manage/people/?{asked}")
    assert answer.status_code == 200
    names = {str(line["person"]) for line in answer.context["lines"]}
    assert names == found if found is not None else len(names) == 7


def test_who_worked_in_an_office_or_will_is_not_listed_under_it(world: World) -> None:
    today, day = world.jurisdiction.today, timedelta(days=1)
    for name, days in (("was", {"ends_on": today - day}), ("will", {"starts_on": today + day}), ("is", {})):
        viewer = factories.member(Role.HANDLER, world.jurisdiction, name=name)
        Membership.objects.filter(user=viewer.user_id).update(office=None)
        Membership.objects.create(
            user_id=viewer.user_id, role=Role.HANDLER, jurisdiction=world.jurisdiction, office=world.intake, **days
        )
    Membership.objects.filter(user=world.intake_handler.user_id).delete()
    listed = signed_in(world.administrator).get(f"/manage/people/?office={world.intake.pk}").context["lines"]
    assert [str(line["person"]) for line in listed] == ["Is"]


def test_nobody_of_another_place_is_listed_or_opened(world: World) -> None:
    far = factories.world("farford")
    listed = signed_in(world.administrator).get("/manage/people/?who=all").context["lines"]
    assert not any(line["person"].pk == far.handler.user_id for line in listed)
    for path in (address(far.handler), f"{address(far.handler)}invite/"):
        assert signed_in(world.administrator).post(path, form(far.handler)).status_code == 404


# --- One person ------------------------------------------------------------------------------------------------------


def test_the_page_says_in_words_what_somebody_may_do_and_until_when(world: World) -> None:
    Membership.objects.filter(user=world.handler.user_id).update(
        service=world.pothole, area=world.west, starts_on="2026-01-01", ends_on="2099-06-30"
    )
    told = signed_in(world.administrator).get(address(world.handler)).content.decode()
    assert "takes, hands off and closes requests: Roads office, only Pothole, only Ward 1" in told
    assert "Ward 1, from January 1, 2026 to June 30, 2099" in told
    french = signed_in(world.administrator).get(address(world.handler) + "?lang=fr").content.decode()
    assert "Bureau roads, seulement Nid-de-poule, seulement Quartier 1, du 1er janvier 2026 au 30 juin 2099" in french


def test_a_preview_names_what_would_be_lost_and_writes_nothing(world: World) -> None:
    case = file_request(world.pothole)
    actions.accept(command(case, world.handler), handler_id=world.handler.user_id)
    file_request(world.pothole)
    sent = form(world.handler, **{"grants-0-office": "parks", "preview": "1"})
    answer = signed_in(world.administrator).post(address(world.handler), sent)
    told = answer.content.decode()
    assert answer.status_code == 200
    assert "Would lose sight of 2 open requests" in told
    assert "One of them is in their hands" in told
    assert case.reference in told
    assert "Parks office" in told
    assert Membership.objects.get(user=world.handler.user_id).office == world.roads


def test_saving_passes_on_what_is_in_hand_to_who_was_chosen(world: World) -> None:
    bo = factories.member(Role.HANDLER, world.jurisdiction, world.roads, "bo")
    case = file_request(world.pothole)
    actions.accept(command(case, world.handler), handler_id=world.handler.user_id)
    client = signed_in(world.administrator)
    page = client.get(address(world.handler)).content.decode()
    assert "1 open request in hand" in page
    assert f'<option value="{bo.user_id}">Bo</option>' in page
    assert f'<option value="{world.other_handler.user_id}">' not in page
    sent = form(world.handler, **{"grants-0-remove": "1"})
    refused = client.post(address(world.handler), sent)
    assert refused.status_code == 422
    assert case.reference in refused.context["problems"]["cases_to"]
    assert client.post(address(world.handler), {**sent, "cases_to": str(bo.user_id)}).status_code == 302
    assert ServiceRequest.objects.get(pk=case.pk).handler_id == bo.user_id
    assert client.get(address(world.handler)).status_code == 200, "who has no role any more keeps their history"


def test_a_role_that_ends_by_its_day_leaves_word_of_what_is_still_in_hand(world: World) -> None:
    case = file_request(world.pothole)
    actions.accept(command(case, world.handler), handler_id=world.handler.user_id)
    client = signed_in(world.administrator)
    assert "out of their reach: a manager" not in client.get(address(world.handler)).content.decode()
    Membership.objects.filter(user=world.handler.user_id).update(ends_on=world.jurisdiction.today - timedelta(days=1))
    assert "1 of them is out of their reach: a manager" in client.get(address(world.handler)).content.decode()


def test_the_overview_counts_who_has_each_role_and_leads_to_them(world: World) -> None:
    page = signed_in(world.administrator).get("/manage/").content.decode()
    assert 'href="/manage/people/?place=testford&amp;role=handler"' in page
    listed = signed_in(world.administrator).get("/manage/people/?place=testford&role=handler")
    assert listed.context["page"].total == 3


def test_a_change_is_told_in_the_history_and_put_back(world: World) -> None:
    client = signed_in(world.administrator)
    client.post(address(world.handler), form(world.handler, name="New Name", **{"grants-0-office": "parks"}))
    page = client.get(address(world.handler)).content.decode()
    assert "changed; the history does not keep to what" in page
    assert "Handler; Office: Roads office" in page
    change = ConfigChange.objects.get(what="person")
    listed = client.get("/manage/changes/").content.decode()
    assert f'<a href="/manage/people/{world.handler.user_id}/?place=testford">New Name</a>' in listed
    assert client.post(f"/manage/changes/{change.pk}/restore/", sent_from(page, change)).status_code == 302
    assert Membership.objects.get(user=world.handler.user_id).office == world.roads
    assert User.objects.get(pk=world.handler.user_id).display_name == "New Name"


def test_the_second_of_two_administrators_is_told_and_what_they_typed_is_kept(world: World) -> None:
    second = factories.member(Role.ADMINISTRATOR, world.jurisdiction)
    signed_in(second).post(address(world.handler), form(world.handler, name="Right Name"))
    opened = User.objects.get(pk=world.handler.user_id)
    old = {"name": "Handler 1", "seen_contact": "of-before", "grants-0-office": "parks"}
    answer = signed_in(world.administrator).post(address(world.handler), form(world.handler, **old))
    assert answer.status_code == 409
    told = answer.content.decode()
    assert "Somebody else was faster" in told
    assert "changed; the history does not keep to what" in told
    assert '<option value="parks" selected>' in told
    assert Membership.objects.get(user=opened.pk).office == world.roads
    assert Client().get(address(world.handler)).status_code == 302


def test_what_the_history_does_not_hold_is_not_offered_to_be_put_back(world: World) -> None:
    client = signed_in(world.administrator)
    client.post(address(world.handler), form(world.handler, name="New Name"))
    change = ConfigChange.objects.get(what="person")
    page = client.get(address(world.handler)).content.decode()
    assert "changed; the history does not keep to what" in page
    assert "Put back as it was" not in page
    assert client.post(f"/manage/changes/{change.pk}/restore/", {"version": "2"}).status_code == 404


def test_the_second_is_told_of_what_was_saved_in_another_place(world: World) -> None:
    far = factories.world("farford")
    Membership.objects.create(
        user_id=world.handler.user_id, role=Role.HANDLER, jurisdiction=far.jurisdiction, office=far.roads
    )
    both = factories.member(Role.ADMINISTRATOR, None, name="olive")
    client, opened = signed_in(both), {"version": "1", **form(world.handler)}
    here, there = (f"{address(world.handler)}?place={one.jurisdiction.code}" for one in (world, far))
    assert client.post(there, {**opened, "email": "right@example.org"}).status_code == 302
    late = client.post(here, {**opened, "name": "Right Name"})
    assert late.status_code == 409
    told = late.content.decode()
    assert "Olive saved this while you were working on it" in told
    assert 'value="right@example.org"' in told
    assert 'value="Right Name"' in told
    user = User.objects.get(pk=world.handler.user_id)
    assert (user.email, user.display_name) == ("right@example.org", opened["name"])


def test_a_form_offers_areas_in_which_requests_lie_and_the_history_names_all(world: World) -> None:
    Membership.objects.filter(user=world.handler.user_id).update(area=world.east)
    Area.objects.filter(pk__in=(world.east.pk, world.west.pk)).update(
        valid_to=world.jurisdiction.today - timedelta(days=1)
    )
    client = signed_in(world.administrator)
    theirs, other = (client.get(address(one)).content.decode() for one in (world.handler, world.other_handler))
    assert f'<option value="ward:2" selected>{world.east.name}</option>' in theirs
    assert "ward:1" not in theirs
    assert "ward:2" not in other
    client.post(address(world.handler), form(world.handler))
    assert f"Only this area: {world.east.name}" in client.get(address(world.handler)).content.decode()


def test_a_closed_account_is_signed_out_at_once(world: World) -> None:
    theirs = signed_in(world.handler)
    assert theirs.get("/desk/").status_code == 200
    sent = form(world.handler)
    del sent["active"]
    assert signed_in(world.administrator).post(address(world.handler), sent).status_code == 302
    assert theirs.get("/desk/").headers["Location"].startswith("/sign-in/")


# --- The link --------------------------------------------------------------------------------------------------------


def test_who_is_invited_chooses_a_password_once_and_comes_to_their_desk(world: World) -> None:
    user = invite(world)
    assert not user.has_usable_password()
    link = mailed_link()
    assert mail.outbox[0].to == ["ann@example.org"]
    assert "Ann" not in link
    assert [Client().get(link).status_code for _scanner in range(2)] == [200, 200], "looking uses nothing up"
    browser = Client()
    assert "ann" in browser.get(link).content.decode()
    came = browser.post(link, {"password": PASSWORD, "again": PASSWORD})
    assert came.headers["Location"] == "/desk/"
    assert browser.get("/desk/").status_code == 200
    again = answers(link)
    assert again.status_code == 410
    assert "used already" in again.content.decode()
    signed = Client().post("/sign-in/", {"username": user.username, "password": PASSWORD})
    assert signed.status_code == 302


def test_a_link_that_is_altered_old_or_followed_by_a_newer_one_is_refused_in_sentences(world: World) -> None:
    user = invite(world)
    link = mailed_link()
    altered = link[:-2] + ("b/" if link[-2] != "b" else "c/")
    with frozen_at(now() + timedelta(days=7, minutes=1)):
        late = answers(link)
    assert [late.status_code, answers(altered).status_code] == [404, 404]
    assert "too old" in late.content.decode()
    client = signed_in(world.administrator)
    assert client.post(f"/manage/people/{user.pk}/invite/").status_code == 429
    with frozen_at(now() + timedelta(minutes=6)):
        assert client.post(f"/manage/people/{user.pk}/invite/").status_code == 302
        newer = mailed_link()
        older = answers(link)
        assert older.status_code == 410
        assert "newer link" in older.content.decode()
        assert answers(newer).status_code == 302


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"password": ""}, "password"),
        ({"password": "short", "again": "short"}, "password"),
        ({"password": "password1234", "again": "password1234"}, "password"),
        ({"again": "another horse battery"}, "again"),
    ],
)
def test_a_password_that_cannot_be_is_refused_and_the_link_still_works(
    world: World, typed: dict[str, str], field: str
) -> None:
    invite(world)
    link = mailed_link()
    refused = answers(link, **typed)
    assert refused.status_code == 422
    assert set(refused.context["problems"]) == {field}
    assert answers(link).status_code == 302


def test_a_closed_account_uses_no_link_and_gets_none(world: World) -> None:
    user = invite(world)
    link = mailed_link()
    User.objects.filter(pk=user.pk).update(is_active=False)
    answer = answers(link)
    assert answer.status_code == 410
    assert "Your account is closed" in answer.content.decode()
    assert "newer link" not in answer.content.decode()
    refused = signed_in(world.administrator).post(f"/manage/people/{user.pk}/invite/")
    assert refused.status_code == 422
    assert "closed" in refused.content.decode()
    assert SignInLink.objects.get().used_at is None


def test_a_link_that_went_to_an_address_that_was_wrong_works_no_more(world: World) -> None:
    user = invite(world)
    link = mailed_link()
    seen = {"version": "1", "seen_contact": seen_of(user.pk, account_of(user))}
    sent = {**NEW, **seen, "active": "1", "email": "right@example.org"}
    assert signed_in(world.administrator).post(f"/manage/people/{user.pk}/", sent).status_code == 302
    assert answers(link).status_code == 404
    user.refresh_from_db()
    assert not user.has_usable_password()


def test_the_list_tells_who_was_invited_until_they_came(world: World) -> None:
    user = invite(world)
    client = signed_in(world.administrator)
    (line,) = client.get("/manage/people/?who=invited").context["lines"]
    assert line["person"] == user
    update_last_login(None, user)
    assert client.get("/manage/people/?who=invited").context["lines"] == []


# --- The table of roles ----------------------------------------------------------------------------------------------


def test_the_table_of_roles_says_of_every_capability_who_has_it(world: World) -> None:
    told = {capability for _title, known in GROUPS for capability in known}
    assert told == {capability for granted in CAPABILITIES.values() for capability in granted}
    page = signed_in(world.administrator).get("/manage/people/roles/")
    cells = {
        (str(words), number): may
        for _title, lines in page.context["groups"]
        for words, row in lines
        for number, may in enumerate(row)
    }
    words = {capability: str(said) for _title, known in GROUPS for capability, said in known.items()}
    assert cells[words[Capability.ADMINISTER], list(Role).index(Role.ADMINISTRATOR)]
    assert not cells[words[Capability.ADMINISTER], list(Role).index(Role.MANAGER)]
    assert cells[words[Capability.CLOSE], list(Role).index(Role.HANDLER)]
