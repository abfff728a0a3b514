"""Replies written once, in both languages, offered where they fit."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from requests_app.models import ReplyTemplate, User
from requests_app.reads.one_request import find_request
from requests_app.reads.reply_templates import templates_beside, templates_for
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_case_is_offered_the_templates_of_its_service_and_office_the_closest_first(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    world = factories.world()
    elsewhere = factories.world()

    def template(code: str, of=world, **fields: object) -> None:
        bodies = factories.names(f"Body {code}", f"Texte {code}")
        ReplyTemplate.objects.create(
            jurisdiction=of.jurisdiction, code=code, names=factories.names(code), bodies=bodies, **fields
        )

    template("all")
    template("both", service=world.pothole, office=world.roads, kind="closing")
    template("service", service=world.pothole)
    template("other-service", service=world.needle)
    template("other-office", office=world.parks)
    template("off", is_active=False)
    template("elsewhere", of=elsewhere)
    case = factories.file_request(world.pothole)
    assert case.office_id == world.roads.pk
    templates = templates_for(case)
    assert [t.code for t in templates] == ["both", "service", "all"]
    assert [t.code for t in templates if t.kind == "closing"] == ["both"]
    beside = find_request(case.reference, world.handler, **templates_beside())
    assert beside is not None
    with django_assert_num_queries(0):
        assert [(t.pk, t.kind, t.name, t.body) for t in templates_for(beside)] == [
            (t.pk, t.kind, t.name, t.body) for t in templates
        ]


def test_its_page_says_where_it_is_offered_and_on_how_many_open_cases() -> None:
    place = factories.world("testford", is_default=True)
    factories.file_request(place.pothole)
    factories.file_request(place.needle)
    row = ReplyTemplate.objects.create(
        jurisdiction=place.jurisdiction, code="soon", names=factories.names("Soon", "Bientôt"),
        bodies=factories.names("Soon.", "Bientôt."), service=place.pothole,
    )  # fmt: skip
    client = Client()
    client.force_login(User.objects.get(pk=place.administrator.user_id))
    said = client.get(f"/manage/replies/{row.pk}/").content.decode()
    assert f"Service: {place.pothole.name}" in said
    assert "Offered at the desk on 1 open request<" in said
    ReplyTemplate.objects.update(is_active=False)
    assert "Nothing uses it yet." in client.get(f"/manage/replies/{row.pk}/").content.decode()
