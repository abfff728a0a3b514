"""Why cases wait, how they end, what changed by itself: on towns whose truth was planted."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation

from analytics.reports.views.registry import VIEWS
from analytics.web.links import GROUPS
from requests_app.actions.bulk import BulkCase, write_cases
from requests_app.clock import frozen_at
from tests.integration.analytics.archives import run_archives
from tests.integration.analytics.town import PRESENT, START, Town, alike, build_town, case, uneven

pytestmark = pytest.mark.django_db
BASE = "/evaluate/permit-town"


@pytest.fixture
def town() -> Town:
    with frozen_at(PRESENT + timedelta(days=400)), translation.override("en"):
        yield build_town()


@pytest.fixture
def evaluator(town: Town) -> Client:
    client = Client()
    client.force_login(town.evaluator())
    return client


def rows_of(client: Client, page: str, section: str) -> list[list[str]]:
    sections = client.get(f"{BASE}/{page}").context["sections"]
    table = next(view.table for view in sections if view.section.id == section)
    return [[row.name.text, *(cell.text for cell in row.cells)] for row in (*table.first, *table.rest)]


def one_at_a_time(town: Town, n: int, service: str = "pothole") -> BulkCase:
    """All forty come on Monday at noon; roads, open from 9 to 5, does them one after the other for an hour each."""
    begun = 0.1 + (n % 4) / 24 + n // 4
    return case(town, f"Q-{service}-{n}", service, "west", [
        (0, "submitted", None), (0, "routed", "roads"), (0.05, "accepted", None), (begun, "started", None),
        (begun + 1 / 24, "resolved", "resolved"),
    ])  # fmt: skip


def test_causes_add_up_to_the_wait_and_lead_to_their_cases(town: Town, evaluator: Client) -> None:
    write_cases(town.place.pk, [one_at_a_time(town, n) for n in range(40)], check_moves=True)
    (row,) = rows_of(evaluator, "causes/", "causes")
    shares = [float(text.strip("%<\N{NO-BREAK SPACE} ")) for text in row[3:9]]
    assert sum(shares) == pytest.approx(100, abs=0.4)
    assert row[:2] == ["Roads", "40"]
    assert shares[3] > 40  # nights are most of a wait of days
    section = evaluator.get(f"{BASE}/causes/").context["sections"][0]
    listed = evaluator.get(section.table.first[0].cells[1].address).context["listed"]
    assert listed.total == 40


def test_what_a_filter_hides_keeps_the_office_busy_all_the_same(town: Town, evaluator: Client) -> None:
    others = [one_at_a_time(town, n, "permit") for n in range(0, 40, 2)]
    write_cases(town.place.pk, [*(one_at_a_time(town, n) for n in range(1, 40, 2)), *others], check_moves=True)
    whole = rows_of(evaluator, "causes/?of=roads", "causes")
    alone = rows_of(evaluator, "causes/?of=roads&service=pothole", "causes")
    assert alone == [row for row in whole if row[0] == "Pothole"]


def test_a_barrier_leads_to_the_causes_of_its_office(town: Town, evaluator: Client) -> None:
    write_cases(town.place.pk, uneven(town), check_moves=True)
    card = evaluator.get(f"{BASE}/barriers/").context["picture"].cards[0]
    assert card.why == "of=review"
    page = evaluator.get(f"{BASE}/causes/?{card.why}")
    assert "Why accepted cases wait at Plan review" in page.content.decode()
    assert evaluator.get(f"{BASE}/causes/?of=moon").status_code == 422


def ending(town: Town, n: int, took: float | None, outcome: str = "resolved") -> BulkCase:
    steps = [(400, "submitted", None), (400, "routed", "roads"), (400.1, "accepted", None)]
    ends = [(400 + took, "resolved", outcome)] if took is not None else []
    return case(town, f"E-{n}-{outcome}", "pothole", "west", [*steps, *ends])


def test_of_a_hundred_so_many_have_ended_in_each_way(town: Town, evaluator: Client, tmp_path) -> None:
    answered = [ending(town, n, 2) for n in range(60)]
    others = [ending(town, n, 5, outcome) for n in range(10) for outcome in ("withdrawn", "duplicate")]
    still = [ending(town, 100 + n, None) for n in range(20)]
    write_cases(town.place.pk, [*answered, *others, *still], check_moves=True)
    headline = evaluator.get(f"{BASE}/ends/?age=7").context["made"].headline
    assert headline == (
        "Of 100 that came in, after 7 days 60 are answered, 10 withdrawn, 10 joined with another, 0 not valid and 20 "
        "still open."
    )
    assert rows_of(evaluator, "ends/?age=7", "ages")[1][:3] == ["3", "100", "60.0%"]
    service = rows_of(evaluator, "ends/?age=7", "services")[0]
    assert service[:4] == ["Pothole", "100", "20", "60.0%"]
    section = evaluator.get(f"{BASE}/ends/?age=7").context["sections"][1]
    counts = [
        evaluator.get(cell.address).context["listed"].total for cell in section.table.first[0].cells if cell.address
    ]
    assert counts == [100, 20, 60, 10, 10]
    run_archives(evaluator, [f"{BASE}/ends/{table}.zip?age=7" for table in ("ages", "services")], tmp_path)


def shifted(town: Town) -> list[BulkCase]:
    """Twenty-eight weeks: stays at roads last three times as long from the fifteenth on; review stays as it was."""
    cases = []
    for n in range(28 * 21):
        office = "roads" if n % 3 else "review"
        cases.append(alike(town, n, office, lasting=3.0 if office == "roads" and n / 3 >= 98 else 1.0))
    return cases


def test_a_planted_change_is_found_in_its_week_and_no_other(town: Town, evaluator: Client, tmp_path) -> None:
    write_cases(town.place.pk, shifted(town), check_moves=True)
    page = evaluator.get(f"{BASE}/drift/")
    headline = page.context["made"].headline
    assert "the wait at Roads is longer" in headline
    assert "Plan review" not in headline
    changed = rows_of(evaluator, "drift/", "drift")[0]
    assert changed[0] == "Roads"
    planted = START + timedelta(days=98)
    weeks = {f"{planted + timedelta(days=n):%B %-d, %Y}" for n in range(15)}  # weeks count from the first wait
    assert changed[3] in weeks
    assert page.context["picture"].panels[0].marks[0].words == changed[3]
    run_archives(evaluator, [f"{BASE}/drift/drift.zip"], tmp_path)
    for by in ("handovers", "steps"):
        assert evaluator.get(f"{BASE}/drift/?by={by}").status_code == 200
    drawn = evaluator.get(f"{BASE}/drift/?of=review").context["picture"]
    assert drawn.title == "Plan review"
    assert evaluator.get(f"{BASE}/drift/?of=moon").status_code == 422


@pytest.mark.parametrize("page", ["causes", "ends", "drift"])
def test_three_cases_are_few_and_named_by_no_sentence(town: Town, evaluator: Client, page: str) -> None:
    write_cases(town.place.pk, [one_at_a_time(town, n) for n in range(3)], check_moves=True)
    sections = evaluator.get(f"{BASE}/{page}/?age=7").context["sections"]
    assert all(view.table is None or view.table.has_small or view.section.id == "meaning" for view in sections)
    assert "Roads" not in sections[0].section.sentence


@pytest.mark.parametrize("page", ["causes", "ends", "drift"])
def test_a_page_costs_a_handful_of_statements(
    town: Town, evaluator: Client, page: str, django_assert_max_num_queries
) -> None:
    write_cases(town.place.pk, [one_at_a_time(town, n) for n in range(3)], check_moves=True)
    with django_assert_max_num_queries(16):
        assert evaluator.get(f"{BASE}/{page}/").status_code == 200


def test_every_page_has_its_place_among_the_links() -> None:
    linked = [slug for slugs in GROUPS.values() for slug in slugs]
    assert {view.slug for view in VIEWS} <= set(linked)
    assert len(linked) == len(set(linked))
