"""The register of changes: plans that stand, labels that tell, refusals in sentences, and what came of a change."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import translation
from pytest_django import DjangoDbBlocker

from analytics.models import Intervention
from requests_app.actions._draft import Draft
from requests_app.actions.bulk import BulkCase, BulkEvent, write_cases
from requests_app.clock import frozen_at
from requests_app.models import Jurisdiction, Membership, Office, Service, User
from requests_app.permissions import Role
from requests_app.states import Activity, Outcome
from tests.integration.analytics.archives import run_archives
from tests.undone import check_promises, undone

pytestmark = pytest.mark.django_db
START = datetime(2025, 6, 2, 12, 0, tzinfo=UTC)
PRESENT = START + timedelta(weeks=70)
CHANGE = (START + timedelta(weeks=44)).date()
OFFICES = ("north", "south", "east", "west", "centre")
CUT = 0.40
"""What is planted at the north office from the change on."""


def build_place() -> Jurisdiction:
    place = Jurisdiction.objects.create(code="five", names={"en": "Five Offices", "fr": "Cinq-Bureaux"})
    for code in (*OFFICES, "closed"):
        Office.objects.create(jurisdiction=place, code=code, names={"en": code.title(), "fr": f"Bureau {code}"})
    for code in ("permit", "pothole"):
        Service.objects.create(
            jurisdiction=place, code=code, names={"en": code.title(), "fr": code}, publicity="public"
        )
    write_cases(place.pk, list(cases_of(place)), check_moves=True)
    return place


def cases_of(place: Jurisdiction):
    """Six cases a week at each office, held some five days; the north office takes 40 % less from the change on."""
    random = np.random.default_rng(4)
    offices = {office.code: office.pk for office in Office.objects.filter(jurisdiction=place)}
    services = list(Service.objects.filter(jurisdiction=place).order_by("code").values_list("pk", flat=True))
    number = 0
    for week in range(69):
        for place_of, code in enumerate(OFFICES):
            for _ in range(6):
                number += 1
                filed = START + timedelta(weeks=week, hours=float(random.uniform(0, 160)))
                days = float(random.gamma(4, 1.2 + 0.2 * place_of))
                if code == "north" and filed.date() >= CHANGE:
                    days *= 1 - CUT
                done = filed + timedelta(days=days)
                events = [
                    BulkEvent(Draft(Activity.SUBMITTED, service_id=services[number % 2]), filed),
                    BulkEvent(Draft(Activity.ROUTED, office_id=offices[code]), filed),
                    BulkEvent(Draft(Activity.ACCEPTED), filed + timedelta(days=days / 4)),
                    BulkEvent(Draft(Activity.STARTED), filed + timedelta(days=days / 2)),
                ]
                if done < PRESENT:
                    events.append(BulkEvent(Draft(Activity.RESOLVED, outcome=Outcome.RESOLVED), done))
                yield BulkCase(f"F-{number}", [event for event in events if event.occurred_at < PRESENT])


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The place, built once for this module in a transaction that is undone after it."""
    with undone(django_db_blocker):
        with frozen_at(PRESENT):
            build_place()
            check_promises()
        yield


@pytest.fixture
def place(built: None, db: None) -> Iterator[Jurisdiction]:
    with frozen_at(PRESENT), translation.override("en"):
        yield Jurisdiction.objects.get(code="five")


def browser_of(place: Jurisdiction, role: Role = Role.EVALUATOR, **narrowed: object) -> Client:
    user = User.objects.create_user(f"user-{User.objects.count()}", "a long password", display_name="Eva Luator")
    Membership.objects.create(user=user, role=role, jurisdiction=place, **narrowed)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def evaluator(place: Jurisdiction) -> Client:
    return browser_of(place)


FORM = {
    "what": "Visits are planned the day before",
    "kind": "process",
    "offices": ["north"],
    "comparison": ["south", "east", "west", "centre"],
    "happens_on": CHANGE.isoformat(),
    "expected_percent": "-30",
    "weeks_before": "40",
    "weeks_after": "20",
    "measure": "held",
}


def send(client: Client, **changed: object):
    return client.post("/evaluate/five/changes/new/", {**FORM, **changed})


# --- the register --------------------------------------------------------------------------------------------------


def test_a_change_registered_before_its_day_is_pre_specified(place: Jurisdiction, evaluator: Client) -> None:
    with frozen_at(PRESENT - timedelta(weeks=30)):
        assert send(evaluator).status_code == 302
    assert Intervention.objects.get().is_prespecified
    page = evaluator.get("/evaluate/five/changes/1/").content.decode()
    assert "pre-specified" in page


