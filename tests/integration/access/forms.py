"""Every form and every narrowing of a list that the site offers, as its own pages hold them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

from django.urls import Resolver404, resolve

from tests.integration.access.site import Site, address, doors

LOOKERS = ("anyone", "reporter", "holder", "manager", "evaluator", "administrator")
"""Those whose pages are looked through."""
Fields = list[tuple[str, str]]


@dataclass
class Form:
    """A form of a page: where it goes, how, what it would send, and who sees it."""

    reader: str
    action: str
    method: str
    fields: Fields = field(default_factory=list)

    @property
    def door(self) -> str:
        """The name of the address it is sent to; "" for none of ours."""
        return door_of(self.action)

    @property
    def kind(self) -> tuple[object, ...]:
        """What tells it from another: the door, its fields, and the act it asks for."""
        acts = tuple(value for name, value in self.fields if name == "act")
        return (self.method, self.door, frozenset(name for name, _value in self.fields), acts)


class _Reader(HTMLParser):
    """Reads the forms and links of a page."""

    def __init__(self, reader: str, page: str) -> None:
        super().__init__()
        self.reader, self.page = reader, page
        self.forms: list[Form] = []
        self.links: set[str] = set()
        self._inside = False
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag == "a" and "?" in held.get("href", ""):
            self.links.add(held["href"])
        elif tag == "form":
            method = held.get("method", "get").upper()
            self.forms.append(Form(self.reader, held.get("action") or self.page, method))
            self._inside = True
        elif self._inside:
            self._handle_field(tag, held)

    def _handle_field(self, tag: str, held: dict[str, str]) -> None:
        name = held.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and held.get("value"):
            self._give(self._select, held["value"])
            self._select = ""
        elif tag == "textarea":
            self._area = name
            self._give(name, "Some words.")
        elif tag == "input" and name and held.get("type") != "file":
            self._give(name, held.get("value", ""))

    def _give(self, name: str, value: str) -> None:
        if name and name != "csrfmiddlewaretoken":
            self.forms[-1].fields.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


def door_of(action: str) -> str:
    """The name of the door at an address; "" for none of ours."""
    try:
        return resolve(urlsplit(action).path).view_name
    except Resolver404:
        return ""


def looked_through(site: Site) -> tuple[list[Form], dict[str, set[str]]]:
    """The forms of all pages, one of each kind; and by door the names of what its address may be asked for."""
    forms: dict[tuple[object, ...], Form] = {}
    asked: dict[str, set[str]] = {}
    for reader, page, text in _pages(site):
        found = _Reader(reader, page)
        found.feed(text)
        for form in found.forms:
            if form.door:
                forms.setdefault(form.kind, form)
            if form.method == "GET":
                asked.setdefault(form.door, set()).update(name for name, _value in form.fields)
        for link in found.links:
            names = {name for name, _value in parse_qsl(urlsplit(link).query)}
            asked.setdefault(door_of(link), set()).update(names)
    asked.pop("", None)
    return list(forms.values()), asked


def _pages(site: Site) -> Iterator[tuple[str, str, str]]:
    for reader in LOOKERS:
        browser = site.browser(reader)
        for door, arguments in doors():
            page = address(site, door, arguments, "public")
            answer = browser.get(page)
            if answer.status_code == 200 and answer.get("Content-Type", "").startswith("text/html"):
                yield reader, page, answer.content.decode()
