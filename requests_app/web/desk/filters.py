"""From the address to a queue: every filter is in the URL, and a value that makes no sense is refused by name."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.labels import CHANNEL
from requests_app.reads.desk import Choice, Choices, Desk, name_of_handler
from requests_app.reads.queue import ALL_ONES, NO_OFFICE, OPEN_ONES, OWN_OFFICES, Due, Key, QueueFilter, Sort, Tab
from requests_app.reads.today import SORTS, usual_kind
from requests_app.reads.today_lists import NEVER_LOOKED, TodayList, look_of
from requests_app.reads.workload_lists import NOBODY, Figure
from requests_app.states import PRIORITIES, Kind
from requests_app.text.normalise import clean
from requests_app.web.numbers import number_sent

SEARCH = "q"
"""The filter that holds words somebody typed: it stands in addresses and is kept nowhere."""

FILTERS = (
    "place",
    "tab",
    "list",
    "work",
    "person",
    "office",
    "service",
    "area",
    "kind",
    "due",
    "channel",
    "priority",
    "affected",
    "stay",
    SEARCH,
    "sort",
)
"""The names of filters in addresses, in the order they are written."""

NO_PERSON = "none"
"""Stands in addresses for cases that are given to nobody."""

NO_OFFICE_CHOICE = Choice(NO_OFFICE, "none", "")
"""Cases that no office holds; the page gives it its words."""

OWN_OFFICES_CHOICE = Choice(OWN_OFFICES, "own", "")
"""Cases that one of the viewer's own offices has the lead of, for those who work in several."""

BESIDE_FILTERS = {"after", "before", "lang", "only"}
"""What else addresses of lists and cases carry: where a page begins, the language, the rows a live page asks for."""

LONG = "long"
"""Stands in addresses for cases that are longer at their office than nine in ten of their kind."""

AFFECTED = (1, 3, 10)
"""The least numbers of people a queue can be narrowed to."""

MOST_TEXT = 100
KEY_SALT = "desk.queue.key"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: the queue, the page's key, and what was wrong by field.

    The page stands behind its key, or before it when it is read `backwards`.
    """

    queue: QueueFilter
    given: dict[str, str]
    key: Key | None
    problems: dict[str, str | Promise]
    backwards: bool = False
    person: str = ""
    """The name of the person it is narrowed to."""

    def query(self, **changes: str | None) -> str:
        """The address's query with some filters changed (None or "" takes one away)."""
        wanted = {**self.given, **{name: value or "" for name, value in changes.items()}}
        return urlencode([(name, wanted[name]) for name in FILTERS if wanted.get(name)])


def read_address(query: QueryDict, desk: Desk, known: Choices) -> Asked:
    """The queue an address asks for. Problems leave their filter at its default."""
    given = {name: query.get(name, "").strip() for name in FILTERS if query.get(name, "").strip()}
    problems: dict[str, str | Promise] = {}
    reader = _Reader(given, problems)
    no_promise = _("There is no such promise to filter by. Choose one from the list.")
    no_list = _("There is no such list. Choose one on the page Today.")
    no_figure = _("There is no such figure. Choose one on the page Workload.")
    today = reader.one_of("list", set(TodayList), None, no_list, TodayList)
    work = reader.one_of("work", set(Figure), None, no_figure, Figure)
    person_id, person = _person(given, desk, problems)
    queue = QueueFilter(
        jurisdiction=desk.place,
        today=today,
        work=work,
        person_id=person_id,
        look=look_of(desk.viewer, desk.place) if today is TodayList.NEW else NEVER_LOOKED,
        tab=_tab(given, desk, problems),
        own_office_ids=desk.own_office_ids,
        office_id=reader.code(
            "office",
            [*special_offices(desk), *known.offices],
            _("There is no such office here. Choose one from the list."),
        ),
        service_id=reader.code(
            "service", known.services, _("There is no such service here. Choose one from the list.")
        ),
        area_id=reader.code("area", known.areas, _("There is no such area here. Choose one from the list.")),
        kind=reader.one_of(
            "kind",
            {*Kind, OPEN_ONES, ALL_ONES},
            usual_kind(today, work),
            _("There is no such status. Choose one from the list."),
        ),
        due=reader.one_of("due", set(Due), None, no_promise, Due),
        channel=reader.one_of("channel", set(CHANNEL), "", _("There is no such channel. Choose one from the list.")),
        priority=reader.one_of(
            "priority",
            {str(known) for known in PRIORITIES},
            None,
            _("There is no such priority. Choose one from the list."),
            int,
        ),
        affected=reader.one_of(
            "affected",
            {str(least) for least in AFFECTED},
            None,
            _("There is no such number of people to narrow by. Choose one from the list."),
            int,
        ),
        is_long=reader.one_of(
            "stay", {LONG}, False, _("There is no such length of stay. Choose one from the list."), bool
        ),
        text=reader.text(),
    )
    for name in sorted(set(query) - set(FILTERS) - BESIDE_FILTERS)[:5]:
        sentence = _("No list can be narrowed by “%(name)s”. Take it out of the address.")
        problems[name[:40]] = str(sentence) % {"name": name[:40]}
    default = Sort.DUE if queue.due in (Due.LATE, Due.TODAY, Due.WEEK) else Sort.NEWEST
    default = ORDERS.get(work, Sort.OLDEST) if work is not None else default
    default = SORTS[today] if today is not None else default
    no_order = _("There is no such order. Choose one from the list.")
    queue = replace(queue, sort=reader.one_of("sort", set(Sort), default, no_order, Sort))
    asked = Asked(queue, {n: v for n, v in given.items() if n not in problems}, None, problems, person=person)
    backwards = "before" in query
    return replace(asked, key=_key(query.get("before" if backwards else "after", ""), asked), backwards=backwards)