def test_a_change_registered_on_its_day_is_exploratory(place: Jurisdiction, evaluator: Client) -> None:
    today = PRESENT.date().isoformat()
    assert send(evaluator, happens_on=today).status_code == 302
    assert not Intervention.objects.get().is_prespecified


def test_the_day_is_that_of_the_place(place: Jurisdiction, evaluator: Client) -> None:
    """Half past nine in the evening in Toronto is the next day in UTC."""
    evening = datetime(2026, 8, 1, 1, 30, tzinfo=UTC)
    with frozen_at(evening):
        send(evaluator, happens_on="2026-08-01")
    assert Intervention.objects.get().is_prespecified


def test_what_is_registered_cannot_be_altered(place: Jurisdiction, evaluator: Client) -> None:
    send(evaluator)
    for alter in (
        lambda: Intervention.objects.update(comparison=["south"]),
        lambda: Intervention.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            alter()
    assert Intervention.objects.get().comparison == ["south", "east", "west", "centre"]


def test_a_later_version_stands_beside_and_does_not_count(place: Jurisdiction, evaluator: Client) -> None:
    with frozen_at(PRESENT - timedelta(weeks=30)):
        send(evaluator)
    send(evaluator, of="1", seen="1", comparison=["south", "east"], what="Second thoughts")
    first, second = Intervention.objects.order_by("version")
    assert (first.number, second.number, second.version) == (1, 1, 2)
    assert evaluator.get("/evaluate/five/changes/1/").context["page"].change == first
    other = evaluator.get("/evaluate/five/changes/1/?version=2")
    assert other.context["page"].change == second
    assert "exploratory" in other.content.decode()
    assert evaluator.get("/evaluate/five/changes/1/?version=3").status_code == 404


def test_two_who_write_a_version_at_once_do_not_both_get_it(place: Jurisdiction, evaluator: Client) -> None:
    send(evaluator)
    assert send(evaluator, of="1", seen="1").status_code == 302
    late = send(evaluator, of="1", seen="1")
    assert late.status_code == 409
    assert "version 2" in late.content.decode()
    assert Intervention.objects.count() == 2


def test_the_versions_of_a_change_are_one_line_of_the_list_wherever_their_days_lie(
    place: Jurisdiction, evaluator: Client
) -> None:
    send(evaluator, what="First")
    send(evaluator, what="Second", happens_on=(CHANGE - timedelta(days=10)).isoformat())
    send(evaluator, of="1", seen="1", what="First, again", happens_on=(CHANGE - timedelta(days=20)).isoformat())
    lines = evaluator.get("/evaluate/five/changes/").context["page"].lines
    assert [(line.change.what, line.versions) for line in lines] == [("Second", 1), ("First, again", 2)]


def test_a_change_that_is_no_number_is_not_found_and_nothing_is_registered(
    place: Jurisdiction, evaluator: Client
) -> None:
    assert evaluator.get("/evaluate/five/changes/new/?of=1x").status_code == 404
    assert send(evaluator, of="1x", seen="1").status_code == 404
    assert not Intervention.objects.exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"happens_on": "2020-01-01"}, "The data begin on"),
        ({"happens_on": "2031-01-01"}, "more than two years away"),
        ({"happens_on": "2026-02-30"}, "is not a day"),
        ({"happens_on": ""}, "from which day"),
        ({"offices": ["nowhere"]}, "There is no office “nowhere” here"),
        ({"offices": []}, "Choose the office that changes"),
        ({"comparison": ["south"]}, "Choose two or more offices"),
        ({"comparison": ["north", "south", "east"]}, "cannot be compared with"),
        ({"services": ["ghost"]}, "There is no service “ghost” here"),
        ({"weeks_after": "2"}, "write a number from 4 to 104"),
        ({"weeks_before": "٣٠"}, "write a number from 8 to 104"),
        ({"expected_percent": "a lot"}, "is no change in percent"),
        ({"what": " "}, "what is changed"),
        ({"what": "x" * 201}, "shorten it to 200"),
        ({"kind": "magic"}, "There is no choice “magic”"),
        ({"measure": "magic"}, "There is no choice “magic”"),
        ({"note": "x" * 2001}, "shorten it to 2,000"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(
    place: Jurisdiction, evaluator: Client, changed: dict[str, object], said: str
) -> None:
    answer = send(evaluator, **changed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Intervention.objects.count() == 0


def test_a_day_after_which_every_stay_still_runs_is_refused(place: Jurisdiction, evaluator: Client) -> None:
    filed = PRESENT - timedelta(hours=20)
    office = Office.objects.get(code="closed")
    for number, moved in enumerate((timedelta(0), timedelta(hours=1))):
        events = [
            BulkEvent(Draft(Activity.SUBMITTED, service_id=Service.objects.get(code="permit").pk), filed + moved),
            BulkEvent(Draft(Activity.ROUTED, office_id=office.pk), filed + moved),
        ]
        write_cases(place.pk, [BulkCase(f"G-{number}", events)], check_moves=True)
    answer = send(evaluator, offices=["closed"], happens_on=(PRESENT - timedelta(days=3)).date().isoformat())
    assert answer.status_code == 422
    assert "All 2 stays that began there" in answer.content.decode()


def test_who_sees_a_part_of_the_place_gets_no_register(place: Jurisdiction) -> None:
    service = Service.objects.get(code="permit")
    narrowed = browser_of(place, Role.MANAGER, service=service)
    assert narrowed.get("/evaluate/five/changes/").status_code == 403
    assert send(narrowed).status_code == 403
    assert browser_of(place, Role.MANAGER).get("/evaluate/five/changes/").status_code == 200
    handler = browser_of(place, Role.HANDLER, office=Office.objects.get(code="north"))
    assert handler.get("/evaluate/five/changes/").status_code == 403


# --- before --------------------------------------------------------------------------------------------------------


def test_before_a_change_it_is_said_what_could_be_seen(place: Jurisdiction, evaluator: Client) -> None:
    answer = evaluator.get(
        "/evaluate/five/changes/see/?offices=south&weeks_after=20&comparison=east&comparison=west&comparison=centre"
    )
    found = answer.context["page"].seen.found
    assert 0.15 <= found.smallest <= 0.60, "100 stays of a few days each"
    assert found.false_alarms <= 0.10
    assert "told from chance" in answer.content.decode()
    shares = list(found.detected)
    assert shares[60] > 0.9


def test_offices_to_compare_with_are_suggested_with_the_reason(place: Jurisdiction, evaluator: Client) -> None:
    answer = evaluator.get("/evaluate/five/changes/see/?offices=south&weeks_after=12")
    page = answer.context["page"]
    assert set(page.seen.compared) >= {"east", "west", "centre"}
    assert "north" not in page.seen.compared, "its time fell by 40 % in that year"
    assert "the same trend before" in answer.content.decode()


def test_with_its_day_named_nothing_after_it_is_looked_at(place: Jurisdiction, evaluator: Client) -> None:
    page = evaluator.get(f"/evaluate/five/changes/see/?offices=south&happens_on={CHANGE}").context["page"]
    assert "north" in page.seen.compared, "its time fell only later"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("offices=nowhere", "There is no office “nowhere” here"),
        ("offices=north&happens_on=2020-01-01", "The data begin on"),
        ("offices=north&weeks_after=999", "write a number from 4 to 104"),
        ("offices=north&measure=magic", "There is no choice “magic”"),
    ],
)
def test_a_bad_question_is_refused(place: Jurisdiction, evaluator: Client, query: str, said: str) -> None:
    answer = evaluator.get(f"/evaluate/five/changes/see/?{query}")
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert evaluator.get(f"/evaluate/five/changes/see/curve.csv?{query}").status_code == 422


