"""The page of every wait: what it reads from the store, from the ledger and what the command says are one.

Worked by hand for the town of `town.py`: the plan review held permit 1 from day 2 to day 7 and permit 2 from day 1 to
day 2, so two cases, two visits and a median of three days; Roads held a pothole for three days and another for none.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from analytics.core.bottlenecks import bottlenecks
from analytics.loading import load
from analytics.store import ledger, serving
from requests_app.actions.bulk import write_cases
from requests_app.clock import frozen_at
from requests_app.permissions import SYSTEM
from tests.integration.analytics.test_segment_store_of_the_ledger import settle
from tests.integration.analytics.town import PRESENT, Town, build_town, days, permits
from tests.integration.analytics.town import write_permits as write

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/evaluate/permit-town/waits/"
US = 1_000_000


@pytest.fixture
def town(tmp_path: Path, settings) -> Iterator[Town]:
    settings.SEGMENTS_ROOT = tmp_path
    with frozen_at(PRESENT), translation.override("en"):
        town = build_town(is_default=True)
        write(town)
        yield town


def evaluator(town: Town, **narrowed: object) -> Client:
    client = Client()
    client.force_login(town.evaluator(**narrowed))
    return client


def tables(client: Client, query: str = "") -> dict[str, list[tuple[object, ...]]]:
    """Table → its rows as values, in order."""
    answer = client.get(f"{PAGE}{query}")
    assert answer.status_code == 200
    sections = answer.context["made"].sections
    return {
        one.id: [tuple(cell.value for cell in row.cells) for row in one.table.rows] if one.table else []
        for one in sections
    }


def as_the_command_says(town: Town) -> dict[str, list[tuple[object, ...]]]:
    """The same three tables by `bottlenecks`, without names of offices: (codes, numbers, microseconds)."""
    said = bottlenecks(load(town.place, SYSTEM).frames.events, {})
    return {
        "offices": [(r["cases"], r["visits"], r["mean"], r["median"], r["p90"], r["total"]) for r in said["offices"]],
        "steps": [(r["n"], r["mean"], r["median"], r["p90"], r["total"]) for r in said["edges"]],
        "handovers": [(r["n"], r["mean"], r["median"], r["total"]) for r in said["handovers"]],
    }


def alike(found: dict[str, list[tuple[object, ...]]], said: dict[str, list[tuple[object, ...]]]) -> None:
    for name, words in (("offices", 1), ("steps", 2), ("handovers", 2)):
        rows = [row[words:-1] for row in found[name]]
        rows = [(*row[:-2], row[-1]) for row in rows] if name == "handovers" else rows  # the command has no p90 here
        counts = 2 if name == "offices" else 1
        seconds = [(*row[:counts], *(us / US for us in row[counts:])) for row in rows]
        assert sorted(seconds) == sorted(said[name])


def test_page_from_ledger_and_from_store_and_command_are_one(town: Town) -> None:
    client = evaluator(town)
    before = tables(client)
    alike(before, as_the_command_says(town))
    assert "made from the ledger itself" in client.get(PAGE).content.decode()
    settle()
    ledger.update(ledger.folder_of_ledger())
    assert tables(client) == before
    assert not client.get(PAGE).context["made"].remarks


@pytest.mark.parametrize("stored", [False, True])
def test_filters_keep_what_was_worked_out_by_hand(town: Town, stored: bool) -> None:
    if stored:
        settle()
        ledger.update(ledger.folder_of_ledger())
    client, day = evaluator(town), timedelta(days=1) / timedelta(microseconds=1)
    review = tables(client, "?office=review")["offices"]
    assert review == [("Plan review", 2, 2, 3 * day, 3 * day, pytest.approx(4.6 * day), 6 * day, 1.0)]
    roads = tables(client, "?service=pothole&area=west")["offices"]
    assert roads[:1] == [("Roads", 1, 1, 3 * day, 3 * day, 3 * day, 3 * day, 1.0)]
    ended = tables(client, f"?from={days(7):%Y-%m-%d}&to={days(7):%Y-%m-%d}")["steps"]
    assert [row[2] for row in ended] == [1]
    assert tables(client, "?service=permit&area=unknown") == {"offices": [], "steps": [], "handovers": []}


def test_what_came_since_is_said_and_counted_with_the_next_update(town: Town) -> None:
    client, folder = evaluator(town), ledger.folder_of_ledger()
    settle()
    ledger.update(folder)
    known = tables(client)
    with frozen_at(PRESENT + timedelta(hours=1)):
        write_cases(town.place.pk, [replace(permits(town)[0], reference="PT-9")], check_moves=True)
        settle()
        assert tables(client) == known
        assert "8 events were recorded since" in client.get(PAGE).content.decode()
        ledger.update(folder)
        assert tables(client) != known
        alike(tables(client), as_the_command_says(town))


def test_an_evaluator_of_one_area_measures_its_cases_only(town: Town) -> None:
    settle()
    ledger.update(ledger.folder_of_ledger())
    west = evaluator(town, area=town.areas["west"])
    assert tables(west) == tables(evaluator(town), "?area=west")


def test_files_have_the_rows_of_the_page_and_bad_filters_are_refused(town: Town) -> None:
    client = evaluator(town)
    lines = client.get(f"{PAGE}offices.csv?office=review").content.decode("utf-8-sig").splitlines()
    assert lines[0] == "office,cases,visits,mean_days,median_days,p90_days,case_days,share,as_of,clock"
    assert lines[1].startswith("Plan review,2,2,3.0,3.0,4.6,6.0,1.0,")
    assert client.get(f"{PAGE}steps.parquet").status_code == 200
    assert client.get(f"{PAGE}nothing.csv").status_code == 404
    assert client.get(f"{PAGE}?service=nothing").status_code == 422
    assert client.get(f"{PAGE}?from=yesterday").status_code == 422


def test_a_large_place_without_a_store_asks_for_patience(town: Town, monkeypatch) -> None:
    monkeypatch.setattr(serving, "MOST_WITHOUT_STORE", 3)
    answer = evaluator(town).get(PAGE)
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert "being built" in answer.content.decode()


def test_the_page_reads_no_case_of_the_ledger_when_the_store_is_there(town: Town) -> None:
    settle()
    ledger.update(ledger.folder_of_ledger())
    client = evaluator(town)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as asked:
        client.get(PAGE)
    assert not [query["sql"] for query in asked if "COPY" in query["sql"]]
    assert len([q for q in asked if "django_session" not in q["sql"] and "SAVEPOINT" not in q["sql"]]) <= 12
