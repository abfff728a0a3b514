"""The answer a report opens with, on the demo city, where something is hidden."""

import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pandas as pd
import pytest
from django.test import Client
from django.utils import translation
from pytest_django import DjangoDbBlocker

from analytics.loading import load
from analytics.reports.barriers.answer import Ranked, answer_of, ranked_barriers
from analytics.reports.barriers.asked import read_choice
from analytics.reports.filters import Filters
from analytics.reports.measure import measure
from analytics.reports.sections import Subject, subject_of
from requests_app.calendars import working_time
from requests_app.clock import frozen_at
from requests_app.models import Hold, Jurisdiction, Membership, Office, User
from requests_app.permissions import Grant, Role, Viewer
from tests.demo_city import NOW, demo_city


@pytest.fixture(scope="module")
def city(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Jurisdiction]:
    """The whole demo city, loaded once a run.

    Whole, since what is hidden at Verification is a queue: with a fifth of the cases nobody waits there.
    """
    with demo_city(django_db_blocker) as place:
        yield place


def subject_about(place: Jurisdiction) -> Subject:
    viewer = Viewer(1, (Grant(Role.EVALUATOR, place.pk),))
    return subject_of(measure(load(place, viewer, events=False), Filters()))


def found_in(place: Jurisdiction, **options: str) -> Ranked:
    subject = subject_about(place)
    return ranked_barriers(subject, read_choice(subject, options))


def signed_in(place: Jurisdiction) -> Client:
    user = User.objects.create_user(f"evaluator-{User.objects.count()}", "a long password")
    Membership.objects.create(user=user, role=Role.EVALUATOR, jurisdiction=place)
    client = Client()
    client.force_login(user)
    return client


# --- What is hidden is found ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_overview_of_the_demo_city_names_what_is_hidden_in_it(city: Jurisdiction) -> None:
    with frozen_at(NOW), translation.override("en"):
        subject = subject_about(city)
        answer = answer_of(subject, ranked_barriers(subject, read_choice(subject, {})))
        out = {row.group for row in found_in(city).ranking.barriers if row.stands_out}
        ways = [row.group.split("\n") for row in found_in(city, by="handover").ranking.barriers[:4]]
    assert {"verification", "roads-south"} <= out
    assert "Document Verification" in answer.headline
    assert any("above the step’s own target" in card.sentence for card in answer.cards)
    assert ["eligibility", "verification"] in ways
    assert ["roads-south", "water-sewers"] in ways


@pytest.mark.django_db
def test_the_time_above_target_at_verification_is_what_its_calendar_says(city: Jurisdiction) -> None:
    """Its holds, one by one, by the calendar’s own slow count: three working days are allowed, waits for papers not."""
    with frozen_at(NOW):
        found = found_in(city)
    calendar = Office.objects.get(jurisdiction=city, code="verification").calendar()
    days = 0.0
    for one in Hold.objects.filter(office__code="verification", office__jurisdiction=city).select_related("request"):
        end = one.ended_at or NOW
        spent = working_time(calendar, one.sent_at, end)
        for begin, until, why in one.request.pauses:
            a, b = (max(datetime.fromisoformat(begin), one.sent_at), min(datetime.fromisoformat(until), end))
            spent -= working_time(calendar, a, b) if why == "citizen" and a < b else timedelta(0)
        if one.request.paused_at and one.request.paused_at < end:
            spent -= working_time(calendar, max(one.request.paused_at, one.sent_at), end)
        days += max((spent - timedelta(hours=24)) / timedelta(hours=8), 0)
    row = next(row for row in found.ranking.barriers if row.group == "verification")
    assert row.excess_us / 86_400_000_000 == pytest.approx(days, rel=1e-9)


@pytest.mark.django_db
@pytest.mark.parametrize("options", ["", "by=step", "by=handover&clock=calendar", "baseline=offices"])
def test_each_number_of_the_table_is_the_length_of_its_list(city: Jurisdiction, options: str) -> None:
    address = f"/evaluate/{city.code}/"
    with frozen_at(NOW):
        client = signed_in(city)
        page = client.get(f"{address}barriers/?{options}").content.decode()
        rows = re.findall(rf'<a href="({address}cases/\?figure=above[^"]*)">([\d,]+)<', page)
        assert len(rows) > 5
        for query, said in rows[:6]:
            listed = client.get(query.replace("&amp;", "&").replace("/cases/", "/cases.csv")).content
            table = pd.read_csv(io.BytesIO(listed), encoding="utf-8-sig")
            assert len(table) == int(said.replace(",", ""))
            assert table["time"].is_monotonic_decreasing
            assert (table["time"] >= 0).all()


@pytest.mark.django_db
def test_a_rate_is_the_readers_own_and_turns_days_into_dollars(city: Jurisdiction) -> None:
    with frozen_at(NOW):
        client = signed_in(city)
        page = client.get(f"/evaluate/{city.code}/barriers/?rate=45.50").content.decode()
        table = pd.read_csv(
            io.BytesIO(client.get(f"/evaluate/{city.code}/barriers/barriers.csv?rate=100").content),
            encoding="utf-8-sig",
        )
        plain = client.get(f"/evaluate/{city.code}/").content.decode()
    assert "At your rate of $45.50 a case-day that is $" in page
    assert (table["dollars"] - 100 * table["above_days"]).abs().max() <= 0.51
    assert "At your rate" not in plain
    assert "saving" not in page.lower()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("rate=-3", "The cost of a case-day is not an amount: “-3”"),
        ("rate=0", "The cost of a case-day is not an amount: “0”"),
        ("rate=٣", "The cost of a case-day is not an amount"),
        ("by=mayor", "“by” is “mayor”: write one of office, step, handover."),
        ("clock=sundial", "“clock” is “sundial”"),
        ("baseline=best", "“baseline” is “best”"),
    ],
)
def test_what_cannot_be_read_is_refused(city: Jurisdiction, wrong: str, said: str) -> None:
    with frozen_at(NOW):
        response = signed_in(city).get(f"/evaluate/{city.code}/barriers/?{wrong}")
    assert response.status_code == 422
    assert said in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["", "barriers/", "barriers/?by=step", "barriers/?by=handover", "guide/"])
def test_a_period_without_cases_says_so_where_cases_go_by_steps(city: Jurisdiction, page: str) -> None:
    with frozen_at(NOW):
        joint = "&" if "?" in page else "?"
        response = signed_in(city).get(f"/evaluate/rivemont/{page}{joint}from=1999-01-01&to=1999-01-02")
    assert response.status_code == 200
    assert "No case fits these filters" in response.content.decode()