def test_too_little_past_is_said_and_no_number_given(place: Jurisdiction, evaluator: Client) -> None:
    answer = evaluator.get("/evaluate/five/changes/see/?offices=south&weeks_after=104&comparison=east&comparison=west")
    assert answer.status_code == 200
    assert answer.context["page"].seen.found is None
    assert "No claim" in answer.context["page"].headline


def test_a_change_to_come_shows_what_could_be_seen(place: Jurisdiction, evaluator: Client) -> None:
    send(evaluator, happens_on=(PRESENT + timedelta(weeks=3)).date().isoformat())
    page = evaluator.get("/evaluate/five/changes/1/").context["page"]
    assert page.is_to_come
    assert page.cuts is not None


# --- after ---------------------------------------------------------------------------------------------------------


def test_a_planted_cut_is_found_and_said_first(place: Jurisdiction, evaluator: Client) -> None:
    send(evaluator)
    page = evaluator.get("/evaluate/five/changes/1/").context["page"]
    effect = page.evaluated.effect
    assert effect.low < -CUT < effect.high
    assert effect.p_value < 0.05
    assert re.match(
        r"Time held at North fell by about \d+% \(95% interval \d+ to \d+% less\) compared with 4 other", page.headline
    )
    assert page.headline.endswith("exploratory.")
    before = [one for one in page.evaluated.periods if not one.is_after]
    after = [one for one in page.evaluated.periods if one.is_after]
    assert np.mean([one.estimate for one in before]) > -0.1
    assert np.mean([one.estimate for one in after]) < -0.3


