"""One's own event log, as a file, through the importer: every page opens on it, and five steps lead to the sheet."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import translation
from pytest_django import DjangoDbBlocker

from analytics.loading import load
from analytics.reports.filters import Filters
from analytics.reports.measure import measure
from analytics.reports.sections import subject_of
from analytics.reports.views.registry import BY_SLUG, VIEWS
from requests_app.models import Jurisdiction, Membership, Office, User
from requests_app.permissions import Grant, Role, Viewer
from tests.logs_with_a_change import CHANGE, Town, log_of
from tests.undone import undone

pytestmark = pytest.mark.django_db
TOWN = Town(offices=5, cases_a_week=18, effect=-0.5)


@pytest.fixture(scope="module")
def imported(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    """Import the log once for this module, in a transaction that is undone after it; give its number of events."""
    log = log_of(TOWN, seed=5)
    path: Path = tmp_path_factory.mktemp("log") / "own.csv"
    log.rename(columns={"case": "Case", "activity": "Step", "ts": "At", "office": "Team"}).to_csv(path, index=False)
    columns = {"case": "Case", "activity": "Step", "timestamp": "At", "office": "Team"}
    with undone(django_db_blocker):
        wishes = {"jurisdiction": "own-log", "name": "Own log", "end_activities": "closed", **columns}
        call_command("import_event_log", path, stdout=io.StringIO(), stderr=io.StringIO(), **wishes)
        yield len(log)


@pytest.fixture
def place(imported: int, db: None) -> Iterator[Jurisdiction]:
    with translation.override("en"):
        yield Jurisdiction.objects.get(code="own-log")


@pytest.fixture
def evaluator(place: Jurisdiction) -> Client:
    user = User.objects.create_user("own-evaluator", "a long password", display_name="Eva Luator")
    Membership.objects.create(user=user, role=Role.EVALUATOR, jurisdiction=place)
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("slug", [view.slug for view in VIEWS])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_opens_on_a_log(evaluator: Client, slug: str, language: str) -> None:
    page = evaluator.get(f"/evaluate/own-log/{slug}/?lang={language}", follow=True)
    assert page.status_code == 200
    assert page.context["made"].headline.strip()


def test_the_end_that_the_import_wrote_is_no_event_of_the_source(place: Jurisdiction, imported: int) -> None:
    viewer = Viewer(1, (Grant(Role.EVALUATOR, place.pk),))
    made = BY_SLUG["quality"].make(subject_of(measure(load(place, viewer), Filters())), {})
    by_id = {section.id: section for section in made.sections}
    what_there_is = {str(row.cells[0].value): row.cells[1].value for row in by_id["period"].table.rows}
    kept = by_id["kept"].table.rows
    assert what_there_is["Events"] == imported
    assert [row.cells[2].value for row in kept[:2]] == [imported, imported]
    assert kept[0].cells[1].value == 0, "no two events of this log are at one time"


def test_five_steps_lead_from_a_log_to_the_sheet(evaluator: Client, place: Jurisdiction) -> None:
    """As its reader walks: question, data, barrier, change, proof; each step's links are followed."""
    steps = evaluator.get("/evaluate/own-log/guide/").context["steps"]
    assert len(steps) == 5
    for step in steps:
        assert step.here.strip()
        for _words, address in step.leads:
            assert evaluator.get(address).status_code == 200, address

    codes = dict(Office.objects.filter(jurisdiction=place).values_list("names__en", "code"))
    treated, others = codes["office 0"], [codes[f"office {n}"] for n in range(1, 5)]
    asked = {"offices": treated, "comparison": others, "happens_on": CHANGE.date().isoformat()}
    seen = evaluator.get("/evaluate/own-log/changes/see/", {**asked, "weeks_before": 40, "weeks_after": 26})
    assert seen.status_code == 200

    form = {
        **asked,
        "what": "One signature instead of two",
        "kind": "process",
        "expected_percent": "-50",
        "weeks_before": "40",
        "weeks_after": "26",
        "measure": "held",
    }
    sent = evaluator.post("/evaluate/own-log/changes/new/", form, follow=True)
    assert sent.redirect_chain, sent.content.decode()
    assert "exploratory" in sent.content.decode(), "it was registered long after its date"

    proof = evaluator.get("/evaluate/own-log/guide/").context["steps"][4]
    sheet = next(address for words, address in proof.leads if "One signature instead of two" in words)
    page = evaluator.get(sheet).content.decode()
    assert "office 0" in page
    assert "−" in page, "the planted cut is found"
