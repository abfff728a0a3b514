"""What the pages on data quality and equity say of cases whose truth is known."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import translation

from analytics.loading import load
from analytics.reports.filters import Filters
from analytics.reports.measure import measure
from analytics.reports.sections import Section, subject_of
from analytics.reports.views.equity import equity_view
from analytics.reports.views.quality import quality_view
from requests_app.actions.bulk import write_cases
from requests_app.clock import frozen_at
from requests_app.permissions import Grant, Role, Viewer
from tests.integration.analytics.archives import run_archives
from tests.integration.analytics.town import PRESENT, Town, build_town, case, days, potholes

pytestmark = pytest.mark.django_db


@pytest.fixture
def empty_town(db: None) -> Iterator[Town]:
    with frozen_at(PRESENT + timedelta(days=400)), translation.override("en"):
        yield build_town("empty-town")


def section(town: Town, page, name: str) -> Section:
    viewer = Viewer(1, (Grant(Role.EVALUATOR, town.place.pk),))
    made = page(subject_of(measure(load(town.place, viewer), Filters())), {})
    return next(one for one in made.sections if one.id == name)


def cells(found: Section) -> dict[str, list[object]]:
    assert found.table is not None
    return {str(row.cells[0].value): [cell.value for cell in row.cells[1:]] for row in found.table.rows}


def test_an_area_that_waits_twice_as_long_for_the_same_is_named(empty_town: Town) -> None:
    potholes(empty_town, 60, 3.0, name="E", area="east")
    potholes(empty_town, 60, 6.0)
    found = section(empty_town, equity_view, "area")
    assert "West waits longest for the same services" in found.sentence
    assert [row[-1] for row in cells(found).values()] == ["yes", "yes"]


def test_a_difference_that_is_only_one_of_mix_is_none(empty_town: Town) -> None:
    for area, slow, quick in (("east", 50, 10), ("west", 10, 50)):
        potholes(empty_town, slow, 9.0, name=f"{area}-slow", area=area, service="permit")
        potholes(empty_town, quick, 2.0, name=area, area=area)
    found = section(empty_town, equity_view, "area")
    assert "No area waits longer or shorter" in found.sentence


def test_an_area_of_nine_cases_is_not_shown_and_counted_as_left_out(empty_town: Town) -> None:
    potholes(empty_town, 40, 3.0, name="E", area="east")
    potholes(empty_town, 9, 6.0)
    found = section(empty_town, equity_view, "area")
    assert found.table is None
    assert "1 group of fewer than 10 cases" in found.basis.left_out


def test_missing_clocks_are_counted_by_office(town: Town) -> None:
    # of four finished holds at review and intake, one of intake and one of review never began
    found = cells(section(town, quality_view, "clocks"))
    assert found["Roads"] == [2, 0.5, 1.0, 1.0]
    assert found["Intake desk"] == [4, 0.0, 0.5, 0.5]


def test_events_at_the_same_moment_are_counted(town: Town) -> None:
    # the routing of each of five, a start and an end
    found = cells(section(town, quality_view, "kept"))
    tied = next(values for name, values in found.items() if name.startswith("Events at the very time"))
    assert tied[:2] == [7, 28]


def test_an_event_told_twice_is_left_out_and_counted_once(town: Town) -> None:
    steps = [(3, "submitted", None), (3, "routed", "roads"), (4, "supported", None), (4, "supported", None)]
    write_cases(town.place.pk, [case(town, "PT-9", "pothole", "west", steps)], check_moves=False)
    viewer = Viewer(1, (Grant(Role.EVALUATOR, town.place.pk),))
    source = load(town.place, viewer)
    records = len(source.frames.cases) + len(source.frames.holds) + len(source.frames.events)
    made = quality_view(subject_of(measure(source, Filters())), {})
    assert made.headline.startswith(f"1 of {records} records are left out.")


def test_what_an_imported_source_never_says_is_in_words(town: Town) -> None:
    town.place.not_recorded = ["accepted", "started"]
    town.place.save()
    assert section(town, quality_view, "clocks").sentence == "Not recorded by this source."
    assert "when work on a case began" in section(town, quality_view, "silent").sentence


def test_both_pages_cost_a_handful_of_statements(town: Town, django_assert_max_num_queries) -> None:
    client = town.browser()
    for page in ("quality", "equity"):
        with django_assert_max_num_queries(16):
            assert client.get(f"/evaluate/permit-town/{page}/").status_code == 200


def late_potholes(empty_town: Town, area: str, late: int, kept: int, service: str = "pothole") -> None:
    """Answered after two days; late ones were promised for the first, the others for the third."""
    cases = [
        replace(
            case(empty_town, f"{area}-{service}-{n}-due", service, area, [
                (n / 10, "submitted", None), (n / 10, "routed", "roads"), (n / 10 + 0.1, "accepted", None),
                (n / 10 + 2, "resolved", "resolved"),
            ]),
            due_at=days(n / 10 + (1 if n < late else 3)),
        )
        for n in range(late + kept)
    ]  # fmt: skip
    write_cases(empty_town.place.pk, cases, check_moves=True)


def test_an_area_that_is_late_more_often_for_the_same_is_named_and_stands_on_the_map(
    empty_town: Town, tmp_path
) -> None:
    late_potholes(empty_town, "east", 30, 30)
    late_potholes(empty_town, "west", 6, 54)
    found = section(empty_town, equity_view, "late-areas")
    assert found.sentence.startswith("East is late most often for the same services: 50.0% of 60 promises")
    assert cells(found)["East"][:5] == [60, 30, 0.5, 0.1, 5.0]
    client = empty_town.browser()
    run_archives(client, ["/evaluate/empty-town/equity/late-areas.zip"], tmp_path)
    listed = client.get("/evaluate/empty-town/cases/?figure=promise_broken&area=east").context["listed"]
    assert listed.total == 30
    for shows, said in (("late", "Late promises over"), ("time", "Median time over"), ("median", "Median days")):
        page = client.get(f"/evaluate/map/empty-town/?shows={shows}")
        assert page["Content-Security-Policy"].startswith("sandbox allow-scripts")
        assert said in page.content.decode()
    assert "5.00" in client.get("/evaluate/map/empty-town/?shows=late").content.decode()
    assert client.get("/evaluate/map/empty-town/?shows=love").status_code == 422


def test_lateness_that_is_only_one_of_mix_is_none(empty_town: Town) -> None:
    for area, slow, quick in (("east", 50, 10), ("west", 10, 50)):
        late_potholes(empty_town, area, slow, 0, "permit")
        late_potholes(empty_town, area, 0, quick)
    found = section(empty_town, equity_view, "late-areas")
    assert found.sentence.startswith("No area is late more often")


def test_nine_promises_of_an_area_are_not_shown(empty_town: Town) -> None:
    late_potholes(empty_town, "east", 20, 20)
    late_potholes(empty_town, "west", 9, 0)
    found = section(empty_town, equity_view, "late-areas")
    assert found.table is None
    assert "1 group of fewer than 10 cases" in found.basis.left_out
