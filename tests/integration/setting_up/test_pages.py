"""Administrators' pages: who may open them, and what they say when there is little or much."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from requests_app.models import ConfigChange, ReplyTemplate, Service, User, WorkCalendar
from requests_app.permissions import Role, Viewer
from requests_app.web.administration.nav import ITEMS
from tests import factories
from tests.factories import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return factories.world("testford", is_default=True)


def signed_in(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.url_name)
def test_every_page_of_the_navigation_is_for_administrators_only(world: World, item) -> None:
    address = reverse(item.url_name)
    assert Client().get(address).headers["Location"].startswith("/sign-in/?next=")
    for viewer in (world.handler, world.manager, world.evaluator):
        answers_for = {"administration:mail", "administration:alarms"} if viewer is world.manager else set()
        assert signed_in(viewer).get(address).status_code == (200 if item.url_name in answers_for else 403)
    for language in ("en", "fr"):
        assert signed_in(world.administrator).get(address, {"lang": language}).status_code == 200
    assert signed_in(world.administrator).get(address, {"place": "nowhere"}).status_code == 404


def test_an_administrator_elsewhere_cannot_open_this_place(world: World) -> None:
    other = factories.world()
    assert signed_in(other.administrator).get("/manage/", {"place": "testford"}).status_code == 404


def test_the_latest_changes_say_that_there_are_none_and_page_when_there_are_many(world: World) -> None:
    client = signed_in(world.administrator)
    assert "Nothing was changed yet" in client.get("/manage/changes/").content.decode()
    ConfigChange.objects.bulk_create(
        ConfigChange(
            jurisdiction=world.jurisdiction, what="office", target_id=world.roads.pk, version=number,
            before={"email": "a"}, after={"email": f"n{number}@example.ca"}, changed_at=timezone.now(),
        )
        for number in range(2, 122)
    )  # fmt: skip
    seen, address = 0, "/manage/changes/"
    while address:
        page = client.get(address)
        seen += page.content.decode().count('class="change"')
        older = page.context["older"]
        address = f"/manage/changes/?before={older}" if older else ""
    assert seen == 120
    for nonsense in ("x", "-1", "9" * 40, "%00"):
        assert client.get(f"/manage/changes/?before={nonsense}").status_code == 200


# --- One setting: made, previewed, refused, saved by two, put back ---------------------------------------------------

CALENDAR = {
    "names-en": "Crews", "names-fr": "Équipes", "time_zone": "America/Toronto", "slots-0": "8-16", "active": "1",
    "closures-0-from": "2026-12-24", "closures-0-names-en": "Break", "closures-0-names-fr": "Congé", "version": "1",
}  # fmt: skip


def test_a_calendar_is_made_changed_and_put_back_through_its_page(world: World) -> None:
    client = signed_in(world.administrator)
    assert "No calendar yet" in client.get("/manage/calendars/").content.decode()
    made = client.post("/manage/calendars/new/", CALENDAR)
    row = WorkCalendar.objects.get()
    assert made.headers["Location"] == f"/manage/calendars/{row.pk}/?place=testford"
    changed = client.post(f"/manage/calendars/{row.pk}/", {**CALENDAR, "slots-0": "9-17", "closures-0-remove": "1"})
    assert changed.status_code == 302
    row.refresh_from_db()
    assert (row.slots, row.closures, row.version) == ({"0": [["09:00", "17:00"]]}, [], 2)
    page = client.get(f"/manage/calendars/{row.pk}/").content.decode()
    assert "Put back as it was before version 2" in page
    change = ConfigChange.objects.get(what="calendar", version=2)
    address = f"/manage/changes/{change.pk}/restore/"
    assert client.post(address, {"version": "1"}).status_code == 409
    assert client.post(address, {"version": "2"}).status_code == 302
    row.refresh_from_db()
    assert (row.slots, row.version) == ({"0": [["08:00", "16:00"]]}, 3)
    assert client.get(f"/manage/calendars/{row.pk}/?lang=fr").status_code == 200
    listed = client.get("/manage/calendars/?lang=fr").content.decode()
    assert "Équipes" in listed
    assert "Remise en état" in client.get("/manage/changes/?lang=fr").content.decode()


def test_a_preview_and_one_more_row_save_nothing_and_keep_what_was_typed(world: World) -> None:
    client = signed_in(world.administrator)
    shown = client.post("/manage/calendars/new/", {**CALENDAR, "preview": "1"})
    assert shown.status_code == 200
    assert "nothing is saved yet" in shown.content.decode()
    more = client.post("/manage/calendars/new/", {**CALENDAR, "more": "closures"}).content.decode()
    assert 'name="closures-1-from"' in more
    assert 'value="2026-12-24"' in more
    assert not WorkCalendar.objects.exists()


def test_a_calendar_that_never_opens_is_refused_by_a_sentence_in_both_languages(world: World) -> None:
    client = signed_in(world.administrator)
    never = {**CALENDAR, "slots-0": ""}
    for language, sentence in (("en", "this calendar never opens"), ("fr", "ce calendrier n’ouvre jamais")):
        refused = client.post(f"/manage/calendars/new/?lang={language}", never)
        assert refused.status_code == 422
        assert sentence in refused.content.decode()
        assert 'value="Équipes"' in refused.content.decode()
    assert not WorkCalendar.objects.exists()


def test_two_who_save_the_same_calendar_the_second_reads_what_changed_and_keeps_what_was_typed(world: World) -> None:
    other = factories.member(Role.ADMINISTRATOR, world.jurisdiction, name="Ada First")
    client, first = signed_in(world.administrator), signed_in(other)
    client.post("/manage/calendars/new/", CALENDAR)
    address = f"/manage/calendars/{WorkCalendar.objects.get().pk}/"
    assert first.post(address, {**CALENDAR, "slots-0": "9-17", "names-en": "Road crews"}).status_code == 302
    second = client.post(address, {**CALENDAR, "slots-0": "10-18", "names-fr": "Équipes de voirie"})
    page = second.content.decode()
    assert second.status_code == 409
    assert "Ada First saved this while you were working on it" in page
    assert 'value="10:00–18:00"' in page
    assert "09:00–17:00" in page
    assert 'name="version" value="2"' in page
    assert client.post(address, {**CALENDAR, "slots-0": "10-18", "version": "2"}).status_code == 302
    for broken in ("", "x", "-1", "999999999999", "77"):
        assert client.post(address, {**CALENDAR, "version": broken}).status_code == 409, broken


def test_a_setting_of_another_place_is_not_there(world: World) -> None:
    other = factories.world()
    client = signed_in(world.administrator)
    client.post("/manage/calendars/new/", CALENDAR)
    row = WorkCalendar.objects.get()
    stranger = signed_in(other.administrator)
    for address in (f"/manage/calendars/{row.pk}/", "/manage/calendars/999999999999999999999/"):
        assert stranger.get(address).status_code == 404
        assert stranger.post(address, CALENDAR).status_code == 404
    row.refresh_from_db()
    assert row.version == 1


def test_a_reply_template_is_written_in_both_languages_or_refused(world: World) -> None:
    client = signed_in(world.administrator)
    assert "No reply template yet" in client.get("/manage/replies/").content.decode()
    sent = {
        "names-en": "Thanks", "names-fr": "Merci", "kind": "message", "bodies-en": "Thank you.\nBye",
        "service": "pothole", "office": "", "active": "1",
    }  # fmt: skip
    refused = client.post("/manage/replies/new/", sent)
    assert refused.status_code == 422
    assert "the French text is missing" in refused.content.decode()
    for field, wrong in (("service", "no-such"), ("office", "\x00"), ("kind", "poem")):
        broken = client.post("/manage/replies/new/", {**sent, "bodies-fr": "Merci.", field: wrong})
        assert broken.status_code == 422, field
    assert client.post("/manage/replies/new/", {**sent, "bodies-fr": "Merci."}).status_code == 302
    row = ReplyTemplate.objects.get()
    assert (row.service_id, row.office_id, row.bodies["en"]) == (world.pothole.pk, None, "Thank you.\nBye")
    assert "Merci." in client.get(f"/manage/replies/{row.pk}/?lang=fr").content.decode()


# --- A service through its pages -------------------------------------------------------------------------------------


def test_a_service_goes_from_nothing_to_live_to_retired_through_its_page(world: World) -> None:
    client = signed_in(world.administrator)
    client.post("/manage/calendars/new/", CALENDAR)
    begun = {"names-en": "Rats", "kind": "street", "resolve_count": "working", "acknowledge_count": "working"}
    address = client.post("/manage/services/new/", begun).headers["Location"].split("?")[0]
    page = client.get(address).content.decode()
    assert "things are missing before it can go live" in page
    assert "Go live" not in page
    refused = client.post(f"{address}live/", {"version": "1"})
    assert refused.status_code == 422
    assert "Choose the office that answers for it." in refused.content.decode()
    both = {f"{n}-{code}": n for n in ("names", "descriptions", "group") for code in ("en", "fr")}
    both |= {f"{n}_purposes-{code}": "why" for n in ("words", "contact") for code in ("en", "fr")}
    whole = {
        **begun, **both, "words_tag": "personal", "contact_tag": "personal", "owner": "roads", "publicity": "private",
        "calendar": "crews", "resolve_hours": "16", "retention_days": "730", "version": "1",
        "questions-0-names-en": "Second?", "questions-0-names-fr": "Deuxième?", "questions-0-datatype": "choice",
        "questions-0-choices": "Red | Rouge\nBlue | Bleu", "questions-0-tag": "open", "questions-0-order": "2",
        "questions-0-purposes-en": "why", "questions-0-purposes-fr": "pourquoi",
        "questions-1-names-en": "First?", "questions-1-names-fr": "Premier?", "questions-1-datatype": "date",
        "questions-1-tag": "open", "questions-1-order": "1",
        "questions-1-purposes-en": "why", "questions-1-purposes-fr": "pourquoi",
    }  # fmt: skip
    assert client.post(address, whole).status_code == 302
    shown = client.get(address).content.decode()
    assert "it can go live as it is saved here" in shown
    assert shown.index("Premier?") < shown.index("Deuxième?")
    assert 'lang="fr"' in shown
    assert client.post(f"{address}live/", {"version": "2"}).status_code == 302
    service = Service.objects.get(code="rats")
    assert [q.code for q in service.questions.all()] == ["first", "second"]
    assert [c["key"] for c in service.questions.get(code="second").choices] == ["red", "blue"]
    assert client.post(f"{address}retire/", {"version": "1"}).status_code == 409
    assert client.post(f"{address}retire/", {"version": "3"}).status_code == 302
    assert client.post(f"{address}retire/", {"version": "4"}).status_code == 409
    for language in ("en", "fr"):
        assert client.get(f"{address}?lang={language}").status_code == 200
        assert client.get(f"/manage/services/?lang={language}").status_code == 200
        assert client.get(f"/manage/changes/?lang={language}").status_code == 200


def test_every_service_of_a_place_opens_with_what_uses_it(world: World) -> None:
    client = signed_in(world.administrator)
    factories.file_request(world.pothole)
    page = client.get(f"/manage/services/{world.pothole.pk}/").content.decode()
    assert "1 open request" in page
    assert "Ward 1 → Roads office" in page
    for method in (client.get, client.post):
        assert method("/manage/services/99999999/").status_code == 404
    opened = client.get(f"/manage/services/{world.pothole.pk}/live/")
    assert (opened.status_code, opened["Location"]) == (302, f"/manage/services/{world.pothole.pk}/")


def test_the_pages_of_settings_ask_few_questions(world: World, django_assert_max_num_queries: Any) -> None:
    client = signed_in(world.administrator)
    for number in range(30):
        factories.service(world.jurisdiction, f"s{number}")
    for address, most in (("/manage/services/", 8), (f"/manage/services/{world.pothole.pk}/", 30)):
        client.get(address)
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200


def test_what_is_set_and_no_longer_offered_is_not_changed_by_saving(world: World) -> None:
    reply = ReplyTemplate.objects.create(
        jurisdiction=world.jurisdiction, service=world.pothole, names={"en": "Thanks", "fr": "Merci"},
        bodies={"en": "Thank you.", "fr": "Merci."},
    )  # fmt: skip
    Service.objects.filter(pk=world.pothole.pk).update(state="retired", is_active=False)
    page = signed_in(world.administrator).get(f"/manage/replies/{reply.pk}/").content.decode()
    assert '<option value="pothole" selected>' in page


def test_a_history_speaks_as_the_form_does(world: World) -> None:
    client = signed_in(world.administrator)
    document = {
        "names": {"en": "Bike rack", "fr": "Support à vélos"}, "publicity": "private", "holidays": True,
        "questions": [
            {"code": "how-many", "names": {"en": "How many?", "fr": "Combien?"}, "datatype": "number", "tag": "open"}
        ],
    }  # fmt: skip
    ConfigChange.objects.create(
        jurisdiction=world.jurisdiction, what="service", target_id=world.pothole.pk, version=2, act="saved",
        before={**document, "publicity": "public", "questions": []}, after=document, changed_at=timezone.now(),
    )  # fmt: skip
    page = client.get("/manage/changes/", {"lang": "fr"}).content.decode()
    assert "Privé : seulement la personne et les bureaux qui s’en occupent" in page
    assert "Question (" in page
    for raw in ("datatype", "how-many", "→ private", "tag: open"):
        assert raw not in page
