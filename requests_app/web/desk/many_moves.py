"""The moves that can be made to many cases, as forms: their words, their fields, and the wish they make."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from requests_app.actions import Refused, checked_words, day_to_come
from requests_app.actions.absences import refuse_absent
from requests_app.actions.many import MANY, Many, Wish, possible_for_many
from requests_app.labels import OUTCOME, PRIORITY, REASON
from requests_app.reads.desk import Choice, Desk
from requests_app.states import REASONS, Activity, Outcome
from requests_app.templatetags.desk import spoken_day
from requests_app.web.desk.move_parts import MOST_GIVEN, Field, Option, Words, day_given, people_options
from requests_app.web.numbers import number_sent


@dataclass(frozen=True, slots=True)
class ManyScene:
    """What the fields choose from: the desk, its offices, and the people of the offices that hold what was chosen."""

    desk: Desk
    offices: Sequence[Choice] = ()
    people: Sequence[Choice] = ()


@dataclass(slots=True)
class Sent:
    """A form as it was sent. What cannot be taken is kept by its field, so that all of it is said at once."""

    values: Mapping[str, str]
    scene: ManyScene
    problems: dict[str, Words] = field(default_factory=dict)

    def one_of(self, name: str, options: Sequence[Option], sentence: Words) -> str:
        """A code that the form offered."""
        wanted = self.values.get(name, "")
        if wanted not in {code for code, _words in options}:
            self.problems[name] = sentence
        return wanted

    def pk(self, name: str, options: Sequence[Option], sentence: Words) -> int:
        """An id that the form offered."""
        return number_sent(self.one_of(name, options, sentence)) or 0

    def words(self, name: str, *, required: bool = False) -> str:
        """Words as they will be kept, judged as the action judges them."""
        typed = self.values.get(name, "")[:MOST_GIVEN]
        if not required and not typed.strip():
            return ""
        return self._kept(lambda: checked_words(typed, name))

    def noon(self, name: str) -> str:
        """A day to come, as its noon on the clocks of the place, written for the run."""
        return self._kept(lambda: day_to_come(self._noon(name), name).astimezone(UTC).isoformat())

    def _noon(self, name: str) -> datetime:
        return day_given(self.values, name, time(12), self.scene.desk.place)

    def _kept(self, read: Callable[[], str]) -> str:
        """What is read; "" where it is refused, which is kept by its field."""
        try:
            return read()
        except Refused as refused:
            self.problems.update(refused.fields)
            return ""


Options = Callable[[ManyScene], list[Option]]


@dataclass(frozen=True, slots=True)
class ManyMove:
    """One move for many: `of` names the action's own, `wish` reads the form, `options` has what its fields offer."""

    slug: str
    of: str
    words: Words
    wish: Callable[[Sent], Wish]
    fields: tuple[Field, ...] = ()
    options: Mapping[str, Options] = field(default_factory=dict)

    @property
    def many(self) -> Many:
        """What the action knows of it."""
        return MANY[self.of]


# --- What fields choose from -----------------------------------------------------------------------------------------


def _offices(scene: ManyScene) -> list[Option]:
    return [(str(office.pk), office.name) for office in scene.offices]


def _people(scene: ManyScene) -> list[Option]:
    return people_options(scene.people)


def _reasons(_scene: ManyScene) -> list[Option]:
    return [(code, REASON[code]) for code in REASONS[Activity.PUT_OFF]]


def _outcomes(_scene: ManyScene) -> list[Option]:
    return [(code.value, words) for code, words in OUTCOME.items() if code is not Outcome.DUPLICATE]


def _priorities(_scene: ManyScene) -> list[Option]:
    return [(str(code), words) for code, words in sorted(PRIORITY.items(), reverse=True)]


# --- What forms wish -------------------------------------------------------------------------------------------------


def _to_me(sent: Sent) -> Wish:
    return Wish("assign", {"handler": sent.scene.desk.viewer.user_id})


def _assign(sent: Sent) -> Wish:
    handler = sent.pk("handler", _people(sent.scene), _("Choose a person from the list."))
    although_away = bool(sent.values.get("although_away"))
    viewer = sent.scene.desk.viewer
    if not sent.problems and not although_away and handler != viewer.user_id:
        refuse_absent(sent.scene.desk.place, handler)
    return Wish("assign", {"handler": handler, "although_away": although_away})


def _hand_off(sent: Sent) -> Wish:
    office = sent.pk("office", _offices(sent.scene), _("Choose an office from the list."))
    return Wish("hand-off", {"office": office}, {"note": sent.words("note")})


