"""The pages on the way of work: their figures, on a town whose figures are known, and the lists they lead to."""

import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from requests_app.actions.bulk import BulkCase, write_cases
from tests.integration.analytics.archives import run_archives
from tests.integration.analytics.town import PRESENT, Town, case

pytestmark = pytest.mark.django_db
BASE = "/evaluate/permit-town"


def rows_of(client: Client, slug: str, section: str, query: str = "") -> list[list[str]]:
    """Return the words of the table of one section."""
    sections = client.get(f"{BASE}/{slug}/{query}").context["sections"]
    table = next(view.table for view in sections if view.section.id == section)
    return [[row.name.text, *(cell.text for cell in row.cells)] for row in (*table.first, *table.rest)]


def test_the_matrix_has_each_pair_once_and_leads_to_its_hand_overs(evaluator: Client) -> None:
    response = evaluator.get(f"{BASE}/handovers/")
    cells = [cell for row in response.context["picture"].rows for cell in row.cells if cell]
    assert [(cell.way, cell.number, cell.median.replace("\N{NO-BREAK SPACE}", " ")) for cell in cells] == [
        ("Intake desk to Plan review", "3", "30 hours"),
        ("Plan review to Intake desk", "1", "24 hours"),
    ]
    listed = evaluator.get(cells[0].address).context["listed"]
    assert listed.total == 3


def test_a_round_trip_costs_the_time_away_and_lists_its_case(evaluator: Client) -> None:
    rows = rows_of(evaluator, "handovers", "trips")
    assert [row[:4] + row[6:] for row in rows] == [["Intake desk", "Plan review", "1", "1", "1.0", "0"]]
    page = evaluator.get(f"{BASE}/cases/?figure=trip&of=intake&to_office=review").content.decode()
    assert re.findall(r"PT-\d", page)[0] == "PT-2"


def test_a_word_an_option_does_not_know_is_refused_with_those_it_does(evaluator: Client) -> None:
    response = evaluator.get(f"{BASE}/handovers/?shade=colour")
    assert response.status_code == 422
    assert "write one of days, number, median" in response.content.decode()


def test_options_stay_in_the_address_when_the_filters_change(evaluator: Client) -> None:
    page = evaluator.get(f"{BASE}/handovers/?shade=median").content.decode()
    assert '<input type="hidden" name="shade" value="median">' in page
    assert f"{BASE}/handovers/trips.csv?shade=median" in page


def test_a_step_done_again_costs_the_time_from_the_first_to_the_last(town: Town, evaluator: Client) -> None:
    again = case(
        town, "PT-9", "pothole", "west", [
            (3, "submitted", None), (3, "routed", "roads"), (3.5, "accepted", None), (4, "started", None),
            (5, "resolved", "resolved"), (9, "reopened", None), (9, "started", None), (11, "resolved", "resolved"),
        ],
    )  # fmt: skip
    write_cases(town.place.pk, [again], check_moves=False)
    assert rows_of(evaluator, "rework", "again") == [
        ["Closed – Roads", "1", "1", "0", "0", "6.0"],
        ["Work started – Roads", "1", "1", "0", "0", "5.0"],
    ]
    listed = evaluator.get(f"{BASE}/cases/?figure=again&of=started|roads").context["listed"]
    assert listed.total == 1


def test_a_visit_for_nothing_depends_on_its_limit(evaluator: Client) -> None:
    assert rows_of(evaluator, "rework", "misrouted", "?limit=72h") == [
        ["Intake desk", "4", "1", "25.0%", "1.0"],
        ["Plan review", "2", "1", "50.0%", "1.0"],
    ]
    response = evaluator.get(f"{BASE}/rework/")
    page = response.content.decode()
    assert "No case left an office unaccepted, or within 24" in page
    listed = evaluator.get(f"{BASE}/cases/?figure=misrouted_72h&of=review").context["listed"]
    assert listed.total == 1


