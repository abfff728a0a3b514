"""Measured time where people work: the citizen’s page, the desk’s queue and the report say the same.

42 potholes, all but one filed on Monday 2 March at 9 o’clock and sent to Roads at once: 19 finished on Tuesday
(1 working day), 3 on Thursday (3), 16 on Tuesday of the next week (6), 3 still open on Wednesday 1 April; one more came
the evening before. Worked by hand: after 1 working day 23 of 42 go on (0.548), after 3 it is 0.548 × 19/22 = 0.473, so
half took 3; after 6 it is 0.473 × 3/19 = 0.075, so nine in ten took 6. Of the finished ones alone, half took 1.
"""

from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import DjangoDbBlocker

from analytics.loading import _frames, load
from analytics.reports.filters import Filters
from analytics.reports.measure import measure
from analytics.reports.sections import subject_of
from analytics.reports.views.ageing import ageing_view
from analytics.reports.views.parts import Made
from backend.jobs import keep_what_is_usual
from requests_app.actions.bulk import write_cases
from requests_app.clock import frozen_at
from requests_app.models import Membership, OfficeTime, ServiceRequest, ServiceTime, User
from requests_app.permissions import SYSTEM, Role
from tests.integration.analytics.town import PRESENT, Town, build_town, case
from tests.undone import check_promises, undone

pytestmark = pytest.mark.django_db
ENDINGS = {1: 19, 3: 3, 8: 16, None: 3}
SENTENCE = "Of similar requests, half were finished in 3 working days, nine in ten in 6 days."


@pytest.fixture(scope="module")
def roads_town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Town]:
    steps = [(0, "submitted", None), (0, "routed", "roads"), (0.1, "accepted", None)]
    ends = [end for end, many in ENDINGS.items() for _ in range(many)]
    ways = [[*steps, *([(end, "resolved", "resolved")] if end else [])] for end in ends]
    late = [(29.5, "submitted", None), (29.5, "routed", "roads")]
    duplicates = [[*steps, (2, "resolved", "duplicate")] for _ in range(5)]
    named = {f"PT-P{n:03}": way for n, way in enumerate(ways)}
    named |= {f"PT-N{n:03}": way for n, way in enumerate([late, *duplicates])}
    with undone(django_db_blocker):
        with frozen_at(PRESENT):
            town = build_town(is_default=True, holiday_subdivision="ON")
            cases = [case(town, reference, "pothole", "west", way) for reference, way in named.items()]
            write_cases(town.place.pk, cases, check_moves=True)
            check_promises()
        yield town


@pytest.fixture
def town(roads_town: Town, db: None) -> Iterator[Town]:
    _frames.clear()
    with frozen_at(PRESENT), translation.override("en"):
        yield deepcopy(roads_town)


def manager_of(town: Town) -> Client:
    user = User.objects.create_user("manager", "a long password")
    Membership.objects.create(user=user, role=Role.MANAGER, jurisdiction=town.place)
    client = Client()
    client.force_login(user)
    return client


def report_of(town: Town) -> Made:
    return ageing_view(subject_of(measure(load(town.place, SYSTEM), Filters())), {})


def column(made: Made, table: str, key: str) -> list[object]:
    found = next(section.table for section in made.sections if section.table and section.table.name == table)
    place = [one.key for one in found.columns].index(key)
    return [row.cells[place].value for row in found.rows]


def test_page_queue_and_report_give_the_same_figures(town: Town) -> None:
    keep_what_is_usual()
    manager, made = manager_of(town), report_of(town)

    kept = ServiceTime.objects.get(service=town.services["pothole"])
    assert (kept.requests, kept.still_open, kept.half_days, kept.most_days) == (42, 4, 3, 6)
    assert column(made, "usual", "requests") == [42]
    assert column(made, "usual", "half_days") == [3]
    assert column(made, "usual", "most_days") == [6]
    assert SENTENCE in Client().get("/requests/PT-N000/").content.decode()

    assert OfficeTime.objects.get(office=town.offices["roads"]).nine_in_ten == timedelta(days=8)
    queue = manager.get("/desk/queue/?place=permit-town&tab=city&stay=long")
    assert [row.reference for row in queue.context["rows"]] == ["PT-P040", "PT-P039", "PT-P038"]
    assert queue.context["counts"].total == 3
    assert column(made, "longer", "longer") == [3]


def test_the_queue_marks_and_sorts_them_and_the_report_links_to_them(town: Town) -> None:
    keep_what_is_usual()
    manager = manager_of(town)
    everything = manager.get("/desk/queue/?place=permit-town&tab=city&sort=long")
    assert [row.reference for row in everything.context["rows"]] == ["PT-P038", "PT-P039", "PT-P040", "PT-N000"]
    assert everything.content.decode().count("longer here than 9 in 10 of its kind") == 3
    report = manager.get("/evaluate/permit-town/ageing/").content.decode()
    address = "/desk/queue/?place=permit-town&amp;tab=city&amp;office=roads&amp;stay=long&amp;sort=long"
    assert address in report
    followed = manager.get(address.replace("&amp;", "&"))
    assert [row.reference for row in followed.context["rows"]] == ["PT-P038", "PT-P039", "PT-P040"]
    desk = manager.get("/desk/requests/PT-P038/").content.decode()
    assert "Longer than 9 in 10 of its kind" in desk
    assert "/evaluate/permit-town/ageing/?service=pothole" in desk


def test_the_way_through_a_list_in_that_order(town: Town) -> None:
    keep_what_is_usual()
    page = manager_of(town).get("/desk/requests/PT-P039/?place=permit-town&tab=city&sort=long")
    assert (page.context["before"], page.context["behind"]) == ("PT-P038", "PT-P040")


def test_too_few_requests_tell_nothing_but_the_promise(town: Town) -> None:
    ServiceRequest.objects.filter(reference__startswith="PT-P00").update(service=town.services["permit"])
    ServiceRequest.objects.filter(reference__startswith="PT-P01").update(service=town.services["permit"])
    keep_what_is_usual()
    assert ServiceTime.objects.get(service=town.services["pothole"]).requests == 22
    page = Client().get("/requests/PT-N000/").content.decode()
    assert "Of similar requests" not in page
    assert "No date is promised for this service." in page


def test_requests_older_than_a_year_tell_nothing(town: Town) -> None:
    with frozen_at(PRESENT + timedelta(days=400)):
        keep_what_is_usual()
    assert not ServiceTime.objects.exists()


def test_the_page_speaks_french_and_says_whose_working_days(town: Town) -> None:
    keep_what_is_usual()
    page = Client().get("/requests/PT-N000/?lang=fr", follow=True).content.decode()
    assert "la moitié étaient réglées en 3 jours ouvrables, neuf sur dix en 6 jours" in page
    assert "lundi à vendredi" in page


def test_measuring_again_replaces_what_was_measured(town: Town) -> None:
    keep_what_is_usual()
    keep_what_is_usual()
    assert ServiceTime.objects.count() == 1
    assert OfficeTime.objects.count() == 1


def test_a_length_of_stay_nobody_knows_is_refused(town: Town) -> None:
    answer = manager_of(town).get("/desk/queue/?place=permit-town&stay=ages")
    assert answer.status_code == 422
    assert "There is no such length of stay" in answer.content.decode()
