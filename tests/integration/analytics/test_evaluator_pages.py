import csv
import io
import re

import pytest

from analytics.loading import _frames, load
from analytics.reports.bottlenecks import bottlenecks
from analytics.reports.filters import Filters
from requests_app.actions.bulk import write_cases
from requests_app.models import Hold, Membership, ServiceRequest, User
from requests_app.permissions import Grant, Role, Viewer
from tests.integration.analytics.town import build_town, case, days

pytestmark = pytest.mark.django_db
REPORT = "/evaluate/permit-town/"


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
        said = words(listed)
        assert f"{shown} case" in said or f"{shown} hand-over" in said, address


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
        "as_of": "2026-04-01T10:00:00-04:00", "clock": "calendar time, nights and weekends included",
    }  # fmt: skip
    pairs = rows_of(evaluator.get(f"{REPORT}handovers.csv"))
    assert {(row["sender"], row["receiver"], row["handovers"], row["timed"], row["waiting_now"]) for row in pairs} == {
        ("Intake desk", "Plan review", "3", "2", "1"),
        ("Plan review", "Intake desk", "1", "1", "0"),
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
                unit = "" if cell.value is None else table.text(column, cell.value)
                if column.kind in {"duration", "case_days"} and isinstance(plain, float) and unit[-1].isdigit():
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
        ("to=2026-02-31", "“Filed to”: there is no day 2026-02-31 in the calendar."),
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


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("figure=held", "The address names no office"),
        ("figure=handover&of=intake", "The address names no receiving office: add to_office="),
        ("figure=waiting&to_office=intake", "The address names no office"),
    ],
)
def test_a_figure_without_its_offices_is_refused_in_a_sentence(evaluator, query, sentence):
    response = evaluator.get(f"{REPORT}cases/?{query}")
    assert response.status_code == 422
    assert sentence in words(response)


def test_a_page_beyond_the_end_says_so(evaluator):
    assert "There is no such page: the list ends with page 1" in words(evaluator.get(f"{REPORT}cases/?page=7"))
    assert "There is no such page" not in words(evaluator.get(f"{REPORT}cases/?page=1"))


def test_a_period_wider_than_the_data_shows_what_there_is(evaluator):
    said = words(evaluator.get(f"{REPORT}?from=2020-01-01&to=2026-03-04"))
    assert "filed from January 1, 2020 to March 4, 2026 (there are cases from March 2, 2026 to March 6, 2026)" in said
    assert "there are cases from" not in words(evaluator.get(f"{REPORT}?from=2026-03-03"))


# --- Files ---------------------------------------------------------------------------------------------------------


def test_a_file_is_refused_in_words_and_never_a_page_to_sign_in(town, client):
    for name in ("offices.csv", "cases.csv?figure=all"):
        response = client.get(f"{REPORT}{name}")
        assert response.status_code == 401
        assert response["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("offices.csv", "permit-town_offices_asof-2026-04-01T1000.csv"),
        (
            "offices.csv?from=2026-03-01&to=2026-03-31&service=permit",
            "permit-town_offices_2026-03-01_2026-03-31_permit_asof-2026-04-01T1000.csv",
        ),
        (
            "cases.csv?figure=handover&of=intake&to_office=review",
            "permit-town_cases_handover_intake_review_asof-2026-04-01T1000.csv",
        ),
    ],
)
def test_the_name_of_a_file_says_what_is_in_it(evaluator, address, name):
    assert evaluator.get(f"{REPORT}{address}")["Content-Disposition"] == f'attachment; filename="{name}"'


def test_each_hand_over_has_its_line_so_the_median_can_be_worked_out_again(evaluator):
    way = "of=intake&to_office=review"
    each = rows_of(evaluator.get(f"{REPORT}cases.csv?figure=handovers&{way}"))
    pair = next(row for row in rows_of(evaluator.get(f"{REPORT}handovers.csv")) if row["sender"] == "Intake desk")
    hours = 24 if "time_days" in each[0] else 1
    times = [float(row.get("time_days") or row.get("time_hours") or 0) * hours for row in each]
    assert [time for time in times if time] == [48.0, 12.0]
    assert float(pair["median_hours"]) == 30.0
    back = rows_of(evaluator.get(f"{REPORT}cases.csv?figure=returned&{way}"))
    assert [row["reference"] for row in back] == ["PT-2"]


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


def test_an_event_log_says_not_recorded_where_nobody_knows_what_is_open_or_how_it_ended(town, evaluator):
    ServiceRequest.objects.filter(reference="PT-3").update(closed_at=days(9))
    Hold.objects.filter(request__reference="PT-3").update(ended_at=days(9))
    town.place.not_recorded = ["accepted", "started", "outcomes"]
    town.place.save()
    _frames.clear()
    page = evaluator.get(REPORT)
    said = words(page)
    assert "5 cases: half took" in said
    assert "Whether a case is still open is not recorded." in said
    assert "still open." not in said
    assert "How a case ended is not recorded" in said
    assert "do not add the two tables" in said
    services = rows_of(evaluator.get(f"{REPORT}services.csv"))
    assert {(row["open"], row["stopped"]) for row in services} == {("", "")}
    assert {row["cases_now"] for row in rows_of(evaluator.get(f"{REPORT}offices.csv"))} == {""}
    assert {row["state"] for row in rows_of(evaluator.get(f"{REPORT}cases.csv?figure=all"))} == {""}


def test_offices_in_parallel_are_no_hand_over_and_the_page_says_so(town, evaluator):
    first = Hold.objects.get(request__reference="PT-4")
    Hold.objects.exclude(pk=first.pk).delete()
    Hold.objects.create(
        request=first.request, office=town.offices["review"], branch=1, number=7, sent_at=days(4), ended_at=days(5)
    )
    _frames.clear()
    said = words(evaluator.get(REPORT))
    assert "No case was handed from one office to another. 1 case was looked at by further offices in parallel" in said


def test_what_was_open_when_the_cohort_is_young_is_a_warning(town, evaluator):
    young = [
        case(town, f"PY-{n}", "pothole", "west", [(28, "submitted", None), (28, "routed", "roads")]) for n in range(9)
    ]
    write_cases(town.place.pk, young, check_moves=True)
    assert "Recent cases: the quick ones are over-represented." in words(evaluator.get(f"{REPORT}?from=2026-03-25"))
    assert "9 of 9 are still open" in words(evaluator.get(f"{REPORT}?from=2026-03-25"))
    assert "Recent cases" not in words(evaluator.get(f"{REPORT}?to=2026-03-10"))


def test_endings_without_an_outcome_stand_in_the_headline_when_they_are_most(town, evaluator):
    fact = {"en": "4 closing notes name no outcome we know.", "fr": "4", "fact": "outcome_unknown", "count": "4"}
    town.place.assumptions = [fact]
    town.place.save()
    assert "4 of the 4 closed cases of this source name no outcome" in words(evaluator.get(REPORT))
    town.place.assumptions = [{**fact, "count": "2"}]
    town.place.save()
    assert "closed cases of this source" not in words(evaluator.get(REPORT))


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
    ("address", "most"), [(REPORT, 16), (f"{REPORT}cases/?figure=all", 17), ("/evaluate/map/permit-town/", 17)]
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


def test_the_map_says_how_many_answered_cases_it_cannot_show(town, evaluator):
    ServiceRequest.objects.filter(reference="PT-1").update(area=None)
    _frames.clear()
    said = words(evaluator.get("/evaluate/map/permit-town/"))
    assert "1 answered case has no area and is not on the map." in said


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
