"""Replies at the desk: started from a template, in the citizen's language, with the other language beside it."""

from typing import Any

import pytest
from django.test import Client

from requests_app import actions
from requests_app.models import ReplyTemplate, ServiceRequest, User, Words, Workflow
from requests_app.permissions import Viewer
from tests import factories
from tests.factories import IN_THE_WEST, World, command, file_request

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> World:
    return factories.world("testford")


def template(town: World, kind: str, english: str, french: str, **fields: Any) -> ReplyTemplate:
    return ReplyTemplate.objects.create(
        jurisdiction=town.jurisdiction, code=f"r-{ReplyTemplate.objects.count()}", kind=kind,
        names={"en": f"Named {english}", "fr": f"Nommé {french}"}, bodies={"en": english, "fr": french}, **fields,
    )  # fmt: skip


def at_work(town: World, language: str = "fr") -> ServiceRequest:
    request = file_request(town.pothole, location=IN_THE_WEST, language=language)
    actions.accept(command(request, town.handler))
    actions.start(command(request, town.handler))
    return request


def client_of(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


def post(town: World, request: ServiceRequest, slug: str, **values: object) -> Any:
    version = ServiceRequest.objects.values_list("version", flat=True).get(pk=request.pk)
    address = f"/desk/requests/{request.reference}/moves/{slug}/"
    return client_of(town.handler).post(address, {"version": version, **values})


def words_of(request: ServiceRequest, kind: str) -> Words:
    return Words.objects.filter(request=request, kind=kind).latest("pk")


def test_a_template_is_put_in_in_the_citizens_language_with_the_other_beside_it_and_nothing_is_sent(
    town: World,
) -> None:
    request = at_work(town)
    done = template(town, "closing", "It is done.", "C’est fait.")
    shown = post(town, request, "close", fill="reply", outcome="resolved", **{"start-reply": done.pk})
    page = shown.content.decode()
    assert shown.status_code == 200
    assert '<textarea class="input" lang="fr" id="close-reply"' in page
    assert "data-first autofocus>C’est fait.</textarea>" in page
    assert '<p class="quote reply-start__text" lang="en">It is done.</p>' in page
    assert "in their language: Français" in page
    request.refresh_from_db()
    assert request.is_open


def test_what_was_put_in_and_changed_reaches_the_citizen_in_their_language(town: World) -> None:
    request = at_work(town)
    template(town, "closing", "It is done.", "C’est fait.")
    sent = post(town, request, "close", outcome="resolved", reply="C’est fait, merci.", written_in="fr")
    assert sent.status_code == 302
    said = words_of(request, "reply")
    assert (said.body, said.language) == ("C’est fait, merci.", "fr")


def test_without_a_template_words_are_in_the_language_of_the_page_and_nonsense_changes_nothing(town: World) -> None:
    request = at_work(town)
    for nonsense in ("", "xx", "\x00"):
        post(town, request, "comment", body="Hello", written_in=nonsense)
        assert words_of(request, "reply").language == "en"


def test_what_somebody_typed_stays_above_the_template_and_one_template_takes_anothers_place(town: World) -> None:
    request = at_work(town)
    one, two = template(town, "message", "One.", "Un."), template(town, "message", "Two.", "Deux.")
    typed = post(town, request, "comment", fill="body", body="Bonjour!", **{"start-body": one.pk})
    assert ">Bonjour!\n\nUn.</textarea>" in typed.content.decode()
    other = post(town, request, "comment", fill="body", body="Un.", **{"start-body": two.pk})
    assert ">Deux.</textarea>" in other.content.decode()
    for nonsense in ("", "0", "x", "\x00", "9" * 30):
        kept = post(town, request, "comment", fill="body", body="Mine", **{"start-body": nonsense})
        assert (kept.status_code, ">Mine</textarea>" in kept.content.decode()) == (200, True)


def test_only_the_templates_of_the_case_and_of_what_is_written_are_offered_the_closest_first(town: World) -> None:
    request = at_work(town)
    general = template(town, "closing", "General", "Général")
    own = template(town, "closing", "Own", "Propre", service=town.pothole)
    template(town, "closing", "Elsewhere", "Ailleurs", service=town.benefit)
    template(town, "closing", "Off", "Hors", is_active=False)
    template(town, "question", "Where?", "Où?")
    page = client_of(town.handler).get(f"/desk/requests/{request.reference}/")
    starts = page.context["reply_starts"].by_kind
    assert [one.key for one in starts["closing"]] == [str(own.pk), str(general.pk)]
    assert [one.text for one in starts["question"]] == ["Où?"]


def test_a_step_of_the_workflow_starts_from_a_template_too(town: World) -> None:
    told = Workflow.objects.get(jurisdiction=town.jurisdiction)
    Workflow.objects.update(source=told.source.replace('to = "work"', 'to = "work"\n  tells = true'))
    request = at_work(town)
    template(town, "closing", "Unused", "Inutile")
    message = template(town, "message", "We go on.", "Nous poursuivons.")
    version = ServiceRequest.objects.values_list("version", flat=True).get(pk=request.pk)
    shown = client_of(town.handler).post(
        f"/desk/requests/{request.reference}/step/on/",
        {"version": version, "branch": "0", "fill": "text", "start-text": message.pk, "note": "For us"},
    )
    page = shown.content.decode()
    assert shown.status_code == 200
    assert ">Nous poursuivons.</textarea>" in page
    assert ">For us</textarea>" in page
    request.refresh_from_db()
    assert request.step == "intake"


def test_internal_notes_are_told_apart_from_what_the_citizen_reads(town: World) -> None:
    request = at_work(town)
    page = client_of(town.handler).get(f"/desk/requests/{request.reference}/").content.decode()
    note = page[page.index('id="note-body"') - 400 : page.index('id="note-body"')]
    assert "Only staff read this" in note
    message = page[page.index('id="comment-body"') - 900 : page.index('id="comment-body"')]
    assert "The citizen reads this" in message
    assert "Only staff read this" not in message
