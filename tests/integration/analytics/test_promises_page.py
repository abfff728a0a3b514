"""The page of promises, on cases whose promises are known."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation

from requests_app.actions.bulk import BulkCase, write_cases
from requests_app.clock import frozen_at
from requests_app.models import ServiceRequest
from tests.integration.analytics.archives import run_archives
from tests.integration.analytics.town import PRESENT, Town, build_town, case, days, write_permits

pytestmark = pytest.mark.django_db
PAGE = "/evaluate/permit-town/promises/"


@pytest.fixture
def town() -> Town:
    with frozen_at(PRESENT), translation.override("en"):
        yield build_town()


@pytest.fixture
def evaluator(town: Town) -> Client:
    client = Client()
    client.force_login(town.evaluator())
    return client


def promised(
    town: Town, name: str, took: float | None, due: float | None, service: str = "pothole", accepted: float = 0.5
) -> BulkCase:
    """A case of roads that began on day 0, was answered after ``took`` days and promised for day ``due``."""
    steps = [(0, "submitted", None), (0, "routed", "roads"), (accepted, "accepted", None)]
    ends = [(took, "resolved", "resolved")] if took is not None else []
    made = case(town, name, service, "west", [*steps, *ends])
    due_at = days(due) if due is not None else None
    return replace(made, due_at=due_at, acknowledge_due_at=days(1), acknowledged_at=days(accepted))


def forty(town: Town) -> list[BulkCase]:
    """Of 40: 30 kept, 6 late by 1 to 6 days, 2 open and late by 10 days, 1 not due, 1 without a date."""
    kept = [promised(town, f"K-{n}", 2, 3) for n in range(30)]
    late = [promised(town, f"L-{n}", 3 + n, 3, accepted=2) for n in range(1, 7)]
    still = [promised(town, f"O-{n}", None, 20) for n in range(2)]
    return [*kept, *late, *still, promised(town, "U-1", None, 40), promised(town, "N-1", 2, None)]


def rows_of(client: Client, section: str, query: str = "") -> list[list[str]]:
    sections = client.get(f"{PAGE}{query}").context["sections"]
    table = next(view.table for view in sections if view.section.id == section)
    return [[row.name.text, *(cell.text for cell in row.cells)] for row in (*table.first, *table.rest)]


def test_kept_late_open_and_undecided_are_counted_apart(town: Town, evaluator: Client) -> None:
    write_cases(town.place.pk, forty(town), check_moves=True)
    page = evaluator.get(PAGE)
    assert page.context["made"].headline == (
        "78.9% of 38 promises were kept (95% interval: 63.7% to 88.9%). 6 were done late and 2 are open and late "
        "already; half of these by more than 4.5\N{NO-BREAK SPACE}days."
    )
    (row,) = rows_of(evaluator, "services")
    assert row == ["Pothole", "38", "30", "78.9%", "63.7%", "88.9%", "6", "2", "4.5", "10.0", "1", "1"]
    assert rows_of(evaluator, "offices")[0][1:] == row[1:]


def test_every_count_leads_to_so_many_cases(town: Town, evaluator: Client) -> None:
    write_cases(town.place.pk, forty(town), check_moves=True)
    for section in evaluator.get(PAGE).context["sections"]:
        for row in section.table.first if section.table else ():
            for cell in row.cells:
                if cell.address:
                    assert evaluator.get(cell.address).context["listed"].total == int(cell.text), cell.heading


def test_an_acceptance_is_a_promise_of_its_own(town: Town, evaluator: Client, tmp_path) -> None:
    write_cases(town.place.pk, forty(town), check_moves=True)
    assert rows_of(evaluator, "services", "?promise=acknowledge")[0][:3] == ["Pothole", "40", "34"]
    address = f"{PAGE}offices.zip?promise=acknowledge"
    run_archives(evaluator, [address], tmp_path)


def test_a_wait_for_the_citizen_stops_the_clock_and_is_shown_apart(town: Town, evaluator: Client, tmp_path) -> None:
    waits = case(
        town, "W-1", "pothole", "west", [
            (0, "submitted", None), (0, "routed", "roads"), (1, "accepted", None), (2, "citizen_asked", None),
        ],
    )  # fmt: skip
    write_cases(town.place.pk, [*forty(town), replace(waits, due_at=days(3))], check_moves=True)
    ServiceRequest.objects.filter(reference="W-1").update(paused_at=days(2))
    assert rows_of(evaluator, "services")[0][10] == "2"  # it was not due when it began to wait
    assert rows_of(evaluator, "waits") == [["Pothole", "1", "1", "28.0", "28.0", "28"]]
    run_archives(evaluator, [f"{PAGE}waits.zip"], tmp_path)
    first = rows_of(evaluator, "services", "?date=first")[0]
    assert first[7] == "3"  # by the first date it is late, whoever is waited for


def test_a_small_service_is_grey_and_named_by_no_sentence(town: Town, evaluator: Client) -> None:
    write_cases(
        town.place.pk, [*forty(town), *(promised(town, f"P-{n}", 9, 3, "permit") for n in range(5))], check_moves=True
    )
    page = evaluator.get(PAGE)
    section = next(view for view in page.context["sections"] if view.section.id == "services")
    assert [row.small for row in section.table.first] == [False, True]
    assert "Building permit" not in section.section.sentence


def test_a_place_without_promises_says_that_they_are_not_recorded(town: Town, evaluator: Client) -> None:
    write_permits(town)
    page = evaluator.get(PAGE)
    assert page.context["made"].headline == "Not recorded by this source. No case here has a promised date."


def test_a_word_that_is_no_promise_is_refused(evaluator: Client) -> None:
    response = evaluator.get(f"{PAGE}?promise=love")
    assert response.status_code == 422
    assert "write one of resolve, acknowledge" in response.content.decode()


def test_the_page_costs_a_handful_of_statements(town: Town, evaluator: Client, django_assert_max_num_queries) -> None:
    write_cases(town.place.pk, forty(town), check_moves=True)
    with django_assert_max_num_queries(17):
        assert evaluator.get(PAGE).status_code == 200
    with frozen_at(PRESENT + timedelta(minutes=1)), django_assert_max_num_queries(9):
        assert evaluator.get(f"{PAGE}?service=pothole").status_code == 200
