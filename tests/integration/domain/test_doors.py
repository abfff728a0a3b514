"""Every address of the site, tried with a private case and a hidden one by everybody whose business they are not."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter
from PIL import Image

from requests_app import actions
from requests_app.models import Document, Photo, User, Words
from requests_app.permissions import Role, Viewer
from requests_app.privacy.photos import ready_photo, store
from tests import factories
from tests.factories import World
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
NOT_THERE = "TF-NOTHERE"
WORDS = ("FIRSTSECRET", "NOTESECRET", "REPLYSECRET", "Ana Secret", "ana@secret.example", "1937-04-26")
PLACE = ("43.98765", "-79.04321")


@dataclass(frozen=True)
class Site:
    world: World
    cases: tuple[Play, Play]
    jpegs: tuple[str, ...]
    """Their pictures, as a body holds them."""

    def secrets(self, who: str) -> tuple[str, ...]:
        """What must be on no page: words, people and the pin; for all but those who measure, that there is a case."""
        if who in ("evaluator", "administrator"):
            return (*WORDS, *PLACE)
        return (*WORDS, *PLACE, *(play.request.reference for play in self.cases))


@pytest.fixture
def site() -> Site:
    world = factories.world("testford", is_default=True)
    file_of = {"contact": actions.Contact("Ana Secret", "ana@secret.example"), "words": "FIRSTSECRET"}
    pin = Point(-79.04321, 43.98765, srid=4326)
    private = Play.begin(
        world, world.benefit, location=pin, photos=(photo(),), answers={"birth": "1937-04-26"}, **file_of
    )
    hidden = Play.begin(world, location=pin, photos=(photo(),), **file_of)
    for play in (private, hidden):
        play.started().do(actions.note, body="NOTESECRET").do(actions.comment, body="REPLYSECRET", released=True)
        for words in Words.objects.filter(request=play.request, kind="description"):
            play.do(actions.release_words, viewer=world.manager, words_id=words.pk)
        (picture,) = Photo.objects.filter(request=play.request)
        play.do(actions.release_photo, viewer=world.manager, photo_id=picture.pk)
    hidden.do(actions.hide, viewer=world.manager)
    pictures = [Photo.objects.get(request=play.request) for play in (private, hidden)]
    jpegs = [(store() / picture.file_name).read_bytes().decode("latin-1") for picture in pictures]
    return Site(world, (private, hidden), tuple(jpegs))


def photo() -> Any:
    out = io.BytesIO()
    Image.new("RGB", (9, 9), (200, 10, 10)).save(out, "PNG")
    out.seek(0)
    return ready_photo(out, 100)


def client(site: Site, who: str) -> Client:
    world, browser = site.world, Client()
    viewers: dict[str, Viewer | None] = {
        "anonymous": None,
        "handler of another office": world.other_handler,
        "manager elsewhere": factories.member(Role.MANAGER, factories.jurisdiction()),
        "evaluator": world.evaluator,
        "administrator": world.administrator,
    }
    viewer = viewers[who]
    if viewer is not None:
        browser.force_login(User.objects.get(pk=viewer.user_id))
    return browser


def patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every named address with the converters of its arguments."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inside = f"{before}{pattern.namespace}:" if pattern.namespace else before
            yield from patterns(pattern, inside)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield before + pattern.name, dict(pattern.pattern.converters)


DOORS = {name: arguments for name, arguments in patterns(get_resolver()) if name != "citizen:demo_as"}


def address(name: str, play: Play, reference: str) -> str:
    """The address of a door that leads to the case, if it leads to one."""
    arguments = DOORS[name].items()
    if not arguments:
        return reverse(name)
    known = {
        "reference": reference,
        "photo_id": Photo.objects.filter(request=play.request).values_list("pk", flat=True).first() or 1,
        "code": play.world.jurisdiction.code,
        "service": play.request.service.code,
        "token": "a" * 32,
        "slug": "accept",
        "place": play.world.jurisdiction.code,
        "area": play.world.west.code,
        "language": "fr",
        "form": "json",
        "document_id": Document.objects.filter(request=play.request).values_list("pk", flat=True).first() or 1,
    }
    others = {argument: 1 if isinstance(converter, IntConverter) else "offices" for argument, converter in arguments}
    return reverse(name, kwargs={argument: known.get(argument, others[argument]) for argument in others})


def body_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode("latin-1")


QUESTIONS = ("?lang=fr", "?q={0}", "?text=FIRSTSECRET", "?reference={0}", "?tab=city&kind=all", "?filed={0}")
ALL_AT_ONCE = "&".join(["?all=1", *(question.removeprefix("?") for question in QUESTIONS)])


@pytest.mark.parametrize(
    "who", ["anonymous", "handler of another office", "manager elsewhere", "evaluator", "administrator"]
)
def test_no_address_shows_a_private_or_a_hidden_case(site: Site, who: str) -> None:
    browser, answered = client(site, who), dict[str, int]()

    def look(asked: str) -> int:
        """Look at a page, once where it is the same for both cases."""
        if asked not in answered:
            answer = browser.get(asked)
            shown = body_of(answer)
            found = [s for s in site.secrets(who) if s in shown and s not in asked]
            assert found == [], asked
            assert not any(jpeg in shown for jpeg in site.jpegs), asked
            answered[asked] = answer.status_code
        return answered[asked]

    for play in site.cases:
        for name, arguments in DOORS.items():
            reference = play.request.reference
            plain = address(name, play, reference)
            let_in = look(plain) == HTTPStatus.OK
            if not arguments:
                for question in QUESTIONS if let_in else (ALL_AT_ONCE,):  # who is refused asks for all of it together
                    look(plain + question.format(reference))


@pytest.mark.parametrize("who", ["anonymous", "handler of another office", "manager elsewhere"])
def test_a_guessed_reference_answers_like_one_that_is_not_there(site: Site, who: str) -> None:
    browser = client(site, who)
    for play in site.cases:
        for name in (name for name in DOORS if "reference" in DOORS[name]):
            guessed, absent = (
                browser.get(address(name, play, reference)) for reference in (play.request.reference, NOT_THERE)
            )
            assert guessed.status_code == absent.status_code, name
            assert guessed.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.FOUND, HTTPStatus.METHOD_NOT_ALLOWED), name
            told = [
                page.headers.get("Location", "").replace(reference, "…")
                for page, reference in ((guessed, play.request.reference), (absent, NOT_THERE))
            ]
            assert told[0] == told[1], name


@pytest.mark.parametrize("who", ["anonymous", "handler of another office", "manager elsewhere"])
def test_nothing_can_be_done_to_a_case_that_may_not_be_known_of(site: Site, who: str) -> None:
    browser = client(site, who)
    for play in site.cases:
        events = play.request.events.count()
        for name in (name for name in DOORS if "reference" in DOORS[name]):
            form = {"version": play.request.version, "comment": "x", "say": "comment", "body": "x", "token": "x"}
            answers = [
                browser.post(address(name, play, reference), form).status_code
                for reference in (play.request.reference, NOT_THERE)
            ]
            assert answers[0] == answers[1], name
        assert play.request.events.count() == events


def test_the_secret_link_opens_its_own_case_only(site: Site) -> None:
    world = site.world
    one, other = (actions.submit(factories.submission(world.benefit), viewer=Viewer()) for _ in range(2))
    browser = Client()
    crossed = reverse("citizen:track", kwargs={"reference": other.request.reference, "token": one.tracking_token})
    assert browser.get(crossed).status_code == HTTPStatus.NOT_FOUND
    opened = reverse("citizen:track", kwargs={"reference": one.request.reference, "token": one.tracking_token})
    assert browser.get(opened, follow=True).status_code == HTTPStatus.OK
    closed = browser.get(reverse("citizen:request", kwargs={"reference": other.request.reference}))
    assert closed.status_code == HTTPStatus.NOT_FOUND
