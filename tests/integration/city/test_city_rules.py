"""The routing rules of the demo city: good rules that are live, and true explanations on the cases of its year."""

from collections import Counter
from collections.abc import Iterator

import pytest
from django.utils import translation
from pytest_django import DjangoDbBlocker

from fixtures.examples import BOUNCED
from requests_app.models import Jurisdiction, RequestEvent, RuleSet, ServiceRequest
from requests_app.reads.explained import teller_of
from requests_app.reads.rules import live_set
from requests_app.routing.read_document import check_document
from requests_app.states import Activity
from tests.demo_city import NOW, SMALL, demo_city


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with demo_city(django_db_blocker, SMALL):
        yield


@pytest.fixture
def city(loaded: None, db: None) -> Jurisdiction:
    return Jurisdiction.objects.get(code="rivemont")


def first_routings() -> list[RequestEvent]:
    return list(RequestEvent.objects.filter(activity=Activity.ROUTED, explanation__isnull=False))


def test_the_rules_are_live_since_the_year_began_and_good(city: Jurisdiction) -> None:
    live = live_set(city)
    assert live is not None
    assert (live.version, live.state) == (1, RuleSet.State.LIVE)
    assert live.live_at is not None
    assert (NOW - live.live_at).days == 365
    assert live.author is not None
    assert check_document(live.document, city).problems == []


def test_every_case_says_why_it_was_sent_where_it_was(city: Jurisdiction) -> None:
    told = first_routings()
    assert len(told) == ServiceRequest.objects.filter(jurisdiction=city).count()
    deciders = Counter(event.explanation["by"] for event in told if event.explanation)
    assert set(deciders) == {"rule", "route"}
    assert all(
        event.explanation["won"]["office"]["value"] == event.office_id and event.route_id is None
        for event in told
        if event.explanation and event.explanation["by"] == "rule"
    )
    assert any(event.explanation and event.explanation.get("also") for event in told)


def test_a_drain_that_was_thrown_back_says_which_rule_would_have_sent_it_right(city: Jurisdiction) -> None:
    case = ServiceRequest.objects.get(reference=BOUNCED)
    event = RequestEvent.objects.get(request=case, explanation__isnull=False)
    assert event.explanation
    for language, expected in (
        ("en", ("Sent to Roads South because", "“Water below the street, or a street that sinks” (Office: Water and")),
        ("fr", ("Envoyée à Voirie Sud, car", "« De l’eau sous la rue, ou une rue qui s’affaisse »")),
    ):
        with translation.override(language):
            said = teller_of(city, 1).told(event.explanation, event.office.name)
            words = " ".join([said.why, *said.more]).replace("\xa0", " ")
        assert all(part in words for part in expected), words


def test_what_rules_say_besides_the_office_is_on_the_cases(city: Jurisdiction) -> None:
    assert ServiceRequest.objects.filter(tags__contains=["school"]).exists()
    signs = RequestEvent.objects.filter(activity=Activity.SUBMITTED, request__tags__contains=["crossing"])
    assert set(signs.values_list("priority", flat=True)) == {1}
