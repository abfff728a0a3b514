import csv
import io
import re

import pytest
from django.test import Client
from django.utils import translation

from analytics.loading import load
from analytics.reports.bottlenecks import bottlenecks
from analytics.reports.filters import Filters
from requests_app.actions.bulk import write_cases
from requests_app.clock import frozen_at
from requests_app.models import Membership, User
from requests_app.permissions import Grant, Role, Viewer
from tests.integration.analytics.town import PRESENT, build_town, case, write_permits

pytestmark = pytest.mark.django_db
REPORT = "/evaluate/permit-town/"


@pytest.fixture
def town():
    # A page leaves its language behind in the thread; what a test computes itself is said in English.
    with frozen_at(PRESENT), translation.override("en"):
        town = build_town()
        write_permits(town)
        yield town


@pytest.fixture
def evaluator(town):
    client = Client()
    client.force_login(town.evaluator())
    return client


def words(response):
    text = re.sub(r"<(style|script)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).replace("\u202f", " ").replace("\xa0", " ")


def rows_of(response):
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


# --- Who may look --------------------------------------------------------------------------------------------------


def test_a_visitor_is_sent_to_sign_in(town, client):
    response = client.get(REPORT)
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/?next=/evaluate/")


def test_a_handler_is_told_who_may_read_reports(town, client):
    handler = User.objects.create_user("handler", "a long password")
    Membership.objects.create(user=handler, role=Role.HANDLER, jurisdiction=town.place, office=town.offices["roads"])
    client.force_login(handler)
    for address in (REPORT, f"{REPORT}cases/", f"{REPORT}offices.csv", "/evaluate/map/permit-town/"):
        assert client.get(address).status_code == 403


@pytest.mark.parametrize("role", [Role.MANAGER, Role.EVALUATOR, Role.ADMINISTRATOR])
def test_managers_evaluators_and_administrators_may(town, client, role):
    user = User.objects.create_user("somebody", "a long password")
    Membership.objects.create(user=user, role=role, jurisdiction=town.place)
    client.force_login(user)
    assert client.get(REPORT).status_code == 200


def test_another_jurisdiction_is_not_found(town, evaluator):
    build_town("other-town")
    assert evaluator.get("/evaluate/other-town/").status_code == 404
    assert evaluator.get("/evaluate/map/other-town/").status_code == 404


def test_one_jurisdiction_needs_no_choice_and_two_do(town, client):
    user = town.evaluator()
    client.force_login(user)
    assert client.get("/evaluate/")["Location"] == REPORT
    other = build_town("other-town")
    Membership.objects.create(user=user, role=Role.EVALUATOR, jurisdiction=other.place)
    page = client.get("/evaluate/")
    assert page.status_code == 200
    assert "/evaluate/other-town/" in page.content.decode()


# --- What it says --------------------------------------------------------------------------------------------------


def test_the_report_names_the_office_that_holds_the_most_time(evaluator):
    said = words(evaluator.get(REPORT))
    assert "Intake desk holds the most time: 10 case-days, 52.6% of all. Half of its 3 cases left within 4 days" in said
    assert "5 cases: half of the 3 that were answered took 5 days or less; 1 still open." in said
    assert "as of April 1, 2026 at 10:00 am" in said


def test_the_same_page_in_french_has_no_english_figure(evaluator):
    said = words(evaluator.get(REPORT, headers={"accept-language": "fr"}))
    assert "Comptoir d’accueil" in said
    assert "52,6 %" in said
    assert "1er avril 2026 à 10 h" in said


def test_every_count_on_the_page_equals_the_length_of_its_list(town, evaluator):
    page = evaluator.get(REPORT).content.decode()
    links = re.findall(r'<a href="(/evaluate/permit-town/cases/\?[^"]+)">(\d+)</a>', page)
    assert len(links) > 12
    for address, shown in links:
        listed = evaluator.get(address.replace("&amp;", "&"))
        assert f"{shown} case" in words(listed), address


def test_a_list_shows_references_and_offices_and_never_words(evaluator):
    said = words(evaluator.get(f"{REPORT}cases/?figure=held&of=intake"))
    assert said.index("PT-3") < said.index("PT-1")
    assert "Intake desk → Plan review → Intake desk" in said


def test_a_list_as_a_file_has_days_that_programs_read(evaluator):
    listed = rows_of(evaluator.get(f"{REPORT}cases.csv?figure=answered&service=permit"))
    assert [(row["reference"], row["filed"], row["time_days"]) for row in listed] == [
        ("PT-1", "2026-03-02", "7.0"),
        ("PT-2", "2026-03-02", "5.0"),
    ]


def test_tables_as_files_hold_the_numbers_of_the_page(town, evaluator):
    table = rows_of(evaluator.get(f"{REPORT}offices.csv"))
    assert table[0] == {
        "office": "Intake desk", "cases": "3", "visits": "4", "median_days": "4.0", "p90_days": "4.0",
        "case_days": "10.0", "share": "0.5263", "cases_now": "0", "median_now_days": "",
    }  # fmt: skip
    pairs = rows_of(evaluator.get(f"{REPORT}handovers.csv"))
    assert {(row["sender"], row["receiver"], row["handovers"], row["waiting_now"]) for row in pairs} == {
        ("Intake desk", "Plan review", "3", "1"),
        ("Plan review", "Intake desk", "1", "0"),
    }
    assert evaluator.get(f"{REPORT}nothing.csv").status_code == 404


def test_the_page_shows_the_numbers_of_the_file_rounded(town, evaluator):
    viewer = Viewer(1, (Grant(Role.EVALUATOR, town.place.pk),))
    tables = bottlenecks(load(town.place, viewer), Filters()).tables
    compared = 0
    for table in tables.values():
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                plain = table.plain(column, cell.value)
                if column.kind in {"duration", "case_days"} and isinstance(plain, float):
                    shown = table.text(column, cell.value).replace("<\u00a0", "").replace(",", "")
                    assert abs(float(shown) - plain) <= (0.5 if plain >= 10 else 0.1)
                    compared += 1
    assert compared > 20


def test_a_name_that_looks_like_a_formula_is_made_harmless_in_files(town, evaluator):
    office = town.offices["intake"]
    office.names = {"en": "=HYPERLINK(1)", "fr": "x"}
    office.save()
    assert rows_of(evaluator.get(f"{REPORT}offices.csv"))[0]["office"] == "'=HYPERLINK(1)"


# --- Filters -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "n"),
    [
        ("service=permit", 3),
        ("area=east", 2),
        ("area=unknown", 1),
        ("office=review", 3),
        ("from=2026-03-05", 2),
        ("to=2026-03-04", 3),
        ("from=2026-03-02&to=2026-03-02", 2),
        ("service=pothole&area=west", 1),
        ("service=pothole&area=east", 0),
    ],
)
def test_filters_choose_the_cohort(evaluator, query, n):
    listed = evaluator.get(f"{REPORT}cases/?figure=all&{query}")
    assert (f"{n} case" in words(listed)) if n else ("No case stands behind this figure" in words(listed))
    assert evaluator.get(f"{REPORT}?{query}").status_code == 200


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=yesterday", "“Filed from” is not a day: “yesterday”. Write year-month-day"),
        ("to=2026-13-40", "“Filed to” is not a day"),
        ("from=2026-03-09&to=2026-03-02", "The period ends (March 2, 2026) before it begins (March 9, 2026)"),
        ("service=magic", "There is no service “magic” here: choose one from the list."),
        ("service=%00", "There is no service “\x00” here"),
        ("area=moon", "There is no area “moon” here"),
        ("office=<script>", "There is no office “&lt;script&gt;” here"),
    ],
)
def test_bad_filters_are_refused_in_a_sentence(evaluator, query, sentence):
    for address in (REPORT, f"{REPORT}offices.csv", f"{REPORT}cases/"):
        response = evaluator.get(f"{address}?{query}")
        assert response.status_code == 422
        assert sentence in words(response)