def test_it_does_not_cry_wolf_where_nothing_changed(place: Jurisdiction, evaluator: Client) -> None:
    send(evaluator)
    found = evaluator.get("/evaluate/five/changes/1/").context["page"].evaluated
    tried = [*found.dates, *found.offices]
    could = [one for one in tried if one.effect.estimate is not None]
    assert len(could) >= 6
    assert sum(one.cries for one in could) <= 1


def test_only_the_offices_of_the_plan_are_compared_with(place: Jurisdiction, evaluator: Client) -> None:
    send(evaluator, comparison=["south", "east", "west"], weeks_after="10")
    effect = evaluator.get("/evaluate/five/changes/1/").context["page"].evaluated.effect
    assert set(effect.comparison) == {"south", "east", "west"}
    assert effect.weeks_after == 10


def test_a_refusal_is_the_headline(place: Jurisdiction, evaluator: Client) -> None:
    send(evaluator, happens_on=(PRESENT - timedelta(weeks=2)).date().isoformat())
    page = evaluator.get("/evaluate/five/changes/1/").context["page"]
    assert page.headline.startswith("No claim: only")
    assert page.sections == ()


def test_whole_cases_and_the_mix_stand_beside(place: Jurisdiction, evaluator: Client) -> None:
    send(evaluator)
    found = evaluator.get("/evaluate/five/changes/1/").context["page"].evaluated
    assert found.whole.estimate == pytest.approx(found.effect.estimate, abs=0.1), "one office a case"
    assert abs(found.mix_alone) < 0.05
    assert not any(share.has_shifted for share in found.shares)


def test_a_count_leads_to_its_cases(place: Jurisdiction, evaluator: Client) -> None:
    send(evaluator)
    frame = evaluator.get("/evaluate/five/changes/1/").context["page"].evaluated
    n = int((frame.compared.treated & frame.compared.after).sum())
    listed = evaluator.get("/evaluate/five/changes/1/cases/?side=after&office=north").context["listed"]
    assert listed.total == n
    assert listed.counted == f"{n} stays"
    assert evaluator.get("/evaluate/five/changes/1/cases/?side=never").status_code == 422


def test_tables_are_files_and_can_be_recomputed(place: Jurisdiction, evaluator: Client, tmp_path) -> None:
    send(evaluator)
    sections = evaluator.get("/evaluate/five/changes/1/").context["page"].sections
    assert [one.id for one in sections] == [
        "weeks", "offices", "elsewhere", "without", "services", "shares", "end-to-end",
    ]  # fmt: skip
    for section in sections:
        address = f"/evaluate/five/changes/1/{section.table.name}"
        assert evaluator.get(f"{address}.csv").status_code == 200
        assert evaluator.get(f"{address}.parquet").status_code == 200
    again = [f"/evaluate/five/changes/1/{one.table.name}.zip" for one in sections]
    before = [
        f"/evaluate/five/changes/see/{table}.zip?offices=south&weeks_after=20" for table in ("curve", "companions")
    ]
    run_archives(evaluator, [*again, *before], tmp_path)
    assert evaluator.get("/evaluate/five/changes/1/nothing.csv").status_code == 404


def test_the_sheet_holds_the_answer_and_the_plan(place: Jurisdiction, evaluator: Client) -> None:
    send(evaluator)
    answer = evaluator.get("/evaluate/five/changes/1/sheet/")
    page = answer.content.decode()
    assert answer.context["page"].headline in page
    assert "Compared with" in page
    assert "style=" not in page


@pytest.mark.parametrize("path", ["", "new/", "see/?offices=south&weeks_after=12", "1/", "1/sheet/"])
def test_pages_speak_french(place: Jurisdiction, evaluator: Client, path: str) -> None:
    send(evaluator)
    joint = "&" if "?" in path else "?"
    page = evaluator.get(f"/evaluate/five/changes/{path}{joint}lang=fr", follow=True).content.decode()
    main = page[page.index("<main") :]
    for english in ("Register", "Compared", "office", "weeks", "Time held", "Could we", "pre-specified"):
        assert english not in re.sub(r"<[^>]*>", " ", main), english


def test_a_page_costs_few_statements(place: Jurisdiction, evaluator: Client, django_assert_max_num_queries) -> None:
    send(evaluator)
    evaluator.get("/evaluate/five/changes/1/")
    with django_assert_max_num_queries(14):
        evaluator.get("/evaluate/five/changes/1/")
    assert date.fromisoformat(FORM["happens_on"]) == CHANGE
