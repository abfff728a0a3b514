"""Side by side: two periods, two offices, places with the same process."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import DjangoDbBlocker

from analytics.loading import _frames
from analytics.models import FrozenReport
from requests_app.clock import frozen_at
from requests_app.models import Membership
from requests_app.permissions import Role
from tests.integration.analytics.town import PRESENT, Town, build_town, potholes
from tests.undone import check_promises, undone

pytestmark = pytest.mark.django_db
LATER = PRESENT + timedelta(days=200)
PAGE = "/evaluate/permit-town/compare/"


@pytest.fixture(scope="module")
def pothole_town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Town]:
    with undone(django_db_blocker):
        with frozen_at(LATER):
            town = build_town()
            potholes(town, 40, 2, name="early", area="east", apart=0.25)
            potholes(town, 40, 5, name="late", area="east", first_day=20, apart=0.25)
            check_promises()
        yield town


@pytest.fixture
def town(pothole_town: Town, db: None) -> Iterator[Town]:
    _frames.clear()
    with frozen_at(LATER), translation.override("en"):
        yield deepcopy(pothole_town)


def headline(client: Client, **asked: str) -> str:
    response = client.get(PAGE, asked)
    assert response.status_code == 200
    return str(response.context["made"].headline).replace("\u00a0", " ")


def test_two_periods_are_told_apart_at_the_day_of_the_address(evaluator: Client) -> None:
    said = headline(evaluator, cut="2026-03-20")
    assert "took 2.3 days or less (filed before March 20, 2026) and 5.3 days or less" in said
    assert "the difference is more than chance" in said.lower()


def test_one_office_on_both_sides_or_too_few_cases_there_compare_nothing(evaluator: Client) -> None:
    assert "fewer than 10 cases" in headline(evaluator, by="office", one="roads", two="review")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"by": "moon"}, "write one of"),
        ({"cut": "soon"}, "is not a day"),
        ({"cut": "3020-01-01"}, "is not a day"),
        ({"by": "office", "one": "nowhere"}, "There is no office “nowhere” here"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(
    evaluator: Client, asked: dict[str, str], sentence: str
) -> None:
    response = evaluator.get(PAGE, asked)
    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_places_are_measured_by_the_period_alone_and_cannot_be_frozen(town: Town, evaluator: Client) -> None:
    page = evaluator.get(PAGE, {"by": "place", "office": "roads", "from": "2026-03-05"})
    (section,) = page.context["made"].sections
    assert section.basis.cohort.startswith("cases filed since March 5, 2026")
    assert "Roads" not in section.basis.cohort
    assert "/freeze/" not in page.content.decode()
    refused = evaluator.post("/evaluate/permit-town/freeze/", {"page": "compare", "query": "by=place"})
    assert refused.status_code == 422
    assert "cannot be frozen" in refused.content.decode()
    assert not FrozenReport.objects.exists()


def test_only_places_the_reader_may_see_are_beside(town: Town) -> None:
    other = build_town("other-town", reference_prefix="OT")
    potholes(other, 40, 9, area="east", apart=0.25)
    user, both = town.evaluator(), Client()
    Membership.objects.create(user=user, role=Role.EVALUATOR, jurisdiction=other.place)
    both.force_login(user)
    assert "You may see no other place" in headline(town.browser(), by="place")
    assert "For the same mix of steps" in headline(both, by="place")
