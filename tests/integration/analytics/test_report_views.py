"""The pages beside the overview: each renders, its files hold the page's numbers, its archives recompute them."""

import io
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from django.test import Client

from analytics.loading import load
from analytics.reports.filters import Filters
from analytics.reports.measure import measure
from analytics.reports.sections import subject_of
from analytics.reports.views.parts import Made
from analytics.reports.views.registry import VIEWS
from requests_app.permissions import Grant, Role, Viewer
from tests.integration.analytics.archives import run_archives
from tests.integration.analytics.town import Town

pytestmark = pytest.mark.django_db
SLUGS = [view.slug for view in VIEWS]


def made_of(town: Town, slug: str) -> Made:
    view = next(view for view in VIEWS if view.slug == slug)
    viewer = Viewer(1, (Grant(Role.EVALUATOR, town.place.pk),))
    return view.make(subject_of(measure(load(town.place, viewer), Filters())), {})


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_page_opens_with_a_sentence_and_links_to_the_others(evaluator: Client, slug: str, language: str) -> None:
    response = evaluator.get(f"/evaluate/permit-town/{slug}/?lang={language}", follow=True)
    assert response.status_code == 200
    page = response.content.decode()
    assert len(re.findall(r"<h1", page)) == 1
    assert 'aria-current="page"' in page
    assert response.context["made"].headline.strip()


@pytest.mark.parametrize("slug", SLUGS)
def test_a_page_of_no_case_says_so(evaluator: Client, slug: str) -> None:
    response = evaluator.get(f"/evaluate/permit-town/{slug}/?from=1999-01-01&to=1999-01-02")
    assert response.status_code == 200
    assert "No case fits" in response.content.decode()


@pytest.mark.parametrize("slug", SLUGS)
def test_each_table_is_a_file_in_every_form(town: Town, evaluator: Client, slug: str) -> None:
    tables = [section.table for section in made_of(town, slug).sections if section.table]
    for table in tables:
        address = f"/evaluate/permit-town/{slug}/{table.name}"
        text = pd.read_csv(io.BytesIO(evaluator.get(f"{address}.csv").content), encoding="utf-8-sig")
        other = pd.read_parquet(io.BytesIO(evaluator.get(f"{address}.parquet").content))
        assert list(text.columns) == list(other.columns)
        assert len(text) == len(other) == len(table.rows)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_first_evaluation_has_five_steps_that_lead_on_under_the_same_filters(
    town: Town, evaluator: Client, language: str
) -> None:
    address = f"/evaluate/permit-town/guide/?from=2026-01-01&lang={language}"
    page = evaluator.get(address, follow=True)
    assert page.status_code == 200
    steps = page.context["steps"]
    assert len(steps) == 5
    assert steps[2].here == made_of_page(evaluator, "barriers")
    for step in steps:
        assert step.here.strip()
        for _words, leads_to in step.leads:
            assert evaluator.get(leads_to).status_code == 200, leads_to
    assert "from=2026-01-01" in steps[0].leads[0][1]


def made_of_page(evaluator: Client, slug: str) -> str:
    """The headline of a page under the filters of the guide's test."""
    response = evaluator.get(f"/evaluate/permit-town/{slug}/?from=2026-01-01")
    return str(response.context["made"].headline)


def test_a_table_or_a_form_that_is_not_there_is_not_found(evaluator: Client) -> None:
    for address in ("nothing/", "ageing/nothing.csv", "ageing/ageing.exe"):
        assert evaluator.get(f"/evaluate/permit-town/{address}").status_code == 404


def test_every_archive_makes_its_table_again(town: Town, evaluator: Client, tmp_path: Path) -> None:
    """Run as their reader would: unpacked into a folder, by a Python that knows nothing of ours."""
    addresses = [
        f"/evaluate/permit-town/{slug}/{section.table.name}.zip"
        for slug in SLUGS
        for section in made_of(town, slug).sections
        if section.recompute and section.table
    ]
    assert len(addresses) > 15
    overview = [
        f"/evaluate/permit-town/{table}.zip" for table in ("offices", "clocks", "handovers", "services", "areas")
    ]
    run_archives(evaluator, [*overview, *addresses], tmp_path)


def test_every_table_of_a_page_can_be_recomputed_but_for_what_is_only_counted(town: Town) -> None:
    made = {slug: made_of(town, slug).sections for slug in SLUGS}
    lacking = {one.table.name for some in made.values() for one in some if one.table and not one.recompute}
    assert lacking <= {"left-out"}


@pytest.mark.parametrize("name", ["offices", "services", "cases"])
def test_tables_and_lists_of_the_overview_are_parquet_too(evaluator: Client, name: str) -> None:
    text = pd.read_csv(io.BytesIO(evaluator.get(f"/evaluate/permit-town/{name}.csv").content), encoding="utf-8-sig")
    other = pd.read_parquet(io.BytesIO(evaluator.get(f"/evaluate/permit-town/{name}.parquet").content))
    assert list(text.columns) == list(other.columns)
    assert len(text) == len(other) > 0


def test_the_readme_of_an_archive_names_the_version(evaluator: Client, settings) -> None:
    settings.CODE_VERSION = "v9-12-gabc"
    content = evaluator.get("/evaluate/permit-town/offices.zip").content
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert "v9-12-gabc" in packed.read("README.txt").decode()