def special_offices(desk: Desk) -> list[Choice]:
    """The choices that stand beside the offices by name."""
    return [NO_OFFICE_CHOICE, *([OWN_OFFICES_CHOICE] if len(desk.own_office_ids) > 1 else [])]


ORDERS: dict[Figure | None, Sort] = {Figure.NEW: Sort.NEWEST, Figure.CLOSED: Sort.CHANGED}
"""The orders of the figures of a workload; the others begin with what has waited longest."""


def _person(given: Mapping[str, str], desk: Desk, problems: dict[str, str | Promise]) -> tuple[int | None, str]:
    """The id and the name of the person whose cases are asked for; one statement where one is."""
    wanted = given.get("person", "")
    if not wanted:
        return None, ""
    if wanted == NO_PERSON:
        return NOBODY, str(_("Given to nobody"))
    number = number_sent(wanted)
    name = name_of_handler(desk, number) if number else ""
    if not name:
        problems["person"] = _("Nobody of that number has requests here. Choose somebody on the page Workload.")
        return None, ""
    return number, name


def _tab(given: Mapping[str, str], desk: Desk, problems: dict[str, str | Promise]) -> Tab:
    wanted = given.get("tab", "")
    if wanted and wanted not in desk.tabs:
        problems["tab"] = _("You have no such list here. Choose one of the lists shown.")
    return Tab(wanted) if wanted in desk.tabs else desk.tabs[0]


@dataclass(frozen=True, slots=True)
class _Reader:
    given: Mapping[str, str]
    problems: dict[str, str | Promise]

    def code(self, name: str, known: Iterable[Choice], sentence: str | Promise) -> int | None:
        wanted = self.given.get(name)
        found = next((choice.pk for choice in known if choice.code == wanted), None)
        if wanted and found is None:
            self.problems[name] = sentence
        return found

    def one_of(
        self,
        name: str,
        known: set[Any],
        default: Any,
        sentence: str | Promise,
        kind: Callable[[str], Any] = str,
    ) -> Any:
        wanted = self.given.get(name)
        if not wanted:
            return default
        if wanted in known:
            return kind(wanted)
        self.problems[name] = sentence
        return default

    def text(self) -> str:
        wanted = self.given.get(SEARCH, "")
        if "\x00" in wanted or len(wanted) > MOST_TEXT:
            self.problems[SEARCH] = _("Search for at most 100 characters of a reference or an address.")
            return ""
        return clean(wanted)


# --- Pages -----------------------------------------------------------------------------------------------------------


def written_key(key: Key, asked: Asked) -> str:
    """A row's key for an address: signed, and good for this queue only."""
    values = [v.isoformat() if isinstance(v, datetime) else v for v in key.values]
    return signing.dumps([asked.query(), values], salt=KEY_SALT, compress=True)


def _key(written: str, asked: Asked) -> Key | None:
    if not written:
        return None
    try:
        query, values = signing.loads(written, salt=KEY_SALT)
    except signing.BadSignature:
        query, values = None, []
    if query != asked.query():
        asked.problems["after"] = _("This page belongs to another list. Start again from its first page.")
        return None
    return Key(tuple(datetime.fromisoformat(v) if isinstance(v, str) else v for v in values))
