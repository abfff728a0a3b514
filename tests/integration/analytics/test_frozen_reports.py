"""A frozen report stays what it was, whoever may read it reads it, and a link shows no small group and ends."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation

from analytics.models import FrozenReport, SharedLink
from analytics.reports.frozen import digest_of, published
from requests_app.clock import frozen_at
from tests.integration.analytics.town import PRESENT, Town, build_town, write_permits

pytestmark = pytest.mark.django_db
FREEZE = "/evaluate/permit-town/freeze/"


@pytest.fixture
def town() -> Town:
    with frozen_at(PRESENT), translation.override("en"):
        town = build_town()
        write_permits(town)
        yield town


@pytest.fixture
def evaluator(town: Town) -> Client:
    client = Client()
    client.force_login(town.evaluator())
    return client


def frozen(client: Client, page: str = "", query: str = "") -> FrozenReport:
    response = client.post(FREEZE, {"page": page, "query": query})
    assert response.status_code == 302
    return FrozenReport.objects.get(pk=re.search(r"/evaluate/frozen/(\d+)/", response["Location"]).group(1))


@pytest.mark.parametrize("page", ["", "ageing"])
def test_the_page_that_is_shown_is_kept_with_its_tables_filters_version_and_hash(
    evaluator: Client, page: str, settings
) -> None:
    settings.CODE_VERSION = "v9"
    report = frozen(evaluator, page, "from=2026-01-01")
    assert (report.page, report.asked, report.code_version) == (page, {"from": "2026-01-01"}, "v9")
    assert report.as_of == PRESENT
    assert report.cut["cases"] == 5
    assert report.digest == digest_of(report.content)
    assert any(section["table"]["rows"] for section in report.content["sections"] if section["table"])
    shown = evaluator.get(f"/evaluate/frozen/{report.pk}/").content.decode()
    assert report.content["headline"] in shown
    assert report.digest in shown
    assert "v9" in shown


def test_what_happens_later_changes_nothing(town: Town, evaluator: Client) -> None:
    report = frozen(evaluator)
    town.offices["intake"].names = {"en": "Renamed desk"}
    town.offices["intake"].save()
    assert "Renamed desk" not in evaluator.get(f"/evaluate/frozen/{report.pk}/").content.decode()
    report.content = {}
    with pytest.raises(TypeError, match="never changes"):
        report.save()


def test_bad_filters_are_refused_in_a_sentence_and_nothing_is_kept(evaluator: Client) -> None:
    response = evaluator.post(FREEZE, {"page": "", "query": "from=yesterday"})
    assert response.status_code == 422
    assert "is not a day" in response.content.decode()
    assert not FrozenReport.objects.exists()


def test_who_evaluates_only_a_part_does_not_read_what_was_frozen_of_the_whole(town: Town, evaluator: Client) -> None:
    report = frozen(evaluator)
    partly = Client()
    partly.force_login(town.evaluator(service=town.services["pothole"]))
    assert partly.get(f"/evaluate/frozen/{report.pk}/").status_code == 404
    own = frozen(partly)
    assert partly.get(f"/evaluate/frozen/{own.pk}/").status_code == 200
    assert str(report.pk) not in re.findall(
        r"frozen/(\d+)/", partly.get("/evaluate/permit-town/frozen/").content.decode()
    )


def link_to(client: Client, report: FrozenReport) -> str:
    assert client.post(f"/evaluate/frozen/{report.pk}/share/", {"days": "30"}).status_code == 302
    page = client.get(f"/evaluate/frozen/{report.pk}/").content.decode()
    return re.search(r"/evaluate/shared/[^/\"]+/", page).group(0)


def test_a_link_is_read_without_an_account_until_it_ends(evaluator: Client) -> None:
    report = frozen(evaluator)
    address = link_to(evaluator, report)
    response = Client().get(address)
    assert response.status_code == 200
    assert "sign in to read this report" in response.content.decode()
    with frozen_at(PRESENT + timedelta(days=31)):
        assert Client().get(address).status_code == 410


def test_a_link_that_was_taken_back_or_altered_shows_nothing(evaluator: Client) -> None:
    report = frozen(evaluator)
    address = link_to(evaluator, report)
    link = SharedLink.objects.get()
    assert evaluator.post(f"/evaluate/frozen/{report.pk}/share/{link.pk}/end/").status_code == 302
    assert Client().get(address).status_code == 410
    assert Client().get(address[:-3] + "xx/").status_code == 404


@pytest.mark.parametrize("days", ["", "0", "4000", "x"])
def test_a_link_is_good_for_a_time_that_is_offered(evaluator: Client, days: str) -> None:
    report = frozen(evaluator)
    assert evaluator.post(f"/evaluate/frozen/{report.pk}/share/", {"days": days}).status_code == 422
    assert not SharedLink.objects.exists()


def test_small_rows_and_the_next_smallest_are_hidden_from_people_without_an_account() -> None:
    def row(name: str, n: int, days: float) -> dict:
        cells = [{"text": name, "value": None}, {"text": str(n), "value": n}, {"text": str(days), "value": days}]
        return {"small": n < 30, "cells": cells}

    columns = [
        {"title": "Office", "kind": "text"},
        {"title": "Cases", "kind": "count"},
        {"title": "Days", "kind": "duration"},
    ]
    table = {"caption": "", "columns": columns, "rows": [row("A", 900, 1.5), row("B", 40, 2.5), row("C", 7, 77.5)]}
    content = {"n": 947, "headline": "", "sections": [{"id": "x", "notes": [], "table": table}]}
    rows = published(content)["sections"][0]["table"]["rows"]
    assert [[cell["text"] for cell in row["cells"]] for row in rows] == [
        ["A", "900", "1.5"],
        ["B", "too few", "too few"],
        ["C", "too few", "too few"],
    ]


def test_the_file_holds_what_the_hash_is_of(evaluator: Client) -> None:
    report = frozen(evaluator)
    said = evaluator.get(f"/evaluate/frozen/{report.pk}.json").json()
    assert digest_of(said["content"]) == said["sha256"] == report.digest
