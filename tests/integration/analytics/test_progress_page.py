"""The page on progress, on a town whose weeks can be counted by hand."""

import pytest
from django.test import Client
from django.utils import translation

from requests_app.actions.bulk import BulkCase, write_cases
from requests_app.clock import frozen_at
from requests_app.models import Office
from tests.integration.analytics.archives import run_archives
from tests.integration.analytics.town import PRESENT, Town, build_town, case

pytestmark = pytest.mark.django_db
PAGE = "/evaluate/permit-town/progress/"


@pytest.fixture
def town() -> Town:
    with frozen_at(PRESENT), translation.override("en"):  # Wednesday, April 1; day 0 is Monday, March 2
        town = build_town()
        write_cases(town.place.pk, steady(town), check_moves=True)
        yield town


@pytest.fixture
def evaluator(town: Town) -> Client:
    client = Client()
    client.force_login(town.evaluator())
    return client


def steady(town: Town) -> list[BulkCase]:
    """One a day for 29 days: at roads from the moment it is filed, begun after a day, done after two."""
    return [
        case(town, f"S-{day}", "pothole", "west", [
            (day, "submitted", None), (day, "routed", "roads"), (day + 0.5, "accepted", None),
            (day + 1, "started", None), *([(day + 2, "resolved", "resolved")] if day < 28 else []),
        ])
        for day in range(29)
    ]  # fmt: skip


def rows_of(client: Client, section: str, query: str = "") -> list[list[str]]:
    sections = client.get(f"{PAGE}{query}").context["sections"]
    table = next(view.table for view in sections if view.section.id == section)
    return [[row.name.text, *(cell.text for cell in row.cells)] for row in (*table.first, *table.rest)]


def test_weeks_are_counted_and_lead_to_their_cases(evaluator: Client) -> None:
    rows = rows_of(evaluator, "weeks")
    assert [row[1:4] for row in rows] == [["7", "7", "2"]] * 3 + [["7", "5", "2"]]
    assert rows[-1][0] == "March 2, 2026"
    page = evaluator.get(PAGE)
    assert page.context["made"].headline.startswith("In 4\N{NO-BREAK SPACE}weeks".replace("\N{NO-BREAK SPACE}", " "))
    for row in page.context["sections"][0].table.first:
        for cell in row.cells[:3]:
            assert evaluator.get(cell.address).context["listed"].total == int(cell.text)


def test_a_period_narrows_the_weeks_and_keeps_what_was_there_before(evaluator: Client) -> None:
    rows = rows_of(evaluator, "weeks", "?from=2026-03-16&to=2026-03-22")
    assert [row[1:4] for row in rows] == [["7", "7", "2"]]
    page = evaluator.get(f"{PAGE}?from=2026-03-16&to=2026-03-22").context["made"].headline
    assert "as many came as left (7): the work in progress is 2" in page


def test_littles_law_holds_in_steady_weeks_and_says_why_not_elsewhere(town: Town, evaluator: Client) -> None:
    section = evaluator.get(f"{PAGE}?from=2026-03-09").context["sections"][1].section
    assert "7.0 arrivals a week × 2 days each = 2.0 in progress; 2.0 were there" in section.sentence.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert "The law holds" in section.sentence
    flood = [
        case(town, f"F-{n}", "permit", "east", [(14, "submitted", None), (14, "routed", "review")]) for n in range(40)
    ]
    write_cases(town.place.pk, flood, check_moves=True)
    section = evaluator.get(f"{PAGE}?from=2026-03-09").context["sections"][1].section
    assert "does not hold, because more came (61) than left (21): a backlog grows" in section.sentence


def test_an_office_has_weeks_of_its_own_and_its_share_of_work(evaluator: Client, tmp_path) -> None:
    assert [row[1:4] for row in rows_of(evaluator, "weeks", "?of=roads")] == [["7", "7", "2"]] * 3 + [["7", "5", "2"]]
    assert rows_of(evaluator, "efficiency") == [["Roads", "28", "28", "50.0%", "50.0%"]]
    tables = ("weeks", "little", "efficiency", "efficiency-services")
    run_archives(evaluator, [f"{PAGE}{table}.zip?of=roads&from=2026-03-09" for table in tables], tmp_path)


def test_an_office_without_a_case_in_the_period_is_no_mistake(town: Town, evaluator: Client) -> None:
    """A mail whose days move goes on through a period without a case there."""
    Office.objects.create(jurisdiction=town.place, code="quiet", names={"en": "Quiet", "fr": "Calme"})
    page = evaluator.get(f"{PAGE}?of=quiet")
    assert page.status_code == 200
    assert "No case of this report was at that office." in page.content.decode()
    assert evaluator.get(f"{PAGE.replace('progress', 'drift')}?of=quiet").status_code == 200


@pytest.mark.parametrize("query", ["?of=moon", "?of=(all)"])
def test_an_office_that_is_not_there_is_refused(evaluator: Client, query: str) -> None:
    response = evaluator.get(f"{PAGE}{query}")
    assert response.status_code == 422
    assert "choose one from the list" in response.content.decode()
    listed = evaluator.get("/evaluate/permit-town/cases/?figure=week_came&week=2026-03-03")
    assert listed.status_code == 422
    assert "write the Monday of a week" in listed.content.decode()


def test_a_period_without_a_whole_week_says_so(evaluator: Client) -> None:
    page = evaluator.get(f"{PAGE}?from=2026-03-10&to=2026-03-12").content.decode()
    assert "a week runs from Monday to Sunday" in page


def test_it_costs_a_handful_of_statements(evaluator: Client, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(16):
        assert evaluator.get(PAGE).status_code == 200
