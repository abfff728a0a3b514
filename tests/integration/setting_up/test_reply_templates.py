"""Replies written once, in both languages, offered where they fit."""

import pytest

from requests_app.models import ReplyTemplate
from requests_app.reads.reply_templates import templates_for
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_case_is_offered_the_templates_of_its_service_and_office_the_closest_first() -> None:
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
    assert [t.code for t in templates_for(case)] == ["both", "service", "all"]
    assert [t.code for t in templates_for(case, "closing")] == ["both"]