def _put_off(sent: Sent) -> Wish:
    reason = sent.one_of("reason", _reasons(sent.scene), _("Choose a reason from the list."))
    return Wish("put-off", {"reason": reason, "until": sent.noon("until")}, {"note": sent.words("note")})


def _priority(sent: Sent) -> Wish:
    wanted = sent.one_of("priority", _priorities(sent.scene), _("Choose a priority from the list."))
    known = {str(code): code for code in PRIORITY}
    return Wish("priority", {"priority": known.get(wanted, 0)})


def _close(sent: Sent) -> Wish:
    outcome = sent.one_of("outcome", _outcomes(sent.scene), _("Choose an outcome from the list."))
    return Wish("close", {"outcome": outcome}, {"reply": sent.words("reply")})


_NOTE = Field(
    "note", _("Note for the offices (optional)"), "long", is_required=False, goes_to="offices", is_internal=True
)
_EVERY_CITIZEN = _("Every citizen of these requests gets these words as they are: write what is true for all of them.")

MOVES: tuple[ManyMove, ...] = (
    ManyMove("take", "assign", _("Give to me"), _to_me),
    ManyMove("accept", "accept", _("Accept"), lambda _sent: Wish("accept")),
    ManyMove("start", "start", _("Start work"), lambda _sent: Wish("start")),
    ManyMove(
        "assign",
        "assign",
        _("Give to a person"),
        _assign,
        (
            Field("handler", _("Person"), "select"),
            Field("although_away", _("Even if the person is away"), "check", is_required=False),
        ),
        {"handler": _people},
    ),
    ManyMove(
        "hand-off",
        "hand-off",
        _("Hand off to another office"),
        _hand_off,
        (Field("office", _("Office"), "select"), _NOTE),
        {"office": _offices},
    ),
    ManyMove(
        "put-off",
        "put-off",
        pgettext_lazy("move", "Put off to a later day"),
        _put_off,
        (
            Field("reason", _("Why"), "radio"),
            Field("until", _("Until"), "day", hint=_("The clock of the promise runs on.")),
            _NOTE,
        ),
        {"reason": _reasons},
    ),
    ManyMove(
        "priority",
        "priority",
        _("Change the priority"),
        _priority,
        (Field("priority", _("Priority"), "radio"),),
        {"priority": _priorities},
    ),
    ManyMove(
        "close",
        "close",
        pgettext_lazy("move", "Close"),
        _close,
        (
            Field("outcome", _("How it ended"), "radio"),
            Field("reply", _("Reply to the citizen (optional)"), "long", is_required=False, hint=_EVERY_CITIZEN),
        ),
        {"outcome": _outcomes},
    ),
    ManyMove(
        "ask",
        "ask",
        _("Ask the citizen"),
        lambda sent: Wish("ask", words={"question": sent.words("question", required=True)}),
        (Field("question", _("Your question"), "long", hint=_EVERY_CITIZEN),),
    ),
    ManyMove(
        "note",
        "note",
        _("Write an internal note"),
        lambda sent: Wish("note", words={"body": sent.words("body", required=True)}),
        (Field("body", _("Note"), "long", is_internal=True),),
    ),
)

WORDS: dict[str, Words] = {move.of: move.words for move in MOVES if move.slug != "take"}
"""What each move of the action is called."""


def offered(desk: Desk) -> list[ManyMove]:
    """The moves that the reader may make here to any case; to give to oneself one must work in an office."""
    may = set(possible_for_many(desk.viewer, desk.place))
    return [move for move in MOVES if move.of in may and (move.slug != "take" or desk.own_office_ids)]


def read_wish(move: ManyMove, sent: Sent) -> Wish:
    """What a form wishes; Refused by every field that cannot be taken."""
    wish = move.wish(sent)
    if sent.problems:
        raise Refused(sent.problems)
    return wish


def in_words(move: ManyMove, sent: Sent) -> list[tuple[Words, Words]]:
    """What was chosen and written, field by field, as its reader would say it."""
    told: list[tuple[Words, Words]] = []
    for one in move.fields:
        value = sent.values.get(one.name, "").strip()
        if value:
            told.append((one.words, _value_in_words(move, one, value, sent.scene)))
    return told


def _value_in_words(move: ManyMove, one: Field, value: str, scene: ManyScene) -> Words:
    if one.look == "check":
        return _("yes")
    if one.look == "day":
        return spoken_day(date.fromisoformat(value))
    return dict(move.options[one.name](scene)).get(value, value) if one.name in move.options else value
