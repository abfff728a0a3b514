"""What must be refused well: through the real door, by a sentence in both languages, with nothing half-written."""

import re
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from requests_app import actions
from requests_app.actions.verify import differences
from requests_app.clock import frozen_at, now
from requests_app.models import ServiceRequest, User
from requests_app.permissions import Role, Viewer
from requests_app.routing.write_toml import toml_of
from tests import factories
from tests.factories import World
from tests.integration.following import test_partners as partners
from tests.integration.setting_up.test_pages import CALENDAR
from tests.integration.setting_up.test_workflow_pages import DEAD_END, RENAMED, UNKNOWN_OFFICE
from tests.integration.web import test_mine as mine
from tests.integration.web.test_report_form import put_pin, write
from tests.permits import SOURCE, Permits
from tests.rules import document, make_live, mark, rule
from tests.scenarios import Play
from tests.untouched import everything, touched

pytestmark = pytest.mark.django_db
Told = Mapping[str, tuple[str, ...]]
CR_LF = "ann@example.org\r\nBcc: all@example.org"
LINE_BREAK: Told = {
    "en": ("The e-mail address holds a line break or a hidden character. Type it on one line, such as",),
    "fr": (
        "L’adresse de courriel contient un saut de ligne ou un caractère invisible. Écrivez-la sur une seule ligne",
    ),
}


@pytest.fixture
def world() -> World:
    return factories.world("testford", is_default=True)


def signed_in(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


def words(answer: HttpResponse) -> str:
    """The page, with the narrow spaces of French as plain ones."""
    return re.sub("[\u00a0\u202f]", " ", unescape(answer.content.decode()))


def refused(
    client: Client, address: str, form: Mapping[str, Any], status: int, told: Told, at: datetime | None = None
) -> None:
    """Post the form in each language: it is refused with that status and those sentences, and changes no row."""
    for language, sentences in told.items():
        before = everything()
        with frozen_at(at or now()):
            answer = client.post(f"{address}?lang={language}", form)
        page = words(answer)
        assert answer.status_code == status, page.partition("<main")[2]
        assert [one for one in sentences if one not in page] == [], page.partition("<main")[2]
        assert not touched(before)


# --- What administrators write -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "told"),
    [
        pytest.param(
            DEAD_END,
            {"en": ("The branch never ends", "Add a move"), "fr": ("La branche ne finit jamais", "Ajoutez un passage")},
            id="dead end",
        ),
        pytest.param(
            UNKNOWN_OFFICE,
            {
                "en": ("Step “fire”: There is no office, or kind of office, “nowhere” here. Use",),
                "fr": ("Étape « fire » : Il n’y a pas ici de bureau ni de genre de bureau « nowhere ». Employez",),
            },
            id="unknown office",
        ),
    ],
)
def test_a_workflow_with_a_dead_end_or_an_unknown_office(source: str, told: Told) -> None:
    permits = Permits.begin()
    client = signed_in(permits.world.administrator)
    refused(client, f"/manage/workflows/{permits.workflow.pk}/edit/", {"version": "1", "source": source}, 422, told)


BOW_TIE = [[-79.1, 44], [-79.0, 44.1], [-79.0, 44], [-79.1, 44.1]]


@pytest.mark.parametrize(
    ("when", "told"),
    [
        pytest.param(
            {"service": "potole"},
            {"en": ("Did you mean “pothole”",), "fr": ("Vouliez-vous dire « pothole »",)},
            id="broken condition",
        ),
        pytest.param(
            {"polygon": BOW_TIE},
            {"en": ("crosses itself", "Give the"), "fr": ("se croise en", "Donnez les sommets dans l’ordre")},
            id="invalid polygon",
        ),
    ],
)
def test_a_rule_with_a_broken_condition_or_an_invalid_polygon(world: World, when: dict[str, Any], told: Told) -> None:
    make_live(world, rule("holes", {"service": "pothole"}, office="roads"))
    source = toml_of(document(rule("holes", when, office="parks")))
    for button in ({}, {"draft": "1"}):
        form = {"source": source, "seen": mark(world.jurisdiction), "days": "30", **button}
        refused(signed_in(world.administrator), "/manage/rules/edit/", form, 422, told)


