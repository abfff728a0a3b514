"""The workflow of a case on its pages: steps, moves and papers, at the desk and for the citizen, in both languages."""

from http import HTTPStatus
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from requests_app import actions
from requests_app.models import Document, Jurisdiction, Office, User
from requests_app.permissions import Viewer
from requests_app.web.viewer import TRACKED
from tests.permits import SOURCE, Permits, branch_of, move
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def permits() -> Permits:
    return Permits.begin(SOURCE.replace("target = { hours = 8 }", 'documents = ["plan"]', 1))


def as_staff(viewer: Viewer) -> Client:
    browser = Client()
    browser.force_login(User.objects.get(pk=viewer.user_id))
    return browser


def as_citizen(play: Play) -> Client:
    browser = Client()
    session = browser.session
    session[TRACKED] = [play.request.pk]
    session.save()
    return browser


def page(browser: Client, play: Play, name: str = "desk:case", **query: str) -> str:
    return browser.get(reverse(name, args=[play.request.reference]), query).content.decode()


def post(browser: Client, play: Play, name: str, *args: Any, **form: Any) -> Any:
    play.request.refresh_from_db()
    form.setdefault("version", play.request.version)
    answer = browser.post(reverse(name, args=[play.request.reference, *args]), form)
    play.request.refresh_from_db()
    return answer


