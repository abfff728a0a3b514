"""Every form and list of the site against what nobody types: no page breaks, and what is refused changed nothing."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from django.conf import settings as configured
from django.http import HttpResponse
from django.test import override_settings
from django.utils import translation
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker

from requests_app.actions.verify import differences
from requests_app.models import PersonRead
from tests.integration.access.forms import Fields, Form, looked_through
from tests.integration.access.hostile import BODIES, FORM, LONG, encoded, spoiled
from tests.integration.access.site import Site, address, build_site, doors
from tests.integration.access.table import rows
from tests.integration.access.test_matrix import REFUSED, undone
from tests.tries import tries
from tests.undone import undone as kept_for_a_module
from tests.untouched import Sums, everything, touched

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]
TRIES = settings(
    max_examples=tries(2),
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)
ALWAYS_ASKED = ("place", "q", "after", "page", "lang", "limit")
TABLE = rows("Addresses")
MOST_S = 5
"""CPU seconds over one form: words are bounded before anything is made of them."""
LET_IN = ("manager", "administrator", "holder", "evaluator", "reporter", "anyone")
READ_IS_LOGGED = PersonRead._meta.db_table
NO_RATES: dict[str, None] = dict.fromkeys(configured.RATES)


@dataclass(frozen=True)
class Looked:
    """The city, what all its pages hold, and what its tables held then: every test sends to the same forms."""

    site: Site
    forms: list[Form]
    asked: dict[str, set[str]]
    before: Sums


@pytest.fixture(scope="module")
def looked(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Looked]:
    """The pages are looked through once: six readers, every address."""
    with kept_for_a_module(django_db_blocker), override_settings(RATES=NO_RATES), translation.override("en"):
        site = build_site()
        forms, asked = looked_through(site)
        posted = [one for one in forms if one.method == "POST"]
        yield Looked(site, [*posted, *bare_forms(site, {one.door for one in posted})], asked, everything())


@pytest.fixture
def unlimited(settings: Any) -> None:
    settings.RATES = NO_RATES


@contextmanager
def telling(told: list[str]) -> Iterator[None]:
    """Go on after a door that breaks: all of them are told at the end."""
    try:
        yield
    except AssertionError as broken:
        told.append(str(broken))


def fits(answer: HttpResponse, what: str) -> None:
    """No page breaks, whatever it was sent."""
    error = getattr(answer, "exc_info", None)
    assert answer.status_code < 500, f"{what}: {answer.status_code} {error[1]!r}" if error else what


def send(looked: Looked, form: Form, body: bytes | str, content_type: str = FORM) -> None:
    """Send a body: what is refused has changed no row, and what is taken leaves a ledger that replays."""
    with undone():
        answer = looked.site.browser(form.reader).post(form.action, data=body, content_type=content_type)
        fits(answer, f"{form.reader} at {form.action} sent {body[:600]!r}")
        if answer.status_code >= 400:
            changed = touched(looked.before) - {READ_IS_LOGGED}
            assert not changed, f"{form.action} answered {answer.status_code} to {body[:600]!r} and changed {changed}"
        else:
            assert all(not fields for _reference, fields in differences()), f"{form.action} took {body[:600]!r}"


def send_fields(looked: Looked, form: Form, fields: Fields) -> None:
    """Send what hypothesis made of a form's fields."""
    send(looked, form, encoded(fields))


def ask(site: Site, reader: str, page: str, fields: Fields) -> None:
    """Ask for a page narrowed by what is no narrowing."""
    question = f"{page}?{encoded(fields)}"
    fits(site.browser(reader).get(question), f"{reader} asked {question[:900]}")


def tried(fields: st.SearchStrategy[Fields], attempt: Callable[[Fields], None]) -> None:
    """Try several of what hypothesis makes up."""

    @TRIES
    @given(fields)
    def once(fields: Fields) -> None:
        attempt(fields)

    once()


def reader_of(door: str, method: str) -> str:
    """The first who is let in at a door, as docs/access.md says; "" for nobody."""
    cells = TABLE.get(f"{method} {door}", {})
    return next((one for one in LET_IN if cells.get(one, "405").partition(" ")[0] not in REFUSED), "")


def bare_forms(site: Site, known: set[str]) -> Iterator[Form]:
    """Doors that take something no page showed a form for."""
    for door, arguments in doors():
        if f"POST {door}" in TABLE and door not in known:
            yield Form(reader_of(door, "POST") or "administrator", address(site, door, arguments, "public"), "POST")


def test_no_form_breaks_or_is_taken_by_half(looked: Looked) -> None:
    names = ["act", "version", "words", "note", "office", "language", "day", "until", "source", "names-en"]
    told: list[str] = []
    for form in looked.forms:
        with telling(told):
            tried(spoiled(form.fields, more=names), partial(send_fields, looked, form))
    assert not told, "\n".join(told)
    assert {row.removeprefix("POST ") for row in TABLE if row.startswith("POST ")} <= {one.door for one in looked.forms}


def test_no_body_breaks_a_door(looked: Looked) -> None:
    forms = {form.door: form for form in looked.forms}
    told: list[str] = []
    for form in forms.values():
        for content_type, body in BODIES:
            with telling(told):
                send(looked, form, body, content_type)
    assert not told, "\n".join(told)


def test_a_word_of_a_million_letters_is_answered(looked: Looked) -> None:
    told: list[str] = []
    for form in looked.forms:
        fields = [(name, LONG if value == "Some words." else value) for name, value in form.fields]
        if fields != form.fields:
            with telling(told):
                began = time.process_time()
                send(looked, form, encoded(fields))
                spent = time.process_time() - began
                assert spent < MOST_S, f"{form.action} took {spent:.1f} s over a long word"
    assert not told, "\n".join(told)


def test_no_list_breaks_by_what_its_address_asks_for(looked: Looked) -> None:
    site, told = looked.site, list[str]()
    for door, arguments in doors():
        reader = reader_of(door, "GET")
        if not reader:
            continue
        page = address(site, door, arguments, "public")
        names = sorted(looked.asked.get(door, set()) | set(ALWAYS_ASKED))
        with undone(), telling(told):
            tried(spoiled([], more=names), partial(ask, site, reader, page))
            assert not touched(looked.before) - {READ_IS_LOGGED}, f"Looking at {page} changed something."
    assert not told, "\n".join(told)