def test_periods_end_on_the_day_the_newest_case_was_filed_and_keep_the_other_filters(evaluator):
    page = evaluator.get(f"{REPORT}?service=permit").content.decode()
    assert 'href="?from=2026-02-05&amp;to=2026-03-06&amp;service=permit">Last 30 days<' in page
    assert '<a href="?service=permit" aria-current="true">All periods<' in page


def test_an_unknown_figure_is_refused(evaluator):
    assert evaluator.get(f"{REPORT}cases/?figure=magic").status_code == 422
    assert evaluator.get(f"{REPORT}cases/?figure=held&of=magic").status_code == 422


# --- What the source can support -----------------------------------------------------------------------------------


def test_what_a_source_does_not_record_is_said_and_never_zero(town, evaluator):
    town.place.not_recorded = ["handovers", "accepted", "started", "rework"]
    town.place.assumptions = [{"en": "One queue per case.", "fr": "Une seule file par dossier."}]
    town.place.save()
    page = evaluator.get(REPORT)
    said = words(page)
    assert said.count("Not recorded by this source.") == 3
    assert "Open to close, by office" in said
    assert "One queue per case." in said
    assert 'class="flow' not in page.content.decode()


def test_handovers_without_acceptance_are_timed_from_step_to_step(town, evaluator):
    town.place.not_recorded = ["accepted", "started"]
    town.place.save()
    viewer = Viewer(1, (Grant(Role.EVALUATOR, town.place.pk),))
    report = bottlenecks(load(town.place, viewer), Filters())
    assert "from the last step at one office to the first step at the next" in report.handovers.basis.clock
    assert report.clocks.sentence == "Not recorded by this source."
    assert "waiting_now" not in [column.key for column in report.handovers.table.columns]


