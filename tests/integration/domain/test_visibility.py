"""Who may know of which case and what of it is shown, against tables written by hand."""

import io
from dataclasses import dataclass

import pytest
from django.utils.translation import override
from PIL import Image

from requests_app import actions
from requests_app.live import Fact, may_know
from requests_app.models import Hold, Photo, ServiceRequest, Words
from requests_app.permissions import ANONYMOUS, SYSTEM, Grant, Publicity, Role, Viewer
from requests_app.privacy.photos import ready_photo
from requests_app.reads.disclosure import disclosure
from requests_app.reads.one_request import CasePage, case_page, find_request
from requests_app.states import Capability
from tests import factories
from tests.factories import World
from tests.scenarios import Play

pytestmark = pytest.mark.django_db

KINDS = ("public", "public hidden", "place", "place hidden", "private", "private hidden")
EVERY = frozenset(KINDS)
OPEN_TO_ALL = frozenset({"public", "place"})
KNOWN: dict[str, frozenset[str]] = {
    "anonymous": OPEN_TO_ALL,
    "citizen": EVERY,
    "citizen of another case": OPEN_TO_ALL,
    "handler of its office": EVERY,
    "handler of another office": OPEN_TO_ALL,
    "handler without an office": OPEN_TO_ALL,
    "manager": EVERY,
    "manager of another service": OPEN_TO_ALL,
    "manager of its area": EVERY,
    "manager of every place": EVERY,
    "evaluator": EVERY,
    "administrator": EVERY,
    "manager elsewhere": OPEN_TO_ALL,
    "the product": EVERY,
}
"""The rule, row by row: which of the six kinds of case a viewer may know of."""

SEES_ALL = {"words", "place", "internal", "person"}
SHOWN: dict[str, set[str]] = {
    "anonymous": set(),
    "citizen": {"words", "place"},
    "handler of its office": SEES_ALL,
    "handler of another office": set(),
    "manager": SEES_ALL,
    "evaluator": set(),
    "administrator": set(),
    "manager elsewhere": set(),
    "the product": SEES_ALL,
}
"""What a viewer is shown of a case whatever its publicity; publicity adds released words and the place."""

BY_PUBLICITY = {
    Publicity.PUBLIC: {"released_words", "place"},
    Publicity.PLACE_ONLY: {"place"},
    Publicity.PRIVATE: set(),
}
"""A hidden case tells as much as a private one."""


@dataclass
class Cases:
    world: World
    plays: dict[str, Play]

    def viewer(self, who: str, kind: str) -> Viewer:
        world, play = self.world, self.plays[kind]
        place = world.jurisdiction
        other = next(p for k, p in self.plays.items() if k != kind)
        return {
            "anonymous": ANONYMOUS,
            "citizen": play.citizen,
            "citizen of another case": other.citizen,
            "handler of its office": play.holder,
            "handler of another office": world.other_handler,
            "handler without an office": Viewer(1, (Grant(Role.HANDLER, place.pk), Grant(Role.HANDLER, None))),
            "manager": world.manager,
            "manager of another service": Viewer(1, (Grant(Role.MANAGER, place.pk, service_id=world.compliment.pk),)),
            "manager of its area": Viewer(1, (Grant(Role.MANAGER, place.pk, area_id=world.west.pk),)),
            "manager of every place": Viewer(1, (Grant(Role.MANAGER, None),)),
            "evaluator": world.evaluator,
            "administrator": world.administrator,
            "manager elsewhere": Viewer(1, (Grant(Role.MANAGER, place.pk + 1),)),
            "the product": SYSTEM,
        }[who]


@pytest.fixture
def cases() -> Cases:
    world = factories.world()
    services = {"public": world.pothole, "place": world.needle, "private": world.benefit}
    plays = {}
    for kind in KINDS:
        play = Play.begin(world, services[kind.removesuffix(" hidden")], location=factories.IN_THE_WEST)
        plays[kind] = play.do(actions.hide, viewer=world.manager) if kind.endswith("hidden") else play
    return Cases(world, plays)


@pytest.mark.parametrize("who", KNOWN)
def test_who_may_know_of_which_case(cases: Cases, who: str) -> None:
    for kind, play in cases.plays.items():
        viewer = cases.viewer(who, kind)
        expected = kind in KNOWN[who]
        seen = ServiceRequest.objects.visible_to(viewer)
        assert seen.filter(pk=play.request.pk).exists() is expected, kind
        assert (find_request(play.request.reference, viewer) is not None) is expected, kind
        assert may_know(viewer, fact_of(play)) is expected, kind


def fact_of(play: Play) -> Fact:
    """The last event of a case as sockets know it."""
    case = ServiceRequest.objects.select_related("service").get(pk=play.request.pk)
    event = case.events.exclude(activity__in=["hidden", "shown"]).latest("sequence")
    return Fact(
        event.pk,
        case.pk,
        case.reference,
        event.activity,
        event.sequence,
        case.jurisdiction_id,
        case.service_id,
        case.area_id,
        office_ids=frozenset(Hold.objects.filter(request=case).values_list("office_id", flat=True)),
        is_public=case.service.publicity != Publicity.PRIVATE and not case.hidden,
    )


@pytest.mark.parametrize("who", ["anonymous", "manager elsewhere", "manager", "evaluator"])
def test_counts_count_what_may_be_known(cases: Cases, who: str) -> None:
    counted = ServiceRequest.objects.visible_to(cases.viewer(who, "public")).count()
    assert counted == len(KNOWN[who])