def test_two_administrators_who_save_the_same_rule(world: World) -> None:
    make_live(world, rule("holes", {"service": "pothole"}, office="roads"))
    seen = mark(world.jurisdiction)
    nora = factories.member(Role.ADMINISTRATOR, world.jurisdiction, name="nora-faster")
    make_live(world, rule("holes", {"service": "pothole"}, office="intake"), viewer=nora)
    mine = toml_of(document(rule("holes", {"service": "pothole"}, office="parks")))
    told = {
        "en": ("Nora Faster saved version 2 on", "Intake office"),
        "fr": ("Nora Faster a enregistré la version 2", "Bureau intake"),
    }
    form = {"source": mine, "seen": seen, "days": "30", "draft": "1"}
    refused(signed_in(world.administrator), "/manage/rules/edit/", form, 409, told)


def test_two_administrators_who_save_the_same_workflow() -> None:
    permits = Permits.begin()
    client = signed_in(permits.world.administrator)
    address = f"/manage/workflows/{permits.workflow.pk}/edit/"
    assert client.post(address, {"version": "1", "source": RENAMED}).status_code == 302
    theirs = SOURCE.replace('en = "Fire"', 'en = "Fire safety"')
    told = {"en": ("Somebody else was faster",), "fr": ("Quelqu’un d’autre a été plus rapide",)}
    refused(client, address, {"version": "1", "source": theirs}, 409, told)


def test_a_calendar_with_no_opening_hours(world: World) -> None:
    never = {**CALENDAR, **{f"slots-{day}": "" for day in range(7)}}
    told = {"en": ("this calendar never opens",), "fr": ("ce calendrier n’ouvre jamais",)}
    refused(signed_in(world.administrator), "/manage/calendars/new/", never, 422, told)


# --- What the desk does --------------------------------------------------------------------------------------------


def test_a_hand_off_to_an_office_that_is_closed_for_good(world: World) -> None:
    case = Play.begin(world).accepted().request
    world.parks.closes_on = world.jurisdiction.today
    world.parks.save()
    told = {
        "en": ("Parks office is closed for good and takes no requests. Choose another office.",),
        "fr": ("Bureau parks est fermé définitivement et ne reçoit plus de demandes. Choisissez un autre bureau.",),
    }
    form = {"version": case.version, "office": world.parks.pk}
    refused(signed_in(world.handler), f"/desk/requests/{case.reference}/moves/hand-off/", form, 422, told)


LATE = (
    "Quelqu’un vient de modifier cette demande",
    "vient d’être jointe à celle-ci",
    "Rechargez la page",
    "est fermée",
)
"""What is said to who comes too late, each with what to do."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [2, 3])
def test_merge_cycles_from_several_browsers_at_once(world: World, size: int) -> None:
    """Each browser joins its case with the next one's, round in a ring: never all, and those who lose are told."""
    clients = [signed_in(world.manager) for _ in range(size)]
    for _round in range(4):
        ring = [Play.begin(world).accepted().request for _ in range(size)]
        gate = threading.Barrier(size)

        def join(number: int, ring: list[ServiceRequest] = ring, gate: threading.Barrier = gate) -> HttpResponse:
            case, into = ring[number], ring[(number + 1) % size]
            form = {"version": case.version, "into": into.reference}
            try:
                gate.wait(30)
                return clients[number].post(f"/desk/requests/{case.reference}/moves/merge/?lang=fr", form)
            finally:
                connection.close()

        with ThreadPoolExecutor(size) as threads:
            answers = list(threads.map(join, range(size)))
        assert {answer.status_code for answer in answers} - {409, 422} == {302}
        joined = [number for number, answer in enumerate(answers) if answer.status_code == 302]
        for case in ring:
            case.refresh_from_db()
        assert 0 < len(joined) < size
        assert joined == [number for number, case in enumerate(ring) if case.merged_into_id]
        assert any(case.is_open for case in ring)
        assert all(any(one in words(answer) for one in LATE) for answer in answers if answer.status_code != 302)
    assert all(not fields for _reference, fields in differences())