def forty_potholes(town: Town) -> None:
    """Forty that took 0.1 to 4 days at the roads office, one open for 2 days and one for 20."""

    def one(name: str, begun: float, *ends: tuple[float, str, str]) -> BulkCase:
        return case(town, name, "pothole", "west", [(begun, "submitted", None), (begun, "routed", "roads"), *ends])

    ended = [one(f"H-{n}", 0, (n / 10, "resolved", "resolved")) for n in range(1, 41)]
    still = [one(f"O-{n}", 30 - n) for n in (2, 20)]
    write_cases(town.place.pk, [*ended, *still], check_moves=False)


def test_the_open_case_most_out_of_the_ordinary_comes_first(town: Town, evaluator: Client, tmp_path: Path) -> None:
    forty_potholes(town)
    rows = rows_of(evaluator, "ageing", "unusual")
    assert [(row[0], row[4]) for row in rows] == [("O-20", "20.0"), ("O-2", "2.0")]
    run_archives(evaluator, [f"{BASE}/ageing/unusual.zip"], tmp_path)
    listed = evaluator.get(f"{BASE}/cases/?figure=open_of&of=pothole").context["listed"]
    assert listed.total == 2


def test_open_cases_of_a_live_place_renew_themselves_and_say_when(town: Town, evaluator: Client) -> None:
    page = evaluator.get(f"{BASE}/ageing/").content.decode()
    assert '<live-updates class="live-light" city="permit-town"' in page
    assert '<a href="">Refresh</a>' in page
    town.place.provenance, town.place.as_of = "imported", PRESENT
    town.place.save()
    assert "<live-updates" not in evaluator.get(f"{BASE}/ageing/").content.decode()


def test_ways_are_counted_for_closed_cases_and_open_ones_stand_apart(evaluator: Client) -> None:
    assert [row[:4] for row in rows_of(evaluator, "variants", "variants")] == [
        ["Roads", "2", "50.0%", "50.0%"],
        ["Intake desk → Plan review", "1", "25.0%", "75.0%"],
        ["Intake desk → Plan review → Intake desk", "1", "25.0%", "100%"],
    ]
    assert [row[:2] for row in rows_of(evaluator, "variants", "open-ways")] == [["Intake desk → Plan review", "1"]]


def test_a_loop_left_out_makes_two_ways_one(evaluator: Client) -> None:
    rows = rows_of(evaluator, "variants", "variants", "?loops=once")
    assert [row[:2] for row in rows] == [["Intake desk → Plan review", "2"], ["Roads", "2"]]


OF_WAYS = ("?by=steps", "?by=steps&loops=once", "?loops=once")
OF_TIMES = ("?of=intake", "?of=review", "?of=intake&to_office=review", "?by=steps&of=routed&to_office=accepted")


def test_tables_under_every_option_are_made_again_from_their_rows(evaluator: Client, tmp_path: Path) -> None:
    """What they are without an option is tried for all pages in test_report_views.py."""
    ways = [f"{BASE}/variants/{name}.zip{query}" for query in OF_WAYS for name in ("variants", "open-ways")]
    times = [f"{BASE}/spectrum/weeks.zip{query}" for query in OF_TIMES]
    boxes = [f"{BASE}/map/{name}.zip?by=steps" for name in ("ways", "boxes")]
    run_archives(evaluator, [*ways, *times, *boxes], tmp_path)


@pytest.mark.parametrize("query", OF_WAYS)
def test_a_way_leads_to_its_cases(evaluator: Client, query: str) -> None:
    sections = evaluator.get(f"{BASE}/variants/{query}").context["sections"]
    first = sections[0].table.first[0].cells[0]
    assert evaluator.get(first.address).context["listed"].total == int(first.text)


def test_a_way_nobody_took_is_refused(evaluator: Client) -> None:
    assert evaluator.get(f"{BASE}/cases/?figure=way_offices_kept&of=abc").status_code == 422


