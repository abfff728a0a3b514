"""Explanations in words, on the desk's page of a case, in both languages; and rules as sentences."""

from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from requests_app import actions
from requests_app.models import ServiceRequest, User
from requests_app.reads.explained import explained, teller
from requests_app.reads.one_request import case_page
from requests_app.routing.read_document import check_document
from requests_app.routing.sentences import Speaker
from tests import factories
from tests.factories import World
from tests.rules import document, make_live, rule
from tests.scenarios import Play

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return factories.world()


RULES = (
    rule("wire", {"words": ["wire", "fil"], "any": [{"area": "1"}, {"channel": "phone"}]}, office="parks", priority=2),
    rule("west", {"area": "1"}, office="intake", further=["roads"], tags=["west"]),
    rule("all", {"kind": "street"}, office="roads", promise_hours=1),
)
ENGLISH = [
    "Sent to Parks office because the text says “wire” or “fil” and it lies in Ward 1 (rule “Wire”).",
    "Priority: Urgent (rule “Wire”).",
    "Promise: 1 working hour (rule “All”).",
    "Roads office was asked too (rule “West”).",
    "Tagged “west”.",
    (
        "2 other rules matched, but a rule before them had decided: “West” (Office: Intake office);"
        " “All” (Office: Roads office)."
    ),
]
FRENCH = [
    (
        "Envoyée à Bureau parks, car le texte contient « wire » ou « fil » et le lieu se trouve dans Quartier 1"
        " (règle « Wire »)."
    ),
    "Priorité : Urgente (règle « Wire »).",
    "Délai : 1 heure ouvrable (règle « All »).",
    "Bureau roads a aussi été sollicité (règle « West »).",
    "Étiquettes : « west ».",
    (
        "2 autres règles correspondaient, mais une règle placée avant elles avait décidé : « West » (Bureau : Bureau"
        " intake); « All » (Bureau : Bureau roads)."
    ),
]


@pytest.mark.parametrize(("language", "expected"), [("en", ENGLISH), ("fr", FRENCH)])
def test_the_page_of_a_case_says_why_it_is_where_it_is(world: World, language: str, expected: list[str]) -> None:
    make_live(world, *RULES)
    request = factories.file_request(world.pothole, words="A wire is down")
    browser = Client()
    browser.force_login(User.objects.get(pk=world.manager.user_id))
    page = browser.get(f"/desk/requests/{request.reference}/?lang={language}").content.decode().replace("\xa0", " ")
    assert [sentence for sentence in expected if sentence not in page] == []


def test_why_it_is_here_is_said_after_a_hand_off_too(world: World) -> None:
    make_live(world, *RULES)
    play = Play(world, factories.file_request(world.pothole, words="A wire is down")).accepted()
    play.do(actions.hand_off, office_id=world.roads.pk)
    browser = Client()
    browser.force_login(User.objects.get(pk=world.manager.user_id))
    page = browser.get(f"/desk/requests/{play.request.reference}/").content.decode()
    assert f"{ENGLISH[0]} Parks office handed it on to Roads office." in page
    play.do(actions.bounce, reason="wrong_office")
    assert "handed it on" not in browser.get(f"/desk/requests/{play.request.reference}/").content.decode()
    assert ENGLISH[0] in page


def reasons(request: ServiceRequest, world: World) -> list[str]:
    """The latest explanation of a case, sentence by sentence."""
    found = explained(request, case_page(request, world.manager).moments)
    told = list(found.values())[-1].told
    return [told.why, *told.more]


def test_what_rules_said_then_is_told_after_they_changed(world: World) -> None:
    make_live(world, *RULES)
    request = factories.file_request(world.pothole, words="A wire is down")
    make_live(world, rule("wire", {"service": "needle"}, office="roads"))
    assert reasons(request, world)[0] == ENGLISH[0]


def test_a_refusal_and_a_broken_rule_are_told(world: World) -> None:
    make_live(world, rule("all", {"kind": "street"}, office="roads"), rule("step", {"kind": "street"}, step="work"))
    play = Play(world, factories.file_request(world.pothole))
    play.do(actions.bounce, reason="wrong_office").do(actions.route_by_rules, viewer=world.manager)
    assert "The rule “All” was passed by: Roads office had sent the request back." in reasons(play.request, world)[1:]


SENTENCES: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    (
        {"all": [{"service": ["pothole", "needle"]}, {"not": {"any": [{"area": "2"}, {"channel": "web"}]}}]},
        {"office": "roads", "further": ["parks", "intake"]},
        (
            "When the service is “Pothole” or “Needle found” and it is not so that (it lies in Ward 2 or the channel is"
            " “Web”): send it to Roads office, ask Parks office and Intake office for a review too."
        ),
        (
            "Quand le service est « Nid-de-poule » ou « Seringue trouvée » et il n’est pas vrai que (le lieu se"
            " trouve dans Quartier 2 ou le canal est « Web ») : l’envoyer à Bureau roads, demander aussi l’avis"
            " de Bureau parks et Bureau intake."
        ),
    ),
    (
        {"answer": {"question": "size", "is": "big"}, "time": {"days": ["sat", "sun"], "from": "18:00", "to": "06:30"}},
        {"priority": 1, "tags": ["night"]},
        (
            "When the answer to “How big is it?” is “Big” and it came in on Saturday or Sunday, between 6:00 pm and"
            " 6:30 am: set the priority to “High”, tag it “night”."
        ),
        (
            "Quand la réponse à « Quelle est sa taille ? » est « Grand » et la demande est arrivée un samedi ou"
            " dimanche, entre 18 h et 6 h 30 : mettre la priorité à « Haute », l’étiqueter « night »."
        ),
    ),
    (
        {
            "near": {"feature": "lake:lake", "metres": 1500},
            "workload": {"office": "roads", "over": 1},
            "time": {"working": False},
        },
        {"promise_hours": 8, "step": "work"},
        (
            "When it is within 1,500 m of Test Lake, Roads office holds more than 1 open request and it came in outside"
            " working time: begin at the step “Work”, promise it within 8 working hours."
        ),
        (
            "Quand le lieu est à 1 500 m ou moins de Lac Test, Bureau roads a plus de 1 demande ouverte et la"
            " demande est arrivée hors des heures ouvrables : commencer à l’étape « Travaux », promettre une"
            " réponse en 8 heures ouvrables."
        ),
    ),
]


@pytest.mark.parametrize(("when", "then", "english", "french"), SENTENCES)
def test_a_rule_reads_as_a_sentence(
    world: World, when: dict[str, Any], then: dict[str, Any], english: str, french: str
) -> None:
    checked = check_document(document(rule("one", when, **then)), world.jurisdiction)
    assert [str(problem.sentence) for problem in checked.problems] == []
    speaker = Speaker(checked.known)
    for language, expected in (("en", english), ("fr", french)):
        with translation.override(language):
            said = speaker.rule(checked.book.rules[0]).replace("\xa0", " ").replace("\u202f", " ")
            assert said == expected


def test_codes_stand_where_a_place_has_no_name_any_more(world: World) -> None:
    checked = check_document(document(rule("one", {"area": "gone"}, office="lost")), world.jurisdiction)
    said = teller(checked.book, checked.known).speaker.rule(checked.book.rules[0])
    assert said == "When it lies in gone: send it to lost."