def pdf(name: str = "plan.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF, "application/pdf")


def ready(play: Play) -> Play:
    """The plan is there and good."""
    Document.objects.create(request=play.request, kind="plan", status="accepted")
    return play


def test_the_desk_offers_the_moves_of_the_step_and_says_what_is_missing(permits: Permits) -> None:
    play = permits.filed().started()
    shown = page(as_staff(permits.world.intake_handler), play)
    assert "Step: Intake" in shown
    assert "The document “Site plan” has not been accepted yet." in shown
    assert "Only the manager: Refuse" in shown
    assert "Pass on to Roads" in shown
    assert "Only the manager" not in page(as_staff(permits.world.manager), play)
    french = page(as_staff(permits.world.manager), play, lang="fr")
    assert "Étape : Accueil" in french
    assert "Transmettre à la Voirie" in french


def test_a_move_is_made_from_the_page(permits: Permits) -> None:
    play = ready(permits.filed().started())
    browser = as_staff(permits.world.intake_handler)
    answer = post(browser, play, "desk:step", "complete", branch=0)
    assert answer.status_code == HTTPStatus.FOUND
    assert play.request.step == "waiting"
    shown = page(browser, play)
    assert "“It is complete” is done. The step is now “Reviews”." in shown
    assert "“Plans” is not finished yet." in shown
    reviewer = as_staff(permits.world.handler)
    assert "Review: Plans" in page(reviewer, play)
    branch = branch_of(play, "plans")
    assert post(reviewer, play, "desk:begin_review", branch=branch).status_code == HTTPStatus.FOUND
    refused = post(reviewer, play, "desk:step", "bad", branch=branch, note="The beam is thin.")
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Choose a reason from the list." in refused.content.decode()
    assert "The beam is thin." in refused.content.decode()
    assert post(reviewer, play, "desk:step", "good", branch=branch).status_code == HTTPStatus.FOUND
    assert "Plans</strong>, Roads office: done (Good)" in page(browser, play)


def test_two_reviewers_who_saw_the_same_page_both_end(permits: Permits) -> None:
    play = move(ready(permits.filed().started()), "complete")
    seen = play.request.version
    for who, step in ((permits.world.handler, "plans"), (permits.world.other_handler, "fire")):
        answer = post(as_staff(who), play, "desk:step", "good", branch=branch_of(play, step), version=seen)
        assert answer.status_code == HTTPStatus.FOUND
    late = post(as_staff(permits.world.intake_handler), play, "desk:step", "decide", branch=0, version=seen)
    assert late.status_code == HTTPStatus.CONFLICT
    assert "Your move was not made." in late.content.decode()


def test_an_office_is_chosen_where_several_may_do_the_step() -> None:
    source = SOURCE.replace(
        'office = "roads"\n  [[step.move]]\n  code = "seen"', 'office_kind = "crew"\n  [[step.move]]\n  code = "seen"'
    ).replace('office_kind = "crew"', 'office_kind = "office"')
    permits = Permits.begin(source)
    Office.objects.filter(pk=permits.world.intake.pk).update(kind="desk")
    play = permits.filed().started()
    browser = as_staff(permits.world.intake_handler)
    assert "Office for “Site visit”" in page(browser, play)
    refused = post(browser, play, "desk:step", "pass_on", branch=0)
    assert "Choose the office for “Site visit”." in refused.content.decode()
    post(browser, play, "desk:step", "pass_on", branch=0, **{"office-site": permits.world.parks.pk})
    assert play.request.office == permits.world.parks


def test_papers_are_asked_for_sent_checked_and_asked_for_again(permits: Permits) -> None:
    play = permits.filed().started()
    desk, citizen = as_staff(permits.world.intake_handler), as_citizen(play)
    assert "Choose at least one document." in post(desk, play, "desk:ask_papers").content.decode()
    post(desk, play, "desk:ask_papers", kinds=["plan"], text="Please with a scale.")
    assert play.request.status == "waiting_citizen"
    shown = page(citizen, play, "citizen:request")
    assert "We need documents from you" in shown
    assert "Please with a scale." in shown
    assert "Nous avons besoin de documents de votre part" in page(as_citizen(play), play, "citizen:request", lang="fr")
    refused = post(citizen, play, "citizen:documents", kind="plan")
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Choose a file." in refused.content.decode()
    wrong = post(citizen, play, "citizen:documents", kind="plan", file=SimpleUploadedFile("a.exe", b"MZ"))
    assert "neither a PDF nor a picture" in wrong.content.decode()
    sent = post(citizen, play, "citizen:documents", kind="plan", file=pdf())
    assert sent.status_code == HTTPStatus.FOUND
    assert play.request.status == "in_progress"
    (paper,) = Document.objects.filter(request=play.request)
    bad = post(desk, play, "desk:check_paper", paper.pk, verdict="bad", text="Too small.")
    assert bad.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Too small." in bad.content.decode()
    post(desk, play, "desk:check_paper", paper.pk, verdict="bad", reason="unreadable", text="Too small.")
    shown = page(citizen, play, "citizen:request")
    assert "Why: It cannot be read." in shown
    post(citizen, play, "citizen:documents", kind="plan", file=pdf())
    again = Document.objects.filter(request=play.request).latest("pk")
    post(desk, play, "desk:check_paper", again.pk, verdict="good")
    assert Document.objects.get(pk=again.pk).status == "accepted"
    assert post(desk, play, "desk:step", "complete", branch=0).status_code == HTTPStatus.FOUND


def test_closing_does_not_leap_over_the_steps_of_a_workflow(permits: Permits) -> None:
    play = permits.filed().started()
    browser = as_staff(permits.world.intake_handler)
    refused = post(browser, play, "desk:move", "close", outcome="resolved")
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Steps are still to come." in refused.content.decode()
    assert play.request.is_open
    assert post(browser, play, "desk:move", "close", outcome="withdrawn").status_code == HTTPStatus.FOUND


def test_the_address_of_a_refused_form_opens_the_case_in_the_other_language(permits: Permits) -> None:
    play = permits.filed().started()
    browser = as_staff(permits.world.intake_handler)
    for name in ("desk:ask_papers", "desk:add_paper", "citizen:documents"):
        opened = browser.get(reverse(name, args=[play.request.reference]), {"lang": "fr"})
        page_name = "desk:case" if name.startswith("desk") else "citizen:request"
        assert opened["Location"] == f"{reverse(page_name, args=[play.request.reference])}?lang=fr"


def test_words_typed_for_a_step_that_a_colleague_left_are_shown_again(permits: Permits) -> None:
    play = ready(permits.filed().started())
    seen = play.request.version
    move(play, "complete")
    late = post(
        as_staff(permits.world.intake_handler),
        play,
        "desk:step",
        "complete",
        branch=0,
        version=seen,
        note="Mind the oak.",
    )
    assert late.status_code == HTTPStatus.CONFLICT
    assert "Mind the oak." in late.content.decode()


def test_only_who_may_read_the_case_reads_its_papers(permits: Permits) -> None:
    play = permits.filed().started()
    post(as_citizen(play), play, "citizen:documents", kind="plan", file=pdf())
    (paper,) = Document.objects.filter(request=play.request)
    address = reverse("citizen:document", args=[play.request.reference, paper.pk])
    elsewhere = permits.filed()
    world = permits.world
    for browser in (Client(), as_staff(world.handler), as_staff(world.administrator), as_citizen(elsewhere)):
        assert browser.get(address).status_code == HTTPStatus.NOT_FOUND
    for browser in (as_citizen(play), as_staff(world.intake_handler), as_staff(world.manager)):
        answer = browser.get(address)
        assert b"".join(answer.streaming_content) == PDF
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "private, no-store" in answer["Cache-Control"]
    crossed = reverse("citizen:document", args=[elsewhere.request.reference, paper.pk])
    assert as_staff(world.manager).get(crossed).status_code == HTTPStatus.NOT_FOUND
    post(as_staff(world.intake_handler), play, "desk:add_paper", kind="other", file=pdf())
    move(ready(play), "pass_on")
    assert as_staff(world.handler).get(address).status_code == HTTPStatus.OK  # it travelled along


def test_the_citizen_sees_the_steps_in_plain_words_and_where_it_is(permits: Permits) -> None:
    Jurisdiction.objects.filter(pk=permits.world.jurisdiction.pk).update(is_default=True)
    play = move(ready(permits.filed().started()), "complete")
    shown = page(as_citizen(play), play, "citizen:request")
    assert shown.index("Intake") < shown.index("Reviews")
    assert "it is here" in shown
    assert "Plans</strong>, Roads office: waits" in shown
    branch = branch_of(play, "plans")
    play.do(actions.start_review, viewer=permits.world.handler, branch=branch)
    assert "Plans</strong>, Roads office: under way" in page(as_citizen(play), play, "citizen:request")
    with pytest.raises(actions.Refused, match="begun already"):
        play.do(actions.start_review, viewer=permits.world.handler, branch=branch)
    assert "Begin the review" not in page(as_staff(permits.world.handler), play)
    assert "Site visit" not in shown  # this case does not pass there
    move(play, "good", branch=branch_of(play, "plans"))
    shown = page(as_citizen(play), play, "citizen:request")
    assert "Plans</strong>, Roads office: done" in shown
    assert "(Good)" not in shown.split("timeline")[0]


def test_a_stranger_makes_no_move(permits: Permits) -> None:
    play = ready(permits.filed().started())
    events = play.request.events.count()
    for browser, status in (
        (Client(), HTTPStatus.FOUND),
        (as_staff(permits.world.handler), HTTPStatus.NOT_FOUND),
        (as_staff(permits.world.evaluator), HTTPStatus.FORBIDDEN),
        (as_citizen(play), HTTPStatus.FOUND),
    ):
        assert post(browser, play, "desk:step", "complete", branch=0).status_code == status
    stranger = post(Client(), play, "citizen:documents", kind="plan", file=pdf())
    assert stranger.status_code == HTTPStatus.NOT_FOUND
    assert play.request.events.count() == events
    with pytest.raises(actions.ActionError):
        move(play, "complete", viewer=permits.world.evaluator)


def test_the_desk_sees_the_whole_workflow_with_where_the_case_is(permits: Permits) -> None:
    play = ready(permits.filed().started())
    shown = page(as_staff(permits.world.manager), play)
    assert shown.count('class="flow__step flow__step--here"') == 1
    assert "the request is at “Intake”" in shown
    move(play, "complete")
    shown = page(as_staff(permits.world.manager), play, lang="fr")
    assert shown.count("flow__step--here") == 3, "the step that waits and both reviews"
    assert shown.count("flow__step--passed") == 1
    assert "la demande est à l’étape « Examens »" in shown
    assert "flow__picture" not in page(as_citizen(play), play, "citizen:request"), "the citizen has the list of steps"


def test_other_moves_are_folded_below_the_moves_of_the_step(permits: Permits) -> None:
    shown = page(as_staff(permits.world.manager), permits.filed().started())
    step, other = shown.index("Step: Intake"), shown.index('id="moves-work"')
    assert step < other < shown.index("Hand off to another office") < shown.index("Write an internal note")