@pytest.mark.parametrize(("query", "ended", "still"), list(zip(OF_TIMES, (4, 2, 2, 4), (0, 1, 1, 0), strict=True)))
def test_a_spectrum_draws_every_time_and_counts_those_that_ended(
    evaluator: Client, query: str, ended: int, still: int
) -> None:
    response = evaluator.get(f"{BASE}/spectrum/{query}")
    drawing = response.context["picture"].drawing
    assert drawing.lines == ended + still
    assert dict(drawing.paths).get("open", "").count("M") == still
    assert sum(int(row[1]) for row in rows_of(evaluator, "spectrum", "weeks", query)) == ended
    ((_words, address),) = response.context["sections"][0].leads
    assert evaluator.get(address).context["listed"].total >= ended


def test_a_spectrum_nobody_can_draw_is_refused(evaluator: Client) -> None:
    for query in ("?of=nowhere", "?to_office=review", "?by=steps&of=routed", "?by=steps&of=intake&to_office=review"):
        assert evaluator.get(f"{BASE}/spectrum/{query}").status_code == 422


@pytest.mark.parametrize(("query", "box", "cases"), [("", "Intake desk", 3), ("?by=steps", "Sent to an office", 5)])
def test_a_box_of_the_map_has_its_cases_and_leads_to_them(evaluator: Client, query: str, box: str, cases: int) -> None:
    response = evaluator.get(f"{BASE}/map/{query}")
    drawn = next(one for one in response.context["picture"].drawings[0].boxes if one.said.startswith(box))
    assert drawn.said.startswith(f"{box}: {cases} cases")
    assert evaluator.get(drawn.address).context["listed"].total == cases


def test_a_count_of_cases_leads_to_a_list_of_as_many_or_to_none(evaluator: Client) -> None:
    sections = evaluator.get(f"{BASE}/map/?by=steps").context["sections"]
    table = next(view.table for view in sections if view.section.id == "ways")
    pairs = [row.cells[1:3] for row in (*table.first, *table.rest)]
    cases, times = next(pair for pair in pairs if pair[0].text != pair[1].text)  # PT-2 was sent on and accepted twice
    assert cases.address == ""
    assert evaluator.get(times.address).context["listed"].total == int(times.text)
    once, _times = next(pair for pair in pairs if pair[0].text == pair[1].text)
    assert evaluator.get(once.address).context["listed"].total == int(once.text)


@pytest.mark.parametrize("figure", ["visits", "ever_held", "misrouted_24h"])
def test_a_figure_of_an_office_must_name_it(evaluator: Client, figure: str) -> None:
    response = evaluator.get(f"{BASE}/cases/?figure={figure}")
    assert response.status_code == 422
    assert "The address names no office" in response.content.decode()


def test_where_nothing_can_be_drawn_the_map_offers_no_slider(evaluator: Client) -> None:
    page = evaluator.get(f"{BASE}/map/?service=pothole").content.decode()
    assert "There is no way between two boxes to draw." in page
    assert 'type="range"' not in page


def test_the_map_draws_as_many_ways_as_the_slider_says(evaluator: Client) -> None:
    drawings = evaluator.get(f"{BASE}/map/?by=steps&detail=3").context["picture"].drawings
    assert len(drawings[0].curves) == 3
    for detail in ("1", "41", "many", "²"):
        assert evaluator.get(f"{BASE}/map/?detail={detail}").status_code == 422


@pytest.mark.parametrize("slug", ["map", "handovers", "spectrum", "rework", "ageing", "variants"])
def test_a_page_asks_the_database_hardly_more_than_the_overview(evaluator: Client, slug: str) -> None:
    def statements(address: str) -> int:
        evaluator.get(address)
        with CaptureQueriesContext(connection) as asked:
            evaluator.get(address)
        return len(asked)

    assert statements(f"{BASE}/{slug}/") <= statements(f"{BASE}/") + 1
