"""The moves of the desk as data: key, words, fields, and the action each calls."""

from collections.abc import Callable, Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from requests_app import actions
from requests_app.actions import Command, Done, Refused
from requests_app.labels import OUTCOME, REASON
from requests_app.permissions import Publicity
from requests_app.states import REASONS, SENT, Activity, Outcome, Status
from requests_app.templatetags.desk import PRIORITY
from requests_app.web.desk import said
from requests_app.web.desk.forwarding import misrouted, right_office
from requests_app.web.desk.joining import find_other
from requests_app.web.desk.move_parts import Field, Given, Move, Option, Scene, people_options

# --- What fields choose from -----------------------------------------------------------------------------------------


def _offices(scene: Scene) -> list[Option]:
    return [(str(o.pk), o.name) for o in scene.known.offices if o.pk != scene.case.office_id]


def _people(scene: Scene) -> list[Option]:
    return people_options(p for p in scene.known.people if p.pk != scene.case.handler_id)


def _reviews(scene: Scene) -> list[Option]:
    own = scene.desk.own_office_ids
    return [(str(h.branch), h.office.name) for h in scene.reviews if not own or h.office_id in own]


def _likely(scene: Scene) -> list[Option]:
    return [(one.reference, one.words) for one in scene.likely]


def _reasons(activity: Activity) -> Callable[[Scene], list[Option]]:
    return lambda _scene: [(code, REASON[code]) for code in REASONS[activity]]


def _outcomes(_scene: Scene) -> list[Option]:
    return [(code.value, words) for code, words in OUTCOME.items() if code is not Outcome.DUPLICATE]


def _priorities(scene: Scene) -> list[Option]:
    return [(str(code), words) for code, words in sorted(PRIORITY.items(), reverse=True) if code != scene.case.priority]


def _may_be_public(scene: Scene) -> bool:
    """Whether everybody may ever read what the office writes: of other services nobody may, released or not."""
    return scene.case.service.publicity == Publicity.PUBLIC


# --- What the moves do -----------------------------------------------------------------------------------------------

_NO_OFFICE = _("Choose an office from the list.")
_NO_SERVICE = _("Choose a service from the list.")


def _for_all(given: Given) -> bool:
    """Whether everybody may read the words; Refused where nobody ever may."""
    wanted = given.is_checked("public")
    if wanted and not _may_be_public(given.scene):
        raise Refused({"public": _("Requests for this service are never public.")})
    return wanted


def _merge(command: Command, given: Given) -> Done:
    try:
        return actions.merge(command, into_id=find_other(command, given).pk)
    except Refused as refused:
        if given.text("other").strip() and "into" in refused.fields:
            raise Refused({"other": refused.fields["into"]}) from None
        raise


def _priority(command: Command, given: Given) -> Done:
    known = {str(code): code for code in PRIORITY}
    if given.text("priority") not in known:
        raise Refused({"priority": _("Choose a priority from the list.")})
    return actions.reprioritize(command, priority=known[given.text("priority")])


_NOTE = Field(
    "note", _("Note for the offices (optional)"), "long", is_required=False, goes_to="offices", is_internal=True
)
_TO = Field("office", _("Office"), "select", _offices)

