"""Side by side: two periods, two offices, places with the same process."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation

from requests_app.actions.bulk import write_cases
from requests_app.clock import frozen_at
from requests_app.models import Membership
from requests_app.permissions import Role
from tests.integration.analytics.town import PRESENT, Town, build_town, case

pytestmark = pytest.mark.django_db
PAGE = "/evaluate/permit-town/compare/"


def potholes(town: Town, name: str, count: int, first_day: float, took: float) -> None:
    cases = [
        case(town, f"{town.place.code}-{name}-{n}", "pothole", "east", [
            (first_day + n / 4, "submitted", None), (first_day + n / 4, "routed", "roads"),
            (first_day + n / 4, "accepted", None), (first_day + n / 4 + took + n % 5 / 10, "resolved", "resolved"),
        ])
        for n in range(count)
    ]  # fmt: skip
    write_cases(town.place.pk, cases, check_moves=True)


@pytest.fixture
def town() -> Town:
    with frozen_at(PRESENT + timedelta(days=200)), translation.override("en"):
        town = build_town()
        potholes(town, "early", 40, 0, 2)
        potholes(town, "late", 40, 20, 5)
        yield town


@pytest.fixture
def evaluator(town: Town) -> Client:
    client = Client()
    client.force_login(town.evaluator())
    return client


def headline(client: Client, **asked: str) -> str:
    response = client.get(PAGE, asked)
    assert response.status_code == 200
    return str(response.context["made"].headline).replace("\u00a0", " ")


def test_two_periods_are_told_apart_at_the_day_of_the_address(evaluator: Client) -> None:
    said = headline(evaluator, cut="2026-03-20")
    assert "took 2.2 days or less (filed before March 20, 2026) and 5.2 days or less" in said
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


def test_only_places_the_reader_may_see_are_beside(town: Town) -> None:
    with frozen_at(PRESENT + timedelta(days=200)):
        other = build_town("other-town", reference_prefix="OT")
        potholes(other, "all", 40, 0, 9)
        alone, both = Client(), Client()
        alone.force_login(town.evaluator())
        user = town.evaluator()
        Membership.objects.create(user=user, role=Role.EVALUATOR, jurisdiction=other.place)
        both.force_login(user)
        assert "You may see no other place" in headline(alone, by="place")
        assert "For the same mix of steps" in headline(both, by="place")
