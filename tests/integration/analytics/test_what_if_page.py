"""The page that tries a change: what stands in the address, what is refused, and what is said."""

import pytest
from django.test import Client

from analytics.core.whatif.replay import Change
from analytics.loading import load
from analytics.reports.filters import Filters
from analytics.reports.measure import measure
from analytics.reports.sections import subject_of
from analytics.reports.whatif.asked import Wish
from analytics.reports.whatif.tried import tried
from analytics.reports.wording import DAY_US
from requests_app.actions.bulk import write_cases
from requests_app.permissions import Grant, Role, Viewer
from tests.integration.analytics.town import Town, case

pytestmark = pytest.mark.django_db
PAGE = "/evaluate/permit-town/what-if/"


def headline(client: Client, **asked: str) -> str:
    response = client.get(PAGE, asked)
    assert response.status_code == 200
    return str(response.context["made"].headline).replace("\u00a0", " ")


def test_a_cap_of_two_days_at_one_office_is_said_in_a_sentence(town: Town, evaluator: Client) -> None:
    write_cases(town.place.pk, [  # beside PT-4: three days at roads
        case(town, f"PT-{n}", "pothole", "east", [(n - 10, "submitted", None), (n - 10, "routed", "roads"),
            (n - 10, "accepted", None), (n - 7, "resolved", "resolved")])
        for n in range(10, 14)
    ], check_moves=True)  # fmt: skip
    said = headline(evaluator, at="roads", what="cap", much="2")
    assert "If no case stayed at “Roads” for longer than 2 days" in said
    assert "would take 2 days instead of 3 days" in said


def test_what_was_chosen_stands_in_the_form_and_in_the_links_to_files(evaluator: Client) -> None:
    page = evaluator.get(PAGE, {"at": "review", "what": "shorten", "much": "12.5", "from": "2026-03-01"})
    text = page.content.decode()
    assert '<option value="review" selected>' in text
    assert 'value="12.5"' in text
    assert "cases.csv?from=2026-03-01&amp;at=review&amp;what=shorten&amp;much=12.5" in text


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"at": "nowhere"}, "There is no office “nowhere” here"),
        ({"step": "nothing"}, "There is no step “nothing” here"),
        ({"at": "roads", "step": "nothing"}, "Choose an office or a step, not both"),
        ({"what": "fly"}, "“what” is “fly”: write one of shorten, cap"),
        ({"much": "many"}, "“many” cannot be used"),
        ({"much": "-3"}, "“-3” cannot be used"),
        ({"much": "0"}, "“0” cannot be used"),
        ({"much": "100"}, "at most 99"),
        ({"much": "1e3"}, "“1e3” cannot be used"),
        ({"what": "cap", "much": "9999"}, "at most 3,650"),
    ],
)
def test_what_cannot_be_tried_is_refused_in_a_sentence(evaluator: Client, asked: dict[str, str], sentence: str) -> None:
    response = evaluator.get(PAGE, asked)
    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_a_step_is_no_place_for_more_people(evaluator: Client) -> None:
    response = evaluator.get(PAGE, {"step": "started", "what": "people"})
    assert response.status_code == 422
    assert "choose an office, not a step" in response.content.decode()


def test_a_queue_of_few_pieces_of_work_is_not_simulated(evaluator: Client) -> None:
    assert "too few to simulate its queue" in headline(evaluator, at="review", what="people", much="25")


def test_a_source_that_never_says_when_work_began_has_no_queue(town: Town, evaluator: Client) -> None:
    town.place.not_recorded = ["started"]
    town.place.save()
    assert headline(evaluator, at="review", what="people").startswith("Not recorded by this source.")


def test_without_recorded_acceptance_no_hand_over_can_be_left_out(town: Town, evaluator: Client) -> None:
    town.place.not_recorded = ["accepted"]
    town.place.save()
    said = headline(evaluator, at="review", what="pass")
    assert said.startswith("Not recorded by this source. Without the moment an office accepted a case")


def test_a_stay_nobody_has_accepted_yet_is_all_hand_over(town: Town) -> None:
    viewer = Viewer(1, (Grant(Role.EVALUATOR, town.place.pk),))
    subject = subject_of(measure(load(town.place, viewer), Filters()))
    found = tried(subject, Wish("review", "", "pass", 0), Change("transfer"))
    days = {int(off) / DAY_US for off in found.off_us}
    assert days == {2, 0.5, 24}  # PT-1 and PT-2 were accepted; PT-3 came on day 6 and now it is day 30


def test_it_costs_a_handful_of_statements(evaluator: Client, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(16):
        evaluator.get(PAGE)