MOVES: tuple[Move, ...] = (
    Move(
        "route",
        Activity.ROUTED,
        "h",
        _("Send to an office"),
        lambda c, g: actions.route(c, office_id=g.pk("office", _NO_OFFICE)),
        _("Sent to the office."),
        (_TO,),
        advances=True,
        send=_("Send"),
        about=said.near_others,
        tell=said.sent,
    ),
    Move(
        "accept",
        Activity.ACCEPTED,
        "a",
        _("Accept"),
        lambda c, g: actions.accept(c, handler_id=g.scene.handler_id),
        _("Accepted."),
    ),
    Move("start", Activity.STARTED, "s", _("Start work"), lambda c, g: actions.start(c), _("Work started.")),
    Move(
        "close",
        Activity.RESOLVED,
        "x",
        pgettext_lazy("move", "Close"),
        lambda c, g: actions.close(c, outcome=g.text("outcome"), reply=g.text("reply"), public_reply=_for_all(g)),
        _("Closed."),
        (
            Field("outcome", _("How it ended"), "radio", _outcomes),
            Field(
                "reply",
                _("Reply to the citizen (optional)"),
                "long",
                is_required=False,
                goes_to="citizen",
                starts_from="closing",
            ),
            Field("public", _("Everybody may read this reply"), "check", is_required=False, when=_may_be_public),
        ),
        advances=True,
        send=_("Close the request"),
    ),
    Move(
        "assign",
        Activity.ASSIGNED,
        "g",
        _("Give to a person"),
        lambda c, g: actions.assign(
            c,
            handler_id=g.pk("handler", _("Choose a person from the list.")),
            although_away=g.is_checked("although_away"),
        ),
        _("Given to the person."),
        (
            Field("handler", _("Person"), "select", _people),
            Field("although_away", _("Even if the person is away"), "check", is_required=False),
        ),
        send=_("Give"),
        tell=said.given_to,
    ),
    Move(
        "hand-off",
        Activity.HANDED_OFF,
        "h",
        _("Hand off to another office"),
        lambda c, g: actions.hand_off(c, office_id=g.pk("office", _NO_OFFICE), note=g.text("note")),
        _("Handed off."),
        (_TO, _NOTE),
        advances=True,
        send=_("Hand off"),
        about=said.near_others,
        tell=said.handed,
    ),
    Move(
        "forward",
        Activity.HANDED_OFF,
        "h",
        _("Send on to the right office"),
        lambda c, g: actions.forward(
            c, office_id=g.pk("office", _NO_OFFICE), reason=g.text("reason"), note=g.text("note")
        ),
        _("Sent on."),
        (right_office(_("Office")), Field("reason", _("Why"), "radio", misrouted), _NOTE),
        advances=True,
        send=_("Send on"),
        about=said.sent_on_at_once,
        tell=said.sent_on,
    ),
    Move(
        "bounce",
        Activity.BOUNCED,
        "b",
        _("Send back"),
        lambda c, g: actions.bounce(c, reason=g.text("reason"), note=g.text("note")),
        _("Sent back."),
        (Field("reason", _("Why"), "radio", _reasons(Activity.BOUNCED)), _NOTE),
        advances=True,
        send=_("Send back"),
        about=said.goes_back_to,
        tell=said.sent_back,
    ),
    Move(
        "schedule",
        Activity.SCHEDULED,
        "d",
        _("Set a day"),
        lambda c, g: actions.schedule(c, promised_at=g.noon("promised_at")),
        _("The day is set and the citizen can see it."),
        (Field("promised_at", _("Day of the work"), "day", hint=_("The citizen sees this day.")),),
        about=said.promised_by,
        warn=said.after_the_promise,
    ),
    Move(
        "ask",
        Activity.CITIZEN_ASKED,
        "q",
        _("Ask the citizen"),
        lambda c, g: actions.ask_citizen(c, question=g.text("question")),
        _("The question was sent; the request waits for the answer."),
        (Field("question", _("Your question"), "long", goes_to="citizen", starts_from="question"),),
        send=_("Ask"),
    ),
    Move(
        "answer",
        Activity.CITIZEN_REPLIED,
        "n",
        _("The citizen answered (by phone)"),
        lambda c, g: actions.citizen_replies(c, answer=g.text("answer")),
        _("The answer is kept and work goes on."),
        (Field("answer", _("What the citizen answered"), "long", goes_to="offices"),),
        send=_("Keep the answer"),
    ),
    Move(
        "wait",
        Activity.EXTERNAL_WAITED,
        "w",
        _("Wait for somebody outside"),
        lambda c, g: actions.wait_for_external(c, reason=g.text("reason")),
        _("The request waits."),
        (Field("reason", _("For whom or what"), "radio", _reasons(Activity.EXTERNAL_WAITED)),),
    ),
    Move(
        "put-off",
        Activity.PUT_OFF,
        ",",
        pgettext_lazy("move", "Put off to a later day"),
        lambda c, g: actions.put_off(c, reason=g.text("reason"), until=g.noon("until"), note=g.text("note")),
        _("Put off. Today shows it again when the day has come."),
        (
            Field("reason", _("Why"), "radio", _reasons(Activity.PUT_OFF)),
            Field("until", _("Until"), "day", hint=_("The clock of the promise runs on.")),
            _NOTE,
        ),
        send=_("Put off"),
        about=said.promised_by,
    ),
    Move(
        "late",
        Activity.DELAYED,
        "o",
        _("Give a new date"),
        lambda c, g: actions.delay(c, reason=g.text("reason"), new_date=g.day_end("new_date"), words=g.text("words")),
        _("The new date was given; the citizen can see it with the reason."),
        (
            Field("reason", _("Why the promise is not kept"), "radio", _reasons(Activity.DELAYED)),
            Field("new_date", _("New date"), "day", hint=_("The citizen sees the promise, the reason and this day.")),
            Field(
                "words",
                _("A word to the citizen (optional)"),
                "long",
                is_required=False,
                goes_to="citizen",
                starts_from="delay",
            ),
        ),
        send=_("Give the new date"),
        about=said.promised_by,
    ),
    Move(
        "reopen",
        Activity.REOPENED,
        "o",
        _("Reopen"),
        lambda c, g: actions.reopen(c, reason=g.text("reason")),
        _("Open again."),
        (Field("reason", _("Why (optional)"), "long", is_required=False, goes_to="offices"),),
        send=_("Reopen"),
    ),
    Move(
        "review",
        Activity.REVIEW_REQUESTED,
        "v",
        _("Ask another office for a review"),
        lambda c, g: actions.request_review(c, office_id=g.pk("office", _NO_OFFICE)),
        _("The review was asked for."),
        (_TO,),
        send=_("Ask for the review"),
    ),
    Move(
        "return-review",
        Activity.REVIEW_RETURNED,
        "t",
        _("Return the review"),
        lambda c, g: actions.return_review(
            c, branch=g.pk("branch", _("Choose a review from the list.")), note=g.text("note")
        ),
        _("The review was returned."),
        (Field("branch", _("Review by"), "select", _reviews), _NOTE),
        advances=True,
        send=_("Return"),
    ),
    Move(
        "merge",
        Activity.MERGED,
        "m",
        _("Join with the request it repeats"),
        _merge,
        _("Joined with the other request."),
        (
            Field("into", _("Likely the same"), "radio", _likely, is_required=False),
            Field(
                "other",
                _("Reference of the other request"),
                "line",
                is_required=False,
                hint=_("With or without its first letters and the dash."),
            ),
        ),
        advances=True,
        send=_("Join"),
        tell=said.joined,
        warn=said.far_apart,
        undo="unmerge",
    ),
    Move(
        "unmerge",
        Activity.UNMERGED,
        "m",
        _("Separate them again"),
        lambda c, g: actions.unmerge(c),
        _("Separated from the other request and open again."),
    ),
    Move(
        "service",
        Activity.RECATEGORIZED,
        "e",
        _("Move to another service"),
        lambda c, g: actions.recategorize(c, service_id=g.pk("service", _NO_SERVICE), stays=g.text("where") == "stays"),
        _("Moved to the other service."),
        tell=said.moved,
        page="desk:service",
    ),
    Move(
        "priority",
        Activity.REPRIORITIZED,
        "p",
        _("Change the priority"),
        _priority,
        _("The priority was changed."),
        (Field("priority", _("Priority"), "radio", _priorities),),
    ),
    Move(
        "note",
        Activity.NOTED,
        "i",
        _("Write an internal note"),
        lambda c, g: actions.note(c, body=g.text("body")),
        _("The note is kept."),
        (Field("body", _("Note"), "long", goes_to="offices", is_internal=True),),
    ),
    Move(
        "comment",
        Activity.COMMENTED,
        "y",
        _("Write to the citizen"),
        lambda c, g: actions.comment(c, body=g.text("body"), released=_for_all(g)),
        _("The message was sent."),
        (
            Field("body", _("Message"), "long", goes_to="citizen", starts_from="message"),
            Field("public", _("Everybody may read this message"), "check", is_required=False, when=_may_be_public),
        ),
        send=_("Send"),
    ),
    Move(
        "hide",
        Activity.HIDDEN,
        "z",
        _("Hide from the public"),
        lambda c, g: actions.hide(c),
        _("Hidden from the public."),
    ),
    Move(
        "show",
        Activity.SHOWN,
        "z",
        _("Show to the public again"),
        lambda c, g: actions.hide(c, hidden=False),
        _("Shown to the public again."),
    ),
    Move(
        "release-words",
        Activity.WORDS_RELEASED,
        "",
        _("Make public"),
        lambda c, g: actions.release_words(c, words_id=g.pk("words", _("These words cannot be made public."))),
        _("Everybody can read it now."),
    ),
    Move(
        "release-photo",
        Activity.WORDS_RELEASED,
        "",
        _("Make public"),
        lambda c, g: actions.release_photo(c, photo_id=g.pk("photo", _("This photo cannot be made public."))),
        _("Everybody can see it now."),
    ),
)

