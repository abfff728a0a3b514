"""What a move of the desk is made of: the scene it is played in, the form that was sent, its fields."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from requests_app.actions import Command, Done, Refused
from requests_app.models import Hold, Jurisdiction, ServiceRequest
from requests_app.reads.border import AcrossTheBorder
from requests_app.reads.desk import Choice, Choices, Desk
from requests_app.reads.duplicates import Likely
from requests_app.states import Activity
from requests_app.text.spoken import spoken_number

Words = str | Promise
Option = tuple[str, Words]
MOST_GIVEN = 20_000


@dataclass(frozen=True, slots=True)
class Scene:
    """What the fields of moves choose from: the case, its desk, what is known there, reviews, likely duplicates.

    `across` are the offices whose areas are near: said where a case is sent on.
    """

    case: ServiceRequest
    desk: Desk
    known: Choices
    reviews: Sequence[Hold] = ()
    likely: Sequence[Likely] = ()
    across: Sequence[AcrossTheBorder] = ()

    @property
    def handler_id(self) -> int | None:
        """The viewer, when they work in the office that holds the case."""
        return self.desk.viewer.user_id if self.case.office_id in self.desk.own_office_ids else None


@dataclass(frozen=True, slots=True)
class Given:
    """A form as it was sent; every reader refuses by the field's own name."""

    values: dict[str, str]
    scene: Scene

    def text(self, name: str) -> str:
        """Words as typed; the action checks them."""
        return self.values.get(name, "")[:MOST_GIVEN]

    def pk(self, name: str, sentence: Words) -> int:
        """The id a select gave."""
        wanted = self.values.get(name, "")
        if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 19):
            raise Refused({name: sentence})
        return int(wanted)

    def is_checked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return bool(self.values.get(name))

    def noon(self, name: str) -> datetime:
        """A day, as its noon on the clocks of the place."""
        return self._day(name, time(12))

    def day_end(self, name: str) -> datetime:
        """A day until which something is promised: its last minute on the clocks of the place."""
        return self._day(name, time(23, 59))

    def _day(self, name: str, at: time) -> datetime:
        return day_given(self.values, name, at, self.scene.case.jurisdiction)


def day_given(values: Mapping[str, str], name: str, at: time, place: Jurisdiction) -> datetime:
    """A day that was given, at a time of it on the clocks of the place; Refused by the field's name when it is none."""
    try:
        day = date.fromisoformat(values.get(name, ""))
    except ValueError:
        raise Refused({name: _("Give a day, such as 2026-05-31.")}) from None
    return datetime.combine(day, at, ZoneInfo(place.time_zone))


def people_options(people: Iterable[Choice]) -> list[Option]:
    """People to choose from, each with how many open requests they have here already."""
    return [(str(one.pk), _with_load(one)) for one in people]


def _with_load(person: Choice) -> str:
    load = ngettext("%(name)s (%(number)s open request)", "%(name)s (%(number)s open requests)", person.load)
    return load % {"name": person.name, "number": spoken_number(person.load, get_language())}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a move. `look`: select, radio, line, long, day or check."""

    name: str
    words: Words
    look: str
    options: Callable[[Scene], list[Option]] | None = None
    is_required: bool = True
    hint: Words = ""
    goes_to: str = ""  # "citizen" or "offices": who is to read what is written here
    starts_from: str = ""  # the kind of reply template that may be put in
    is_internal: bool = False  # nobody but staff ever reads it
    when: Callable[[Scene], bool] = lambda _scene: True  # whether the field makes sense for this case


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that can be done to a case, with one key.

    `advances`: it ends the viewer's part, so the list may go on to its next case. `about` says before, in the form,
    what will happen; `tell` says after what did, where `said` is too little; `warn` what to look at again. `undo` is
    the move that takes it back at once, offered beside what was said: a move that advances leaves its case behind.
    """

    slug: str
    activity: Activity
    key: str
    words: Words
    do: Callable[[Command, Given], Done]
    said: Words
    fields: tuple[Field, ...] = ()
    advances: bool = False
    send: Words = field(default=_("Save"))
    about: Callable[[Scene], Words] | None = None
    tell: Callable[[Given, ServiceRequest], Words] | None = None
    warn: Callable[[Given, ServiceRequest], Words] | None = None
    undo: str = ""
    page: str = ""
    """The address name of the page on which it is prepared, where what follows is shown before it is made."""

    @property
    def starts(self) -> set[str]:
        """The names of the fields that may be started from a reply template."""
        return {one.name for one in self.fields if one.starts_from}