# --- Signed links --------------------------------------------------------------------------------------------------


def test_a_partners_link_used_twice_altered_or_expired(world: World) -> None:
    partners.handed(world)
    (link,) = partners.links()
    accept = {"act": "accept"}
    altered = {
        "en": ("a letter of it was changed", "copy the whole of it"),
        "fr": ("une de ses lettres a été changée", "copiez-le en entier"),
    }
    refused(Client(), f"{link[:-3]}aaa/", accept, 404, altered)
    old = {"en": ("This link is too old.",), "fr": ("Ce lien est trop ancien",)}
    refused(Client(), link, accept, 404, old, partners.SENT + timedelta(days=31))
    assert partners.say(link, **accept).status_code == 200
    used = {
        "en": ("This link was used", "The newest mail has the next one."),
        "fr": ("Ce lien a servi", "Le courriel le plus récent"),
    }
    refused(Client(), link, accept, 410, used, partners.SENT)


def test_the_link_to_my_requests_used_twice_altered_or_expired(world: World) -> None:
    mine.filed(world)
    mine.ask("ann@example.org")
    link = mine.link()
    altered = {
        "en": ("a letter of it was changed", "copy the whole of it"),
        "fr": ("une de ses lettres a été changée", "copiez-le en entier"),
    }
    refused(Client(), link[:-2] + ("b/" if link[-2] != "b" else "c/"), {}, 404, altered, mine.BEGIN)
    old = {
        "en": ("This link is too old.", "Ask for a new one"),
        "fr": ("Ce lien est trop ancien", "Demandez-en un nouveau"),
    }
    refused(Client(), link, {}, 404, old, mine.BEGIN + timedelta(hours=2, minutes=1))
    assert mine.opened(link, Client()).status_code == 200
    used = {
        "en": ("This link was used already: it works once.", "Ask for a new one"),
        "fr": ("Ce lien a déjà servi", "Demandez-en un nouveau"),
    }
    refused(Client(), link, {}, 410, used, mine.BEGIN)


# --- Mail addresses ------------------------------------------------------------------------------------------------


def test_a_mail_address_with_a_line_break_in_a_report(world: World, client: Client) -> None:
    put_pin(client)
    write(client)
    refused(client, "/report/pothole/send/", {"language": "en", "email": CR_LF}, 422, LINE_BREAK)


def test_a_mail_address_with_a_line_break_where_a_link_is_mailed(world: World) -> None:
    refused(Client(), "/mine/", {"email": CR_LF}, 422, LINE_BREAK)


def test_a_mail_address_with_a_line_break_of_who_wants_to_follow(world: World) -> None:
    case = factories.file_request(world.pothole)
    refused(Client(), f"/requests/{case.reference}/", {"act": "follow", "email": CR_LF}, 422, LINE_BREAK)


# --- Many at once --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "preview", "result"),
    [
        (
            "en",
            "Somebody changed this request since you chose it.",
            "1 was changed by somebody meanwhile and is left as it is.",
        ),
        (
            "fr",
            "Quelqu’un a modifié cette demande depuis que vous l’avez choisie.",
            "1 a été modifiée par quelqu’un entre-temps et reste telle quelle.",
        ),
    ],
)
def test_a_move_for_many_of_which_some_changed_meanwhile(
    world: World, language: str, preview: str, result: str
) -> None:
    """The preview names it and changes nothing; the run does the others and leaves what somebody changed first."""
    three = [Play.begin(world).accepted().request for _ in range(3)]
    chosen = [f"{case.pk}-{case.version}" for case in three]
    actions.reprioritize(factories.command(three[1], world.manager), priority=1)
    client, form = signed_in(world.handler), {"move": "priority", "case": chosen, "priority": "2"}
    before = everything()
    assert preview in words(client.post(f"/desk/many/?lang={language}", {**form, "tried": "yes"}))
    assert not touched(before)
    assert result in words(client.post("/desk/many/run/", form, follow=True))
    assert list(ServiceRequest.objects.order_by("pk").values_list("priority", flat=True)) == [2, 1, 2]
    assert all(not fields for _reference, fields in differences())