BY_SLUG: dict[str, Move] = {move.slug: move for move in MOVES}

FIRST: dict[Status, str] = {
    Status.RECEIVED: "route",
    Status.TRIAGED: "accept",
    Status.HANDED_OFF: "accept",
    Status.ASSIGNED: "start",
    Status.SCHEDULED: "start",
    Status.IN_PROGRESS: "close",
    Status.WAITING_CITIZEN: "answer",
    Status.WAITING_EXTERNAL: "start",
    Status.CLOSED: "reopen",
}
"""The move that usually comes next."""


def moves_of(scene: Scene, may: Sequence[Activity]) -> list[Move]:
    """The moves to offer, the usual next one first; those with nothing to choose from are left out."""
    status = Status(scene.case.status)
    offered = [move for move in MOVES if move.key and move.activity in may and _makes_sense(move, scene, status)]
    return sorted(offered, key=lambda move: move.slug != FIRST[status])


def _makes_sense(move: Move, scene: Scene, status: Status) -> bool:
    if move.slug in ("hide", "show"):
        may_be_seen = scene.case.service.publicity != Publicity.PRIVATE
        return scene.case.hidden == (move.slug == "show") and (may_be_seen or scene.case.hidden)
    if move.activity is Activity.HANDED_OFF and (status in SENT) != (move.slug == "forward"):
        return False
    if move.slug == "route":
        return status is Status.RECEIVED
    if move.slug in ("unmerge", "reopen"):
        return (scene.case.merged_into_id is None) == (move.slug == "reopen")
    must_choose = [f for f in move.fields if f.is_required and f.options is not None]
    return all(f.options(scene) for f in must_choose if f.options is not None)
