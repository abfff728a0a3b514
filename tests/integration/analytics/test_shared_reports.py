"""What a link to a frozen report shows people without an account: no case, no small group, no word that names one."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils.html import escape
from pytest_django import DjangoDbBlocker

from analytics.reports.frozen import published
from requests_app.actions.bulk import write_cases
from requests_app.clock import frozen_at
from tests.integration.analytics.frozen_pages import frozen, link_to
from tests.integration.analytics.town import PRESENT, Town, build_town, case, permits, potholes
from tests.undone import check_promises, undone

COLUMNS = [
    ("Office", "text", "office"),
    ("Since", "day", "since"),
    ("Cases", "count", "cases"),
    ("Days", "duration", "d"),
]


def page_of(*rows: tuple[str, int, float], columns: list[tuple[str, str, str]] = COLUMNS) -> dict:
    def row(name: str, n: int, days: float) -> dict:
        cells = [{"text": name, "value": None}, {"text": "May 1", "value": None}]
        return {"small": n < 30, "cells": [*cells, {"text": str(n), "value": n}, {"text": str(days), "value": days}]}

    heads = [{"title": title, "kind": kind, "key": key} for title, kind, key in columns]
    table = {"caption": "", "columns": heads, "rows": [row(*one) for one in rows]}
    basis = {"n": "947 cases", "left_out": ["3 cases"], "clock": "calendar"}
    section = {"id": "x", "sentence": "B has 3.", "notes": ["3"], "table": table, "basis": basis}
    return {"n": 947, "headline": "B has 3.", "more": ["3"], "warnings": ["3"], "sections": [section]}


def words_of(shown: dict) -> list[list[str]]:
    return [[cell["text"] for cell in row["cells"]] for row in shown["sections"][0]["table"]["rows"]]


def test_small_rows_and_the_next_smallest_are_hidden_from_people_without_an_account() -> None:
    shown = published(page_of(("A", 900, 1.5), ("N", 0, 0), ("B", 40, 2.5), ("C", 7, 77.5)))
    assert words_of(shown) == [
        ["A", "May 1", "900", "1.5"],
        ["N", "May 1", "too few", "too few"],
        ["B", "May 1", "too few", "too few"],
        ["C", "May 1", "too few", "too few"],
    ]


def test_where_a_row_is_hidden_no_sentence_stays_that_could_name_it() -> None:
    shown = published(page_of(("A", 900, 1.5), ("B", 40, 2.5), ("C", 7, 77.5)))
    (section,) = shown["sections"]
    assert (shown["more"], shown["warnings"], section["notes"], section["sentence"]) == ([], [], [], "")
    assert (section["basis"]["n"], section["basis"]["left_out"]) == ("", [])
    assert "3" not in shown["headline"]


def test_a_page_of_large_rows_is_shared_as_it_is() -> None:
    whole = page_of(("A", 900, 1.5), ("B", 40, 2.5))
    assert published(whole)["headline"] == whole["headline"]
    assert words_of(published(whole)) == words_of(whole)


def test_a_table_that_lists_cases_is_not_shared() -> None:
    listing = page_of(("A", 900, 1.5), ("B", 40, 2.5), columns=[("Reference", "text", "reference"), *COLUMNS[1:]])
    assert published(listing)["sections"] == []


@pytest.fixture(scope="module")
def crowd(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Town]:
    """Hundreds of potholes, 42 of them open at two offices, and the five cases of the small town."""
    with undone(django_db_blocker):
        with frozen_at(PRESENT):
            town = build_town("crowd")
            potholes(town, 300, 2, apart=0.08)
            potholes(town, 60, 1, area="east", name="E", apart=0.3)
            waiting = [(f"W-{n}", "roads" if n < 39 else "intake", n / 2) for n in range(42)]
            cases = [
                case(town, name, "pothole", "west", [(at, "submitted", None), (at, "routed", office)])
                for name, office, at in waiting
            ]
            write_cases(town.place.pk, [*cases, *permits(town)], check_moves=True)
            check_promises()
        yield town


@pytest.mark.parametrize(
    ("page", "query"),
    [("", ""), ("ageing", ""), ("spectrum", "of=intake"), ("quality", ""), ("variants", ""), ("equity", "")],
)
@pytest.mark.django_db
def test_a_shared_page_names_no_case_no_small_count_and_no_sentence_that_could(
    crowd: Town, page: str, query: str
) -> None:
    with frozen_at(PRESENT):
        client = crowd.browser()
        report = frozen(client, page, query, place="crowd")
        whole, shown = report.content, published(report.content)
        read = Client().get(link_to(client, report)).content.decode()
    tables = [section["table"] for section in shown["sections"] if section["table"]]
    assert tables
    assert any(table["hides"] for table in tables)
    for table in tables:
        for row in table["rows"]:
            for column, cell in zip(table["columns"], row["cells"], strict=True):
                assert column["kind"] != "count" or not 0 < (cell["value"] or 0) < 5
    assert not re.search(r"\b(PT|W|crowd-[PE])-\d", read)
    for said in (whole["headline"], *(section["sentence"] for section in whole["sections"])):
        assert escape(said) not in read
