"""A frozen report as PDF: the same bytes for the same report, in its language, within bounds of time and memory."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import DjangoDbBlocker

from analytics.freezing import freeze, share, token_of
from analytics.models import FrozenReport, PrintedReport
from analytics.printing import press
from analytics.printing.press import NotPrinted, print_sheet
from analytics.printing.sheet import MOST_ROWS, MOST_ROWS_IN_ALL, sheet_of
from analytics.reports.kept import kept_page
from requests_app.clock import frozen_at
from requests_app.permissions import Viewer
from requests_app.reads.grants import grants_of
from tests.integration.analytics.mailed import MONDAY, Mailed, browser, built_once

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def mailed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Mailed]:
    with built_once(django_db_blocker) as made:
        yield made


def frozen(mailed: Mailed, language: str = "en", **changed: object) -> FrozenReport:
    viewer = Viewer(mailed.owner.pk, grants_of(mailed.owner.pk))
    with frozen_at(MONDAY), translation.override(language):
        source, content = kept_page(mailed.town.place, viewer, "", {})
        return freeze(source, "", {}, {**content, **changed}, viewer=viewer, code_version="v9")


def section(rows: int, kind: str = "duration", few_from: int = 10**9) -> dict:
    columns = [{"title": "Office", "kind": "text", "key": "office"}, {"title": "Days", "kind": kind, "key": "days"}]
    lines = [
        {
            "small": n >= few_from,
            "cells": [{"text": f"Office {n}", "value": None}, {"text": str(rows - n), "value": rows - n}],
        }
        for n in range(rows)
    ]
    basis = {"n": "n", "cohort": "", "clock": "calendar time", "as_of": "", "left_out": [], "definition": ""}
    table = {"caption": "Offices", "columns": columns, "rows": lines}
    return {"id": "offices", "title": "Offices", "sentence": "S.", "notes": [], "basis": basis, "table": table}


def test_the_pdf_is_tagged_and_its_hash_is_stated_on_the_page(mailed: Mailed) -> None:
    report, client = frozen(mailed), browser(mailed.owner)
    response = client.get(f"/evaluate/frozen/{report.pk}.pdf")
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    for mark in (b"%PDF-1.7", b"/StructTreeRoot", b"/MarkInfo", b"pdfuaid"):
        assert mark in response.content
    stated = hashlib.sha256(response.content).hexdigest()
    assert stated in client.get(f"/evaluate/frozen/{report.pk}/").content.decode()


def test_the_same_report_gives_the_same_bytes_however_often_it_is_made(mailed: Mailed) -> None:
    report = frozen(mailed)
    made = {print_sheet(sheet_of(report, is_published=False)) for _twice in range(2)}
    client = browser(mailed.owner)
    asked = [client.get(f"/evaluate/frozen/{report.pk}.pdf").content for _twice in range(2)]
    assert {*made, *asked} == made
    assert len(made) == 1
    assert PrintedReport.objects.filter(report=report).count() == 1


def test_every_page_says_what_it_belongs_to_in_the_language_of_the_report(mailed: Mailed) -> None:
    report = frozen(mailed, "fr")
    sheet = sheet_of(report, is_published=False)
    assert sheet["language"] == "fr"
    for part in ("Ville-des-Permis", "6 avril 2026", "version v9", report.digest[:16]):
        assert part in sheet["running"]
    assert sheet["page"] == "Page #1 de #2"
    assert b"/Lang" in print_sheet(sheet)


def test_words_of_a_report_are_no_markup(mailed: Mailed) -> None:
    wild = '#panic("no") $x$ *b* @ref <label> \\ `raw` [ ] // end'
    assert print_sheet(sheet_of(frozen(mailed, headline=wild, title=wild), is_published=False)).startswith(b"%PDF")


def test_bars_are_drawn_where_rows_stand_in_their_order_and_never_of_hidden_figures(mailed: Mailed) -> None:
    report = frozen(mailed, n=900, sections=[section(40, few_from=35)])
    whole, public = (sheet_of(report, is_published=one)["sections"][0]["table"] for one in (False, True))
    assert whole["bars"][0] == 1
    assert min(whole["bars"]) > 0
    assert public["bars"][35:] == [0.0] * 5
    unordered = section(40)
    unordered["table"]["rows"].reverse()
    assert sheet_of(frozen(mailed, sections=[unordered]), is_published=False)["sections"][0]["table"]["bars"] == []


def test_five_thousand_rows_are_cut_with_a_sentence_and_all_are_in_the_file(mailed: Mailed) -> None:
    report, client = frozen(mailed, sections=[section(5000)]), browser(mailed.owner)
    table = sheet_of(report, is_published=False)["sections"][0]["table"]
    assert len(table["rows"]) == MOST_ROWS
    assert table["cut"].startswith("4,800 further rows are not printed.")
    address = table["cut"].partition("http://localhost:8000")[2]
    lines = client.get(address).content.decode().splitlines()
    assert (lines[0], len(lines), lines[-1]) == ("office,days", 5001, "Office 4999,1")
    assert client.get(f"/evaluate/frozen/{report.pk}.pdf").status_code == 200


def test_many_tables_together_are_cut_as_well(mailed: Mailed) -> None:
    sheet = sheet_of(frozen(mailed, sections=[section(300) for _n in range(9)]), is_published=False)
    assert sum(len(one["table"]["rows"]) for one in sheet["sections"] if one["table"]) == MOST_ROWS_IN_ALL


def test_a_link_gives_the_published_form_alone(mailed: Mailed) -> None:
    report = frozen(mailed, n=900, sections=[section(40, few_from=35)])
    with frozen_at(MONDAY):
        link = share(report, 7, user_id=mailed.owner.pk)
        response = Client().get(f"/evaluate/shared/{token_of(link)}/report.pdf")
    assert response.content.startswith(b"%PDF")
    assert PrintedReport.objects.get(report=report).is_published
    rows = sheet_of(report, is_published=True)["sections"][0]["table"]["rows"]
    assert {row["cells"][1] for row in rows[35:]} == {"too few"}


# --- Bounds ----------------------------------------------------------------------------------------------------------


def a_child(tmp_path: Path, source: str) -> Path:
    child = tmp_path / "child.py"
    child.write_text(source, encoding="utf-8")
    return child


@pytest.mark.parametrize(
    "source",
    [
        "import time; time.sleep(60)",
        "raise MemoryError",
        "import os, signal; os.kill(os.getpid(), signal.SIGXCPU)",
        "print('no pdf')",
    ],
)
def test_a_press_that_hangs_or_dies_is_told_of_and_harms_nobody(
    mailed: Mailed, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(press, "CHILD", a_child(tmp_path, source))
    monkeypatch.setattr(press, "WALL_S", 1)
    response = browser(mailed.owner).get(f"/evaluate/frozen/{frozen(mailed).pk}.pdf")
    assert response.status_code == 503
    assert response["Retry-After"]
    assert "Print the page itself" in response.content.decode()
    assert not PrintedReport.objects.exists()


def test_the_child_holds_itself_within_bounds_of_memory() -> None:
    source = press.CHILD.read_text(encoding="utf-8")
    assert "RLIMIT_AS" in source
    assert "RLIMIT_CPU" in source
    with pytest.raises(NotPrinted):
        print_sheet({"no": "sheet"})


def test_who_finds_the_press_busy_is_asked_to_come_again(mailed: Mailed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "WAIT_S", 0.01)
    report = frozen(mailed)
    with press._one_at_a_time:
        response = browser(mailed.owner).get(f"/evaluate/frozen/{report.pk}.pdf")
    assert response.status_code == 503
    assert "Try again in half a minute" in response.content.decode()
    assert browser(mailed.owner).get(f"/evaluate/frozen/{report.pk}.pdf").status_code == 200
