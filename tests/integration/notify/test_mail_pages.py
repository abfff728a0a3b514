"""The pages of mails: dead letters are tried again or given up by who answers for them; one click stops mails."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from requests_app.actions import Contact
from requests_app.clock import frozen_at
from requests_app.models import OutboxEntry, Person, User
from requests_app.models.outbox import MAX_ATTEMPTS
from requests_app.notify import drawer, moments
from requests_app.notify.deliver import sweep_outbox
from requests_app.notify.morning import queue_morning_mails
from requests_app.permissions import Role, Viewer
from tests import factories
from tests.factories import World
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
MAIL = "/manage/mail/"
MONDAY_MORNING = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)  # 7:30 in Toronto


@pytest.fixture
def world() -> World:
    return factories.world("testford", is_default=True)


def signed_in(viewer: Viewer) -> Client:
    browser = Client()
    browser.force_login(User.objects.get(pk=viewer.user_id))
    return browser


def dead(world: World, service: Any = None) -> OutboxEntry:
    play = Play.begin(world, service, contact=Contact(email="ann@example.org"))
    sweep_outbox()
    OutboxEntry.objects.filter(kind="mail", request=play.request).update(
        done_at=None, result="", attempts=MAX_ATTEMPTS, last_error="SMTPRecipientsRefused: (550)."
    )
    mail.outbox.clear()
    return OutboxEntry.objects.get(kind="mail", request=play.request)


# --- Dead letters ----------------------------------------------------------------------------------------------------


def test_an_administrator_sees_what_failed_without_the_address_and_has_it_tried_again(world: World) -> None:
    entry = dead(world)
    browser = signed_in(world.administrator)
    page = browser.get(MAIL).content.decode()
    assert "SMTPRecipientsRefused: (550)." in page
    assert entry.request is not None
    assert entry.request.reference in page
    assert "ann@example.org" not in page
    assert browser.post(MAIL, {"act": "retry", "id": entry.pk}).status_code == 302
    assert sweep_outbox().done == 1
    assert mail.outbox[0].to == ["ann@example.org"]


def test_giving_up_says_who_did_and_takes_it_from_the_list(world: World) -> None:
    entry = dead(world)
    browser = signed_in(world.administrator)
    browser.post(MAIL, {"act": "give_up", "id": entry.pk})
    entry.refresh_from_db()
    assert entry.given_up_by_id == world.administrator.user_id
    assert "None: every mail was delivered" in browser.get(MAIL).content.decode()


def test_a_manager_of_an_office_answers_for_its_mails_only(world: World) -> None:
    ours, theirs = dead(world), dead(world, world.benefit)
    browser = signed_in(factories.member(Role.MANAGER, world.jurisdiction, world.roads))
    page = browser.get(MAIL).content.decode()
    assert ours.request is not None
    assert theirs.request is not None
    assert ours.request.reference in page
    assert theirs.request.reference not in page
    browser.post(MAIL, {"act": "give_up", "id": [ours.pk, theirs.pk]})
    assert OutboxEntry.objects.filter(given_up_at=None, kind="mail").get() == theirs


@pytest.mark.parametrize(
    "form", [{}, {"act": "retry"}, {"act": "read"}, {"act": "explode", "id": "1"}, {"act": "retry", "id": "x"}]
)
def test_a_form_that_makes_no_sense_is_refused_with_a_sentence(world: World, form: dict[str, str]) -> None:
    dead(world)
    answer = signed_in(world.administrator).post(MAIL, form)
    assert answer.status_code == 422
    assert "Choose at least one mail" in answer.content.decode()


def test_others_have_no_business_there(world: World) -> None:
    assert Client().get(MAIL).status_code == 302
    for viewer in (world.handler, world.evaluator):
        assert signed_in(viewer).get(MAIL).status_code == 403
        assert signed_in(viewer).get(f"{MAIL}previews/").status_code == 403
    assert signed_in(world.manager).get(f"{MAIL}previews/").status_code == 403


def test_repeats_are_counted_on_the_page(world: World) -> None:
    dead(world)
    OutboxEntry.objects.filter(kind="mail").update(repeats=1)
    assert "1 was sent once more" in signed_in(world.administrator).get(MAIL).content.decode()


# --- Stopping --------------------------------------------------------------------------------------------------------


def stop_link(sent: Any) -> str:
    return str(sent.extra_headers["List-Unsubscribe"]).strip("<>").partition("8000")[2]


def test_one_click_stops_the_mails_looking_does_not(world: World) -> None:
    play = Play.begin(world, contact=Contact(email="ann@example.org"))
    sweep_outbox()
    (sent,) = mail.outbox
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = stop_link(sent)
    assert link in str(sent.body)
    browser = Client(enforce_csrf_checks=True)
    assert browser.get(link).status_code == 200
    assert Person.objects.get().wants_news
    # As a mail program sends it: no cookie, no token of a form.
    assert browser.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Person.objects.get().wants_news
    assert browser.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    play.accepted().closed()
    sweep_outbox()
    assert len(mail.outbox) == 1


def test_who_stopped_can_have_them_again_and_a_changed_link_does_nothing(world: World) -> None:
    Play.begin(world, contact=Contact(email="ann@example.org"))
    sweep_outbox()
    link = stop_link(mail.outbox[0])
    browser = Client()
    browser.post(link)
    browser.post(link, {"act": "resume"})
    assert Person.objects.get().wants_news
    altered = link.replace("/stop-mails/1-", "/stop-mails/3-")
    assert browser.post(altered).status_code == 404
    assert User.objects.filter(mail_moments=False).count() == 0


# --- The morning -----------------------------------------------------------------------------------------------------


def test_the_morning_mail_tells_what_waits_once_a_working_day_and_each_number_is_its_lists(world: World) -> None:
    User.objects.filter(pk=world.handler.user_id).update(email="roads@town.example")
    with frozen_at(MONDAY_MORNING - timedelta(days=30)):
        Play.begin(world)
        Play.begin(world)
    with frozen_at(MONDAY_MORNING):
        for _again in range(2):
            queue_morning_mails()
        sweep_outbox()
    (sent,) = mail.outbox
    assert sent.to == ["roads@town.example"]
    assert sent.subject.startswith("What waits for you today / Ce qui vous attend aujourd’hui")
    assert "Past the promise: 2 (your office)" in sent.body
    address = next(word for word in str(sent.body).split() if "due=late" in word).partition("8000")[2]
    with frozen_at(MONDAY_MORNING):
        page = signed_in(world.handler).get(address)
    assert page.status_code == 200
    assert len(page.context["rows"]) == 2


@pytest.mark.parametrize("moment", [MONDAY_MORNING - timedelta(days=1), MONDAY_MORNING + timedelta(hours=8)])
def test_no_morning_mail_on_a_day_off_or_in_the_afternoon(world: World, moment: datetime) -> None:
    User.objects.filter(pk=world.handler.user_id).update(email="roads@town.example")
    with frozen_at(moment):
        assert queue_morning_mails() == 0


def test_where_nothing_waits_no_mail_is_sent(world: World) -> None:
    User.objects.filter(pk=world.handler.user_id).update(email="roads@town.example")
    with frozen_at(MONDAY_MORNING):
        assert queue_morning_mails() == 1
        sweep_outbox()
    assert mail.outbox == []
    assert OutboxEntry.objects.get().result == "nobody"


# --- Previews and the drawer -----------------------------------------------------------------------------------------


def test_every_mail_can_be_previewed_in_both_languages(world: World) -> None:
    browser = signed_in(world.administrator)
    listed = browser.get(f"{MAIL}previews/").content.decode()
    for news, told in moments.MOMENTS.items():
        for audience in told:
            address = reverse("administration:mail_preview", args=[news, audience])
            assert address in listed
            for first in ("en", "fr"):
                page = browser.get(f"{address}html/?first={first}").content.decode()
                assert f'<html lang="{first}">' in page, address
                assert "%(" not in page, address
            assert browser.get(address).status_code == 200
    assert browser.get(f"{MAIL}previews/closed/nobody/").status_code == 404


def test_a_mail_in_a_frame_has_a_policy_of_its_own(world: World) -> None:
    page = signed_in(world.administrator).get(f"{MAIL}previews/closed/citizen/html/")
    assert page.headers["Content-Security-Policy"].startswith("sandbox")
    assert page.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_a_demo_shows_its_mails_and_nothing_else_does(world: World, settings: Any) -> None:
    settings.EMAIL_BACKEND = "requests_app.notify.drawer.EmailBackend"
    Play.begin(world, contact=Contact(email="ann@example.org"))
    sweep_outbox()
    (kept,) = drawer.newest(1)
    browser = Client()
    assert "We have received your request" in browser.get("/demo/mail/").content.decode()
    assert "Nid-de-poule" in browser.get(f"/demo/mail/{kept.name}/").content.decode()
    assert "Nid-de-poule" in browser.get(f"/demo/mail/{kept.name}/html/").content.decode()
    assert browser.get("/demo/mail/12345/").status_code == 404
    settings.DEMO = False
    for address in ("", f"{kept.name}/", f"{kept.name}/html/"):
        assert browser.get(f"/demo/mail/{address}").status_code == 404


def test_codes_of_the_outbox_are_small_facts(world: World) -> None:
    dead(world)
    for codes in OutboxEntry.objects.values_list("codes", flat=True):
        assert set(codes) <= {"news", "audience", "to", "id"}, json.dumps(codes)
