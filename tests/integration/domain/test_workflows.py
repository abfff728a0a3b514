"""A case walks along its workflow: moves, branches that join, what is missing, going back, other versions."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from requests_app import actions
from requests_app.actions.verify import differences
from requests_app.actions.workflow_versions import SavedMeanwhile, Unsound, change_workflow, save_workflow
from requests_app.models import Answer, ConfigChange, Document, Hold, Office, Question, RequestEvent, Service, Workflow
from requests_app.states import Activity, Status
from requests_app.workflows.definition import LANGUAGES
from tests import factories
from tests.integration.domain.test_budgets import TRANSITION, at_most
from tests.permits import SOURCE, Permits, branch_of, move
from tests.scenarios import Play

pytestmark = pytest.mark.django_db


@pytest.fixture
def permits() -> Permits:
    return Permits.begin()


def activities(play: Play) -> list[str]:
    return [str(activity) for activity in play.request.events.values_list("activity", flat=True)]


def sound(play: Play) -> bool:
    return dict(differences())[play.request.reference] == []


def refused(play: Play, code: str, **facts: object) -> dict[str, str]:
    before = play.request.events.count()
    with pytest.raises(actions.Refused) as caught:
        move(play, code, **facts)
    assert play.request.events.count() == before
    return {name: str(sentence) for name, sentence in caught.value.fields.items()}


# --- Walking ---------------------------------------------------------------------------------------------------------


def test_a_permit_walks_from_filing_to_decision(permits: Permits) -> None:
    world = permits.world
    play = permits.filed()
    assert (play.request.step, play.request.workflow) == ("intake", permits.workflow)
    assert play.request.events.get(sequence=1).workflow_id == permits.workflow.pk
    move(play.started(), "complete", viewer=world.intake_handler, note="Both, please.")
    assert activities(play)[-4:] == ["noted", "review_requested", "review_requested", "advanced"]
    assert (play.request.step, play.request.status, play.request.office) == ("waiting", "in_progress", world.intake)
    for step, viewer in (("plans", world.handler), ("fire", world.other_handler)):
        branch = branch_of(play, step)
        play.do(actions.accept_review, viewer=viewer, branch=branch).do(
            actions.start_review, viewer=viewer, branch=branch
        )
        move(play, "good", viewer=viewer, branch=branch)
    move(play, "decide", viewer=world.intake_handler)
    move(play, "issue")
    assert (play.request.status, play.request.outcome, play.request.step) == ("closed", "resolved", "decision")
    assert play.request.events.last().move == "issue"
    assert sound(play)


def test_a_move_to_another_office_is_a_hand_off_with_its_step(permits: Permits) -> None:
    play = move(permits.filed().started(), "pass_on")
    assert (play.request.status, play.request.step, play.request.office) == ("handed_off", "site", permits.world.roads)
    move(play.accepted(), "seen", viewer=permits.world.handler)
    assert (play.request.step, play.request.office) == ("decision", permits.world.intake)
    assert sound(play)


def test_a_hand_off_that_is_undone_takes_its_step_back(permits: Permits) -> None:
    play = move(permits.filed().started(), "pass_on").do(actions.bounce, reason="wrong_office")
    assert (play.request.step, play.request.office) == ("intake", permits.world.intake)
    move(play.accepted(), "pass_on")
    play.do(actions.recall, viewer=permits.world.intake_handler)
    assert (play.request.step, play.request.status) == ("intake", "assigned")
    assert sound(play)


def test_the_case_cannot_pass_before_every_review_is_finished(permits: Permits) -> None:
    play = permits.under_review()
    assert "“Plans”" in refused(play, "decide")["move"]
    move(play, "good", branch=branch_of(play, "plans"))
    assert "“Fire”" in refused(play, "decide")["move"]
    with pytest.raises(actions.Refused, match="Reviews still run"):
        play.do(actions.close, outcome="resolved")
    move(play, "good", branch=branch_of(play, "fire"))
    assert move(play, "decide").request.step == "decision"


def test_a_move_may_cut_reviews_short_where_the_workflow_says_so(permits: Permits) -> None:
    play = move(permits.under_review(), "withdrawn")
    assert play.request.outcome == "withdrawn"
    assert not Hold.objects.filter(request=play.request, ended_at=None).exists()
    assert sound(play)


def test_a_branch_may_go_on_with_a_step_of_its_own(permits: Permits) -> None:
    play = permits.under_review()
    move(play, "more", branch=branch_of(play, "plans"), viewer=permits.world.handler)
    again = Hold.objects.get(request=play.request, step="plans_again")
    assert again.accepted_at is not None  # the same office goes on with it
    assert "“Plans again”" in refused(play, "decide")["move"]
    move(play, "good", branch=again.branch)
    assert sound(play)


def test_a_review_of_the_workflow_ends_by_one_of_its_moves(permits: Permits) -> None:
    play = permits.under_review()
    with pytest.raises(actions.Refused, match="Choose how it ended"):
        play.do(actions.return_review, viewer=permits.world.handler, branch=branch_of(play, "plans"))
    assert refused(play, "bad", branch=branch_of(play, "plans")) == {"reason": "Choose a reason from the list."}
    move(play, "bad", branch=branch_of(play, "plans"), reason="unsafe", note="The beam is too thin.")
    ended = play.request.events.last()
    assert (ended.activity, ended.move, ended.reason, ended.step) == ("review_returned", "bad", "unsafe", "plans")


# --- Who and what --------------------------------------------------------------------------------------------------


def test_reasons_words_and_people_are_asked_for(permits: Permits) -> None:
    play = permits.filed().started()
    assert set(refused(play, "refuse")) == {"reason", "text"}
    assert set(refused(play, "refuse", reason="late", words="No.")) == {"reason"}
    assert set(refused(play, "complete", reason="unsafe")) == {"reason"}
    assert set(refused(play, "no such move")) == {"move"}
    with pytest.raises(actions.Forbidden):
        move(play, "refuse", reason="unsafe", words="No.", viewer=permits.world.intake_handler)
    with pytest.raises(actions.ActionError):
        move(play, "complete", viewer=permits.world.handler)
    move(play, "refuse", reason="unsafe", words="The stairs are too steep.")
    assert (play.request.outcome, play.request.events.last().reason) == ("invalid", "unsafe")


def test_a_case_that_nobody_has_accepted_makes_no_move(permits: Permits) -> None:
    with pytest.raises(actions.errors.Illegal):
        move(permits.filed(), "complete")
    with pytest.raises(actions.errors.Illegal):
        move(permits.filed(), "refuse", reason="unsafe", words="No.")


def test_a_step_is_left_only_with_its_answers_and_documents() -> None:
    source = SOURCE.replace("target = { hours = 8 }", 'answers = ["storeys"]\ndocuments = ["plan", "deed"]', 1)
    permits = Permits.begin(source)
    play = permits.filed().started()
    asked = Question.objects.create(service=permits.service, code="storeys", names=factories.names("Storeys"))
    told = refused(play, "complete")["move"]
    assert all(word in told for word in ("storeys", "“Site plan”", "“Deed”"))
    Answer.objects.create(request=play.request, question=asked, value="2")
    for kind in ("plan", "deed"):
        Document.objects.create(request=play.request, kind=kind, status=Document.Status.ACCEPTED)
    assert move(play, "complete").request.step == "waiting"


def test_a_workflow_without_a_definition_has_no_moves(permits: Permits) -> None:
    play = Play.begin(permits.world).started()
    assert set(refused(play, "complete")) == {"move"}


def test_one_of_several_offices_of_a_kind_is_chosen_and_kept(permits: Permits) -> None:
    world = permits.world
    Office.objects.filter(pk__in=(world.roads.pk, world.parks.pk)).update(kind="crew")
    source = SOURCE.replace(
        'office = "roads"\n  [[step.move]]\n  code = "seen"', 'office_kind = "crew"\n  [[step.move]]\n  code = "seen"'
    )
    new = save_workflow(world.administrator, jurisdiction_id=world.jurisdiction.pk, source=source, seen_version=1)
    assert Service.objects.get(pk=permits.service.pk).workflow == new
    play = permits.filed().started()
    assert list(refused(play, "pass_on")) == ["office-site"]
    assert list(refused(play, "pass_on", offices={"site": world.intake.pk})) == ["office-site"]
    move(play, "pass_on", offices={"site": world.parks.pk})
    assert play.request.office == world.parks
    Office.objects.filter(pk__in=(world.roads.pk, world.parks.pk)).update(closes_on=world.jurisdiction.today)
    assert "no open office" in refused(permits.filed().started(), "pass_on")["move"]


def test_targets_of_steps_run_in_working_and_in_calendar_time(permits: Permits) -> None:
    play = permits.filed()
    assert play.request.step_due_at is not None
    before = play.request.step_due_at
    move(play.started(), "complete")
    assert play.request.step_due_at != before


COSTLY = [
    ("complete", {"note": "Both."}),
    ("pass_on", {"words": "We pass it on."}),
    ("refuse", {"reason": "unsafe", "words": "No."}),
]


@pytest.mark.parametrize(("code", "facts"), COSTLY)
def test_each_move_costs_at_most_ten_statements(permits: Permits, code: str, facts: dict[str, str]) -> None:
    play = permits.filed(contact=actions.Contact("Ana", "ana@example.org")).started()
    command = factories.command(play.request, permits.world.manager)
    with at_most(TRANSITION + (1 if "note" in facts else 0), code):  # the note is an event and a text of its own
        actions.make_move(command, actions.Chosen(code, **facts))


def test_the_end_of_a_review_costs_at_most_ten_statements(permits: Permits) -> None:
    play = permits.under_review(contact=actions.Contact("Ana", "ana@example.org"))
    command = factories.command(play.request, permits.world.handler)
    with at_most(TRANSITION, "review"):
        actions.make_move(command, actions.Chosen("more"), branch=branch_of(play, "plans"))


# --- Versions --------------------------------------------------------------------------------------------------------


def save(permits: Permits, source: str, seen: int = 1) -> Workflow:
    place = permits.world.jurisdiction.pk
    return save_workflow(permits.world.administrator, jurisdiction_id=place, source=source, seen_version=seen)


def test_a_case_keeps_the_version_it_began_with(permits: Permits) -> None:
    old = permits.filed()
    new = save(permits, SOURCE.replace('en = "Intake"', 'en = "Front desk"'))
    assert (new.version, new.steps[0]["names"]["en"]) == (2, "Front desk")
    young = permits.filed()
    assert (old.request.workflow_id, young.request.workflow_id) == (permits.workflow.pk, new.pk)
    assert ConfigChange.objects.filter(what="workflow", target_id=new.pk).exists()


def test_nobody_saves_over_what_they_have_not_seen(permits: Permits) -> None:
    save(permits, SOURCE + "# one\n")
    with pytest.raises(SavedMeanwhile) as caught:
        save(permits, SOURCE + "# two\n")
    assert caught.value.version == 2
    assert save(permits, SOURCE + "# one\n", seen=2).version == 2  # nothing changed, nothing saved
    with pytest.raises(actions.Forbidden):
        save_workflow(
            permits.world.manager, jurisdiction_id=permits.world.jurisdiction.pk, source=SOURCE, seen_version=2
        )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('closes = "resolved"', 'to = "decision"', "Step “decision”: From this step no request can ever be closed"),
        ('office = "parks"', 'office = "moon"', "Step “fire”: There is no office, or kind of office, “moon” here."),
        ('fr = "Décider"', 'fr = ""', "Step “waiting”, move “decide”: “names” has no text in “fr”."),
    ],
)
def test_an_unsound_workflow_is_not_saved(permits: Permits, old: str, new: str, told: str) -> None:
    with pytest.raises(Unsound) as caught:
        save(permits, SOURCE.replace(old, new))
    assert told in str(caught.value)
    assert Workflow.objects.filter(code="permit").count() == 1


def test_an_office_closed_for_good_is_refused(permits: Permits) -> None:
    Office.objects.filter(pk=permits.world.parks.pk).update(
        closes_on=permits.world.jurisdiction.today - timedelta(days=1)
    )
    with pytest.raises(Unsound, match="closed for good"):
        save(permits, SOURCE + "# again\n")


def test_a_case_is_moved_to_another_version_when_it_fits(permits: Permits) -> None:
    fits, stays = permits.filed().started(), move(permits.filed().started(), "pass_on")
    new = save(permits, SOURCE.replace('code = "site"', 'code = "visit"').replace('to = "site"', 'to = "visit"'))
    change = partial(change_workflow, workflow_id=new.pk)
    fits.do(change, viewer=permits.world.administrator)
    assert (fits.request.workflow, fits.request.events.last().activity) == (new, "workflow_changed")
    with pytest.raises(actions.Refused, match="no step “site”"):
        stays.do(change, viewer=permits.world.administrator)
    stays.do(change, viewer=permits.world.administrator, steps={"site": "visit"})
    assert (stays.request.step, stays.request.workflow) == ("visit", new)
    assert sound(stays)


def test_the_command_moves_what_fits_and_names_what_does_not(
    permits: Permits, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    place = permits.world.jurisdiction.code
    fits, stays, review = permits.filed(), move(permits.filed().started(), "pass_on"), permits.under_review()
    file = tmp_path / "permit.toml"
    changed = SOURCE.replace('code = "site"', 'code = "visit"').replace('to = "site"', 'to = "visit"')
    changed = changed.replace('code = "fire"', 'code = "flames"').replace(
        'opens = ["plans", "fire"]', 'opens = ["plans", "flames"]'
    )
    file.write_text(changed, encoding="utf-8")
    call_command("import_workflow", file, "--check", jurisdiction=place)
    call_command("import_workflow", file, jurisdiction=place)
    command = partial(call_command, "move_cases_to_workflow", jurisdiction=place, service="permit", to_version=2)
    command(dry_run=True)
    assert {play.request.workflow.version for play in (fits, stays, review)} == {1}
    told = capsys.readouterr().out
    assert f"{stays.request.reference}: stays. The version has no step “site”" in told
    assert f"{review.request.reference}: stays. The branch “fire” runs" in told
    assert "1 would move to version 2, 2 stay with theirs." in told
    command(reference=[stays.request.reference], step=["site=visit"])
    command()
    for play in (fits, stays, review):
        play.request.refresh_from_db()
    assert [play.request.workflow.version for play in (fits, stays, review)] == [2, 2, 1]
    with pytest.raises(CommandError, match="no version 9"):
        call_command("move_cases_to_workflow", jurisdiction=place, service="permit", to_version=9)
    file.write_text(changed.replace('closes = "resolved"', 'to = "mars"'), encoding="utf-8")
    with pytest.raises(CommandError, match="no step “mars”"):
        call_command("import_workflow", file, jurisdiction=place)


def test_a_case_that_changes_its_service_goes_on_by_the_new_workflow(permits: Permits) -> None:
    play = permits.filed().do(actions.recategorize, viewer=permits.world.manager, service_id=permits.world.benefit.pk)
    assert (play.request.workflow.code, play.request.step) == ("simple", "intake")
    assert sound(play)
    wrong = RequestEvent.objects.filter(request=play.request, activity=Activity.RECATEGORIZED).get()
    assert wrong.workflow_id == play.request.workflow_id
    assert play.request.status == Status.TRIAGED


def test_both_languages_are_kept(permits: Permits) -> None:
    assert all(set(step["names"]) == set(LANGUAGES) for step in permits.workflow.steps)
