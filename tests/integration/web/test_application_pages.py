"""An application in the citizen's words: what it takes, how it is filed, what became of it, in both languages."""

import io
import re
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from requests_app import actions
from requests_app.actions import Contact
from requests_app.models import Document, Jurisdiction, Service, ServiceKind, ServiceRequest, Workflow
from requests_app.notify.deliver import sweep_outbox
from requests_app.web.viewer import TRACKED
from tests.permits import SOURCE, Permits, move
from tests.scenarios import Play

pytestmark = pytest.mark.django_db

TOLD = SOURCE.replace(
    'code = "issue"', 'code = "issue"\n  told = { en = "Permit issued", fr = "Permis délivré" }'
).replace(
    "target = { hours = 8 }",
    'target = { hours = 8 }\ndocuments = ["plan"]\nplain = { en = "We check it.", fr = "Nous vérifions." }',
    1,
)


@pytest.fixture
def permits() -> Permits:
    permits = Permits.begin(TOLD)
    Service.objects.filter(pk=permits.service.pk).update(kind=ServiceKind.APPLICATION)
    Jurisdiction.objects.filter(pk=permits.world.jurisdiction.pk).update(is_default=True)
    permits.service.refresh_from_db()
    return permits


def text(answer: Any) -> str:
    return str(answer.content.decode())


def as_citizen(play: Play) -> Client:
    browser = Client()
    session = browser.session
    session[TRACKED] = [play.request.pk]
    session.save()
    return browser


def page_of(play: Play, language: str) -> str:
    address = reverse("citizen:request", args=[play.request.reference])
    return text(as_citizen(play).get(address, {"lang": language}))


def decided(permits: Permits, **fields: Any) -> Play:
    """A case that was issued its permit."""
    play = permits.filed(**fields).started()
    Document.objects.create(request=play.request, kind="plan", status="accepted")
    move(play, "pass_on")
    play.do(actions.accept, viewer=permits.world.handler)
    move(play, "seen").do(actions.accept, viewer=permits.world.intake_handler)
    return move(play, "issue")


# --- What became of it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "told", "generic"), [("en", "Permit issued", "Resolved"), ("fr", "Permis délivré", "Réglée")]
)
def test_the_end_is_told_in_the_words_of_the_workflow(permits: Permits, language: str, told: str, generic: str) -> None:
    page = page_of(decided(permits), language)
    assert page.count(told) >= 2, "the status and the timeline"
    assert told[:1].lower() + told[1:] in page, "where it stands"
    assert generic not in page


def test_an_end_without_words_of_its_own_is_told_by_its_outcome(permits: Permits) -> None:
    play = permits.filed().started()
    play.do(actions.close, viewer=permits.world.manager, outcome="withdrawn")
    assert "It is closed: withdrawn." in page_of(play, "en")


def test_the_mail_names_the_end_and_the_documents_that_are_asked_for(permits: Permits) -> None:
    contact = Contact(email="ana@example.org", wants_news=True)
    play = permits.filed(contact=contact).started()
    play.do(actions.ask_documents, viewer=permits.world.intake_handler, kinds=["plan", "deed"])
    decided(permits, contact=contact)
    sweep_outbox(50)
    sweep_outbox(50)
    (asked,) = [one for one in mail.outbox if "question about your request" in one.subject]
    assert "It needs from you: Site plan, Deed." in asked.body
    assert "Il faut de votre part : Plan de situation, Titre de propriété." in asked.body
    (closed,) = [one for one in mail.outbox if "Permit issued" in one.body]
    assert "Permis délivré" in closed.body


def test_a_step_that_is_under_way_says_what_happens_in_it(permits: Permits) -> None:
    assert "Intake office has it. We check it." in page_of(permits.filed().started(), "en")


# --- How it is filed -------------------------------------------------------------------------------------------------


def send(browser: Client, **fields: str) -> Any:
    browser.post("/report/permit/words/", {"words": "A deck behind the house."})
    key = re.search(r'name="submission_key" value="([^"]+)"', text(browser.get("/report/permit/send/")))
    assert key
    return browser.post("/report/permit/send/", {"submission_key": key[1], "language": "en", **fields})


@pytest.mark.parametrize(
    ("language", "title", "ready", "paper"),
    [
        ("en", "About your application", "Have these documents ready", "Site plan"),
        ("fr", "À propos de votre demande", "Préparez ces documents", "Plan de situation"),
    ],
)
def test_what_an_application_takes_is_told_before_it_begins(
    permits: Permits, client: Client, language: str, title: str, ready: str, paper: str
) -> None:
    page = text(client.get("/report/permit/words/", {"lang": language}))
    assert f"<h1>{title}</h1>" in page
    assert page.index(ready) < page.index(paper) < page.index("<form method")
    assert "tel:911" not in page


def test_a_report_is_still_asked_for_danger_and_needs_no_contact(permits: Permits, client: Client) -> None:
    client.post("/report/pothole/where/", {"lat": "44.0", "lon": "-79.05"})
    page = text(client.get("/report/pothole/words/"))
    assert "tel:911" in page
    assert "Photo and a few words" in page
    assert "Have these documents ready" not in page
    client.post("/report/pothole/words/", {"words": "A deep hole."})
    assert "(optional)" in text(client.get("/report/pothole/send/"))


def test_an_application_needs_one_way_to_be_reached(permits: Permits, client: Client) -> None:
    answer = send(client)
    assert answer.status_code == 422
    assert "Give an e-mail address or a telephone number" in text(answer)
    assert "Give an e-mail address" not in text(send(client, email="not an address")), "one fault at a time"
    assert ServiceRequest.objects.count() == 0
    assert send(client, phone="705-555-0123").status_code == 302
    thanks = text(client.get(reverse("citizen:report_thanks")))
    assert "Now send your documents" in thanks
    assert "Site plan" in thanks


def test_an_application_without_a_workflow_text_needs_nothing_more(permits: Permits, client: Client) -> None:
    Workflow.objects.filter(pk=permits.workflow.pk).update(source="")
    assert send(client).status_code == 302


# --- Photos ----------------------------------------------------------------------------------------------------------


def photo(colour: str) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (12, 9), colour).save(out, "PNG")
    return SimpleUploadedFile(f"{colour}.png", out.getvalue(), "image/png")


def test_with_three_photos_one_is_taken_off_on_the_spot_and_the_words_stay(permits: Permits, client: Client) -> None:
    for colour in ("red", "green", "blue"):
        client.post("/report/permit/words/", {"words": "A deck.", "photo": photo(colour)})
    full = client.get("/report/permit/words/")
    assert "3 photos are chosen" in text(full)
    assert 'type="file"' not in text(full)
    names = full.context["draft"].photos
    answer = client.post("/report/permit/words/", {"words": "A larger deck.", "remove_photo": names[1]})
    assert answer.headers["Location"] == "/report/permit/words/#field-photo"
    page = client.get("/report/permit/words/")
    assert page.context["draft"].photos == [names[0], names[2]]
    assert page.context["draft"].words == "A larger deck."
    assert 'type="file"' in text(page)


# --- Finding the place -----------------------------------------------------------------------------------------------


def test_home_leads_to_applications(permits: Permits, client: Client) -> None:
    assert "/report/#application" in text(client.get("/"))
    assert 'id="application"' in text(client.get("/report/"))
