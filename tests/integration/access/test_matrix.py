"""Who gets in where: docs/access.md against every address, socket, act and command there is."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler
from django.urls import reverse
from django.utils.safestring import SafeString

from backend.sockets import addresses
from requests_app import actions
from requests_app.actions import ActionError, Forbidden
from requests_app.actions.errors import Missing
from requests_app.models import RequestEvent
from requests_app.permissions import Viewer
from requests_app.web.consumers import subscription
from tests import factories
from tests.integration.access.acts import ACTS_OF_PEOPLE, prepared
from tests.integration.access.site import READERS, Site, address, build_site, doors
from tests.integration.access.table import differences, rows, waiting

pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST")
ONLY = os.environ.get("CLEARWAY_DOOR", "")
REFUSED = {"403", "404", "405", "in"}
SIGN_IN = reverse("citizen:sign_in")


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture(autouse=True)
def unwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who gets in is decided before a page is written: nine thousand pages need no words. Others read them."""
    monkeypatch.setattr("django.template.backends.django.Template.render", lambda *_args, **_kwargs: SafeString(""))


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is not kept: everybody comes to the same city."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# --- Addresses -------------------------------------------------------------------------------------------------------


def answer_of(response: HttpResponse) -> str:
    """How a door answered: its status, or "in" where it wants people to sign in first."""
    goes_to = response.headers.get("Location", "")
    wants_sign_in = response.status_code == 401 or (response.status_code == 302 and goes_to.startswith(SIGN_IN))
    return "in" if wants_sign_in else str(response.status_code)


def ask(site: Site, reader: str, door: str, arguments: tuple[str, ...], method: str, kind: str) -> str:
    """Stand before a door as a reader; a door that refuses must have changed nothing."""
    asked = address(site, door, arguments, kind)
    with undone():
        browser = site.browser(reader)
        if method == "GET":
            return answer_of(browser.get(asked))
        answer = answer_of(browser.post(asked, {"version": site.cases[kind].version}))
        if answer in REFUSED:
            assert RequestEvent.objects.count() == site.events, f"{reader} was refused at {door} and changed something."
        return answer


def both(site: Site, reader: str, door: str, arguments: tuple[str, ...], method: str) -> str:
    """The answers for the public and the private case, one of them where they are the same."""
    kinds = site.cases if {"reference", "token"} & set(arguments) else ("public",)
    answers = [ask(site, reader, door, arguments, method, kind) for kind in kinds]
    return answers[0] if len(set(answers)) == 1 else " / ".join(answers)


def asked_for() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every door, or those that CLEARWAY_DOOR names a part of: for whoever adds one and wants its row soon."""
    return (one for one in doors() if ONLY in one[0] and one[0] not in waiting())


def test_every_address_answers_everybody_as_the_table_says(site: Site) -> None:
    measured = {}
    for door, arguments in asked_for():
        for method in METHODS:
            cells = {reader: both(site, reader, door, arguments, method) for reader in READERS}
            if method == "GET" or set(cells.values()) != {"405"}:
                measured[f"{method} {door}"] = cells
    assert not (told := differences("Addresses", READERS, measured, of=ONLY)), "\n".join(told)


def test_no_form_is_taken_from_another_site(site: Site) -> None:
    known = {name.removeprefix("POST ") for name in rows("Addresses") if name.startswith("POST ")}
    taken, strict = set(), ClientHandler(enforce_csrf_checks=True)
    for door, arguments in doors():
        if door in known:
            browser = Client(raise_request_exception=False)
            browser.handler = strict
            browser.cookies = site.browser("manager").cookies
            asked = address(site, door, arguments, "public")
            with undone():
                if browser.post(asked).status_code != 403:
                    taken.add(door)
    assert taken == {"citizen:stop_mails", "evaluate:stop_mail"}, (
        "A mail program alone sends a form without our page: say why if another."
    )


# --- Sockets ---------------------------------------------------------------------------------------------------------

SUBSCRIPTIONS: dict[str, Callable[[Site, str], str]] = {
    "ws/live/ desk": lambda site, _kind: f"desk={site.world.jurisdiction.code}",
    "ws/live/ city": lambda site, _kind: f"city={site.world.jurisdiction.code}",
    "ws/live/ request": lambda site, kind: f"request={site.cases[kind].reference}",
}
"""What can be listened to at each socket's address."""


def listens(site: Site, reader: str, query: str) -> str:
    """Whether a reader's page may listen."""
    held = "; ".join(f"{name}={morsel.value}" for name, morsel in site.browser(reader).cookies.items())
    scope = {"headers": [(b"cookie", held.encode())], "query_string": query.encode()}
    return "yes" if subscription(scope) else "no"


def test_every_socket_lets_in_whom_the_table_says(site: Site) -> None:
    measured: dict[str, dict[str, str]] = {}
    for name, query in SUBSCRIPTIONS.items():
        measured[name] = {}
        for reader in READERS:
            answers = [listens(site, reader, query(site, kind)) for kind in site.cases]
            measured[name][reader] = answers[0] if len(set(answers)) == 1 else " / ".join(answers)
    assert not (told := differences("Sockets", READERS, measured)), "\n".join(told)
    known = {name.split(" ")[0] for name in SUBSCRIPTIONS}
    assert {str(route.pattern) for route in addresses} == known, "Say in SUBSCRIPTIONS what the new socket is asked."


# --- Acts ------------------------------------------------------------------------------------------------------------


def outcome(act: Callable[..., Any], command: actions.Command, facts: dict[str, Any]) -> str:
    """What became of an act: done, "no" for want of the right, "none" where the case is not to be known of."""
    try:
        with undone():
            return "refused" if act(command, **facts) is False else "yes"
    except Forbidden:
        return "no"
    except Missing:
        return "none"
    except ActionError:
        return "refused"


def test_every_act_is_for_those_the_table_says(site: Site) -> None:
    measured: dict[str, dict[str, str]] = {}
    for activity in (one for one in ACTS_OF_PEOPLE if one not in waiting()):
        answers: dict[str, list[str]] = {reader: [] for reader in READERS}
        for case in site.cases.values():
            with undone():
                act, facts, request = prepared(site, activity, case)
                for reader in READERS:
                    viewer: Viewer = site.viewer(reader)
                    answers[reader].append(outcome(act, factories.command(request, viewer), facts))
        measured[activity] = {r: said[0] if len(set(said)) == 1 else " / ".join(said) for r, said in answers.items()}
    assert not (told := differences("Acts", READERS, measured)), "\n".join(told)
