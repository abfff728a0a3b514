"""Who else is told: a partner outside that a case was routed straight to, and whoever stands in for somebody away."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db.models import QuerySet
from django.test import Client

from requests_app import actions
from requests_app.actions.sweeps import sweep_partners
from requests_app.clock import now
from requests_app.models import Absence, Membership, Office, PartnerLink, Provenance, Route, User
from requests_app.notify.deliver import sweep_outbox
from requests_app.permissions import Role, Viewer
from requests_app.states import Status
from tests import factories
from tests.factories import World
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
HYDRO = "hydro@example.org"


@pytest.fixture
def city() -> World:
    return factories.world("testford", is_default=True)


def hydro_takes_needles(city: World, email: str = HYDRO) -> Office:
    partner = factories.office(city.jurisdiction, "hydro", is_external=True, email=email)
    Route.objects.filter(service=city.needle).update(office=partner)
    return partner


def mails_to(address: str) -> list[str]:
    mail.outbox.clear()
    sweep_outbox(200)
    return [one.body for one in mail.outbox if address in one.to]


# --- Routed straight to a partner -------------------------------------------------------------------------------------


def test_a_partner_is_mailed_the_link_of_a_case_that_was_routed_to_it_once(city: World) -> None:
    hydro_takes_needles(city)
    play = Play.begin(city, city.needle)
    assert (sweep_partners(), sweep_partners()) == (1, 0)
    (letter,) = mails_to(HYDRO)
    assert play.request.reference in letter
    link = re.search(r"http://localhost:8000(/partner/[^\s?]+)", letter)
    assert link is not None
    page = Client().get(link[1]).content.decode()
    assert "This was sent to Hydro office on" in page
    assert Client().post(link[1], {"act": "accept"}).status_code == 200
    play.request.refresh_from_db()
    assert play.request.status == Status.ASSIGNED


def test_a_partner_gives_back_what_came_from_no_office_to_the_office_that_gets_everything(city: World) -> None:
    hydro_takes_needles(city)
    play = Play.begin(city, city.needle)
    sweep_partners()
    for form in ({"act": "accept"}, {"act": "back", "note": "Not our pole."}):
        (letter,) = mails_to(HYDRO)
        address = re.search(r"http://localhost:8000(/partner/[^\s?]+)", letter)
        assert address is not None
        assert Client().post(address[1], form).status_code == 200
    play.request.refresh_from_db()
    assert play.request.office_id == city.intake.pk


def test_nobody_is_mailed_for_an_own_office_an_accepted_case_or_a_partner_without_an_address(city: World) -> None:
    Play.begin(city)
    partner = hydro_takes_needles(city, email="")
    Play.begin(city, city.needle)
    assert sweep_partners() == 0
    Office.objects.filter(pk=partner.pk).update(email=HYDRO)
    Play.begin(city, city.needle).do(actions.accept, viewer=city.manager)
    assert sweep_partners() == 1, "the address came later, and the first case still waits"


def test_what_was_imported_is_told_to_nobody(city: World) -> None:
    hydro_takes_needles(city)
    Play.begin(city, city.needle)
    city.jurisdiction.provenance = Provenance.IMPORTED
    city.jurisdiction.save()
    assert (sweep_partners(), PartnerLink.objects.count()) == (0, 0)


# --- In place of who is away ------------------------------------------------------------------------------------------


def with_mail(city: World, *user_ids: int | None) -> None:
    for user_id in user_ids:
        User.objects.filter(pk=user_id).update(email=f"{user_id}@city.example", mail_moments=True)


def is_away(city: World, days_ahead: int = 0) -> None:
    day = city.jurisdiction.today + timedelta(days=days_ahead)
    Absence.objects.create(
        jurisdiction=city.jurisdiction,
        user_id=city.handler.user_id,
        deputy_id=city.other_handler.user_id,
        starts_on=day,
        ends_on=day,
        entered_at=now(),
    )


def told(city: World) -> set[int]:
    """Who of the two handlers is told that the citizen answered."""
    play = Play.begin(city).accepted()
    play.do(actions.assign, handler_id=city.handler.user_id)
    play.do(actions.ask_citizen, question="Which house is it?")
    return answered(city, play)


def answered(city: World, play: Play) -> set[int]:
    """Who of the staff is told when the citizen answers."""
    with_mail(city, city.handler.user_id, city.other_handler.user_id)
    sweep_outbox(200)
    mail.outbox.clear()
    play.do(actions.citizen_replies, viewer=play.citizen, answer="At the corner.")
    sweep_outbox(200)
    return {int(address.partition("@")[0]) for one in mail.outbox for address in one.to}


def test_a_mail_to_a_handler_who_is_away_goes_to_the_deputy_as_well(city: World) -> None:
    is_away(city)
    assert told(city) == {city.handler.user_id, city.other_handler.user_id}


def roles_of(viewer: Viewer) -> QuerySet[Membership]:
    return Membership.objects.filter(user_id=viewer.user_id)


def test_a_deputy_who_may_not_read_the_case_is_told_nothing(city: World) -> None:
    """Named a deputy, yet without a role of their own any more: they would be told of a case they may not open."""
    is_away(city)
    roles_of(city.other_handler).update(ends_on=city.jurisdiction.today - timedelta(days=1))
    assert told(city) == {city.handler.user_id}


def test_a_deputy_is_told_only_of_what_was_passed_on(city: World) -> None:
    """The handler reads the case as an administrator, and nobody administers in place of somebody else."""
    is_away(city)
    roles_of(city.handler).update(area=city.east)
    Membership.objects.create(user_id=city.handler.user_id, role=Role.ADMINISTRATOR, jurisdiction=city.jurisdiction)
    assert told(city) == {city.handler.user_id}


def test_what_is_for_somebody_whose_role_has_ended_is_told_to_their_office(city: World) -> None:
    colleague = factories.member(Role.HANDLER, city.jurisdiction, city.roads)
    with_mail(city, colleague.user_id)
    play = Play.begin(city).accepted()
    play.do(actions.assign, handler_id=city.handler.user_id)
    play.do(actions.ask_citizen, question="Which house is it?")
    roles_of(city.handler).update(ends_on=city.jurisdiction.today - timedelta(days=1))
    assert answered(city, play) == {colleague.user_id}


@pytest.mark.parametrize("days_ahead", [-1, 1])
def test_a_deputy_of_another_day_is_told_nothing(city: World, days_ahead: int) -> None:
    is_away(city, days_ahead)
    assert told(city) == {city.handler.user_id}