def test_a_place_without_cases_has_sentences_and_no_empty_chart(town, client):
    empty = build_town("empty-town")
    client.force_login(empty.evaluator())
    page = client.get("/evaluate/empty-town/")
    assert page.status_code == 200
    assert "No case fits these filters" in words(page)
    assert not re.search(r"<(svg class=\"(flow|bar)|iframe|tbody)", page.content.decode())


# --- How it is made ------------------------------------------------------------------------------------------------


def test_pages_keep_the_strict_policy(evaluator):
    for address in (REPORT, f"{REPORT}cases/?figure=all"):
        page = evaluator.get(address)
        assert "unsafe" not in page["Content-Security-Policy"]
        assert not re.search(r"\sstyle=|<script(?! src)|\son\w+=", page.content.decode())


@pytest.mark.parametrize(
    ("address", "most"), [(REPORT, 14), (f"{REPORT}cases/?figure=all", 15), ("/evaluate/map/permit-town/", 15)]
)
def test_a_page_asks_the_database_little_however_many_cases_there_are(
    town, evaluator, django_assert_max_num_queries, address, most
):
    write_cases(
        town.place.pk,
        [
            case(town, f"PM-{n}", "pothole", "west", [(n % 9, "submitted", None), (n % 9, "routed", "roads")])
            for n in range(90)
        ],
        check_moves=True,
    )
    with django_assert_max_num_queries(most):
        assert evaluator.get(address).status_code == 200


# --- The map -------------------------------------------------------------------------------------------------------


def test_the_map_is_a_page_of_its_own_under_a_sandbox(evaluator):
    page = evaluator.get("/evaluate/map/permit-town/?service=permit")
    assert page.status_code == 200
    assert page["Content-Security-Policy"].startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    assert not re.search(r"(src|href)=\"(https?:)?//", page.content.decode())
    assert "vendor/leaflet/leaflet.js" in page.content.decode()


def test_names_cannot_break_out_of_the_map(town, evaluator):
    area = town.areas["east"]
    area.names = {"en": "</script><img src=x onerror=alert(1)>"}
    area.save()
    page = evaluator.get("/evaluate/map/permit-town/").content.decode()
    assert "<img src=x" not in page
    assert "</script><img" not in page
    assert page.count("<script") == page.count("</script>")


def test_bad_filters_of_the_map_are_refused(evaluator):
    assert evaluator.get("/evaluate/map/permit-town/?from=never").status_code == 422
