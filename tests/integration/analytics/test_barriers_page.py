"""The answer a report opens with, in towns where nothing stands out or nobody can tell."""

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta

import pytest
from django.utils import translation
from pytest_django import DjangoDbBlocker

from requests_app.actions.bulk import write_cases
from requests_app.clock import frozen_at
from requests_app.models import ServiceRequest
from tests.integration.analytics.town import START, Town, alike, build_town, uneven
from tests.undone import check_promises, undone

LATER = START + timedelta(days=160)


@pytest.fixture(scope="module")
def calm(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Town]:
    offices = ("intake", "review", "roads")
    with undone(django_db_blocker):
        with frozen_at(LATER):
            town = build_town()
            write_cases(town.place.pk, [alike(town, n, offices[n % 3]) for n in range(450)], check_moves=True)
            check_promises()
        yield town


@pytest.fixture
def calm_town(calm: Town, db: None) -> Iterator[Town]:
    with frozen_at(LATER), translation.override("en"):
        yield deepcopy(calm)


def test_where_all_do_alike_no_barrier_stands_out_and_the_page_says_why(calm_town: Town) -> None:
    client = calm_town.browser()
    for address in ("/evaluate/permit-town/", "/evaluate/permit-town/barriers/"):
        page = client.get(address).content.decode()
        assert "No barrier stands out, and why we think so" in page
        assert "It does not stand out: names dealt at random give up to" in page


def test_a_place_without_targets_takes_comparable_offices_and_refuses_the_rest(calm_town: Town) -> None:
    client = calm_town.browser()
    assert "beyond the median of comparable offices" in client.get("/evaluate/permit-town/barriers/").content.decode()
    for wrong, said in (("baseline=target", "Take baseline=offices."), ("by=step", "Take by=office.")):
        response = client.get(f"/evaluate/permit-town/barriers/?{wrong}")
        assert response.status_code == 422
        assert said in response.content.decode()


def test_what_is_refused_can_be_put_right_where_it_was_asked(calm_town: Town) -> None:
    """The page keeps its name, links and what was right; what was wrong has a field, and its sentence leads there."""
    client = calm_town.browser()
    response = client.get("/evaluate/permit-town/barriers/?rate=a+%3Clot%3E&clock=calendar&service=permit")
    page = response.content.decode()
    assert response.status_code == 422
    assert re.search(r"<h1>\s*Barriers\s*</h1>", page)
    assert 'class="pages"' in page
    assert 'action="/evaluate/permit-town/barriers/"' in page
    assert 'href="#filter-rate"' in page
    assert 'id="filter-rate" name="rate" value="a &lt;lot&gt;"' in page
    assert '<input type="hidden" name="clock" value="calendar">' in page
    assert client.get("/evaluate/permit-town/barriers/?rate=40&clock=calendar&service=permit").status_code == 200


def test_one_office_that_does_nearly_all_of_its_work_cannot_be_told(db: None) -> None:
    with frozen_at(LATER), translation.override("en"):
        town = build_town("roads-town")
        cases = [alike(town, n, "roads") for n in range(300)]
        cases += [alike(town, n, ("intake", "review")[n % 2], "permit") for n in range(300, 420)]
        write_cases(town.place.pk, cases, check_moves=True)
        page = town.browser().get("/evaluate/roads-town/barriers/?clock=calendar").content.decode()
    assert "cannot be told" in page


def test_few_cases_are_not_ranked(calm_town: Town) -> None:
    client = calm_town.browser()
    first = ServiceRequest.objects.order_by("submitted_at").first()
    assert first is not None
    day = first.submitted_at.date().isoformat()
    page = client.get(f"/evaluate/permit-town/barriers/?from={day}&to={day}").content.decode()
    assert "Nothing has 30 waits that can be compared" in page
    assert "not ranked" in page


def test_the_one_office_that_takes_longer_stands_out_with_its_cases(db: None) -> None:
    with frozen_at(START + timedelta(days=200)), translation.override("en"):
        town = build_town("uneven-town")
        write_cases(town.place.pk, uneven(town), check_moves=True)
        client = town.browser()
        page = client.get("/evaluate/uneven-town/")
        answer = page.context["report"].answer
        assert answer.headline == "One barrier stands out: Plan review."
        card = answer.cards[0]
        assert card.sentence.startswith("Plan review held cases 150 times; half wait over 16\xa0days; ")
        assert card.sentence.endswith("above the median of comparable offices (2\xa0days)."), (
            "each is done in two at the others"
        )
        listed = client.get(f"/evaluate/uneven-town/cases/?{card.cases}").context["listed"]
        tried = f"{page.context['what_if']}?{card.change}"
        assert f'href="{tried}"' in page.content.decode()
        assert "Plan review" in client.get(tried).context["made"].headline
    assert card.see == f"See the {listed.total} cases"
    assert listed.total == 150