def test_a_case_is_counted_once_however_many_grants_and_stays_reach_it(cases: Cases) -> None:
    play = cases.plays["public"].started()
    play.do(actions.hand_off, office_id=cases.world.parks.pk).do(actions.accept)
    play.do(actions.hand_off, office_id=cases.world.roads.pk).do(actions.accept)
    grants = cases.world.handler.grants * 2 + cases.world.manager.grants
    assert list(ServiceRequest.objects.visible_to(Viewer(1, grants)).filter(pk=play.request.pk)) == [play.request]


@pytest.mark.parametrize("typed", ["{}", " {} ", "{}\n"])
def test_a_reference_is_found_however_it_is_typed(cases: Cases, typed: str) -> None:
    reference = cases.plays["public"].request.reference
    assert find_request(typed.format(reference.lower()), ANONYMOUS) is not None
    assert find_request("TF-NOTHERE", ANONYMOUS) is None


@pytest.mark.parametrize("who", SHOWN)
def test_what_is_shown_of_a_case(cases: Cases, who: str) -> None:
    for kind in KNOWN[who]:
        found = find_request(cases.plays[kind].request.reference, cases.viewer(who, kind))
        assert found is not None
        shown = disclosure(found, cases.viewer(who, kind))
        facts = {name for name in ("words", "released_words", "place", "internal", "person") if getattr(shown, name)}
        publicity = Publicity.PRIVATE if found.hidden else Publicity(found.service.publicity)
        assert facts == SHOWN[who] | BY_PUBLICITY[publicity], kind
        of_lists = ServiceRequest.objects.filter(pk=found.pk).place_known_to(cases.viewer(who, kind))
        assert of_lists.exists() is shown.place, kind


# --- The page --------------------------------------------------------------------------------------------------------

PHOTO = "a photo"


def told(world: World, service: str) -> Play:
    """A case in which everybody has said something."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    out.seek(0)
    of = getattr(world, service)
    play = Play.begin(world, of, words="SAID-FIRST", photos=(ready_photo(out, 100),), contact=actions.Contact("ANA"))
    play.started().do(actions.note, body="NOTED").do(actions.ask_citizen, question="ASKED")
    play.do(actions.citizen_replies, viewer=play.citizen, answer="ANSWERED")
    play.do(actions.comment, body="UNRELEASED").do(actions.comment, body="RELEASED", released=True)
    first = Words.objects.get(request=play.request, kind=Words.Kind.DESCRIPTION)
    play.do(actions.release_words, viewer=world.manager, words_id=first.pk)
    photo = Photo.objects.get(request=play.request)
    return play.do(actions.release_photo, viewer=world.manager, photo_id=photo.pk)


def words_on(page: CasePage) -> set[str]:
    bodies = {moment.body for moment in page.moments} - {""}
    return bodies | {answer for _question, answer in page.answers} | ({PHOTO} if page.photos else set())


CITIZENS = {"SAID-FIRST", "ASKED", "ANSWERED", "UNRELEASED", "RELEASED", PHOTO}
RELEASED = {"SAID-FIRST", "RELEASED", PHOTO}
WORDS_ON_PAGE = {
    ("pothole", "anonymous"): RELEASED,
    ("pothole", "citizen"): CITIZENS,
    ("pothole", "handler of its office"): CITIZENS | {"NOTED"},
    ("pothole", "manager"): CITIZENS | {"NOTED"},
    ("pothole", "evaluator"): RELEASED,
    ("needle", "anonymous"): set(),
    ("needle", "citizen"): CITIZENS,
    ("needle", "evaluator"): set(),
    ("benefit", "citizen"): CITIZENS | {"Saturday, May 31, 1980"},
    ("benefit", "handler of its office"): CITIZENS | {"NOTED", "Saturday, May 31, 1980"},
    ("benefit", "evaluator"): set(),
    ("benefit", "administrator"): set(),
}


@pytest.mark.parametrize(("service", "who"), WORDS_ON_PAGE)
def test_the_page_holds_the_words_of_the_table_and_no_others(service: str, who: str) -> None:
    world = factories.world()
    play = told(world, service)
    viewer = Cases(world, {"it": play, "other": play}).viewer(who, "it")
    found = find_request(play.request.reference, viewer)
    assert found is not None
    with override("en"):
        page = case_page(found, viewer)
    assert words_on(page) == WORDS_ON_PAGE[service, who]
    internal = {moment.activity for moment in page.moments if moment.is_internal}
    assert bool(internal) is ("NOTED" in words_on(page))
    assert "ANA" not in repr(page.moments)
    names = {moment.handler for moment in page.moments} - {""}
    assert bool(names) is ("NOTED" in words_on(page)), "who works on it is the office's business"


def test_in_reach_agrees_with_the_predicate(cases: Cases) -> None:
    """The list's condition and `Grant.covers` are one rule, said twice."""
    for who in KNOWN:
        for kind, play in cases.plays.items():
            viewer = cases.viewer(who, kind)
            offices = frozenset(play.request.holds.values_list("office_id", flat=True))
            for capability in (Capability.SEE_DESK, Capability.SEE_REPORTS, Capability.SEE_PERSON):
                listed = ServiceRequest.objects.filter(pk=play.request.pk).in_reach_of(viewer, capability).exists()
                covered = any(
                    grant.covers(
                        jurisdiction_id=play.request.jurisdiction_id,
                        office_ids=offices,
                        service_id=play.request.service_id,
                        area_id=play.request.area_id,
                    )
                    for grant in viewer.grants_with(capability)
                )
                assert listed is covered, (who, kind, capability)
