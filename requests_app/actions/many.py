"""One move for many cases: what would be refused, and the run that makes it case by case through the real actions.

Each case has its own transaction, in which its item says how it went: a worker that is killed leaves no case done
and not noted, and whoever goes on takes only what is still waiting.
"""

import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import Prefetch
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from requests_app.actions._draft import Command, Done, Draft
from requests_app.actions._ledger import authorise, capability_for, check_legal, office_against, parts_against
from requests_app.actions._saving import state_of
from requests_app.actions.errors import ActionError, Forbidden, Illegal, Missing, ReadOnly, Refused, Sentence
from requests_app.actions.handle import (
    NOT_RESOLVED,
    accept,
    ask_citizen,
    assign,
    close,
    put_off,
    reopen,
    reprioritize,
    start,
)
from requests_app.actions.remark import note
from requests_app.actions.send import hand_off, recall
from requests_app.clock import now
from requests_app.models import BulkItem, BulkRun, Hold, Jurisdiction, Membership, Office, ServiceRequest
from requests_app.permissions import Viewer
from requests_app.projection import CaseState
from requests_app.reads.case_workflow import against_resolving
from requests_app.reads.grants import grants_of
from requests_app.states import Activity, Capability, Outcome

log = logging.getLogger(__name__)

MOST = 500
"""So many cases at once: more is a decision about rules, not about cases."""

UNDO = "undo"
Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done: codes and ids in `given`, what is written to or about each case in `words`."""

    move: str
    given: Given = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """One case as it was seen, and why the move would be refused ("" where it would be made)."""

    request: ServiceRequest
    sentence: Sentence = ""


@dataclass(frozen=True, slots=True)
class Many:
    """A move that can be made to many: `against` says what a case has against it beyond right and status.

    `before` keeps what `undo` puts back. Where nothing leads back, `undo` is None and `no_way_back` says why.
    """

    activity: Activity
    act: Callable[[Command, Wish], Done]
    against: Callable[[ServiceRequest, CaseState, Wish], Sentence | None] = lambda _case, _state, _wish: None
    before: Callable[[ServiceRequest], dict[str, Any]] = lambda _case: {}
    undo: Callable[[Command, Given], Done] | None = None
    no_way_back: Sentence = ""


# --- The moves -------------------------------------------------------------------------------------------------------


def _given_already(case: ServiceRequest, state: CaseState, wish: Wish) -> Sentence | None:
    if case.handler_id == wish.given["handler"]:
        return _("It is given to that person already.")
    if state.office_id not in wish.given["offices"]:
        return _("That person does not work in the office that holds the request.")
    return None


def _there_already(case: ServiceRequest, state: CaseState, wish: Wish) -> Sentence | None:
    if state.office_id == wish.given["office"]:
        return _("That office holds the request already. Choose another one.")
    return office_against(wish.given["receiver"], case.jurisdiction)


def _so_already(case: ServiceRequest, _state: CaseState, wish: Wish) -> Sentence | None:
    return _("It has that priority already.") if case.priority == wish.given["priority"] else None


def _not_at_its_end(case: ServiceRequest, state: CaseState, wish: Wish) -> Sentence | None:
    against = against_resolving(case, state) if wish.given["outcome"] == Outcome.RESOLVED else None
    return NOT_RESOLVED[against] if against is not None else parts_against(case)


def _give_back(command: Command, before: Given) -> Done:
    if before.get("handler") is None:
        raise Refused({"": _("It was given to nobody before. Give it to somebody on its page.")})
    return assign(command, handler_id=before["handler"])


MANY: dict[str, Many] = {
    "accept": Many(
        Activity.ACCEPTED,
        lambda c, _w: accept(c),
        no_way_back=_("What was accepted stays accepted. Hand it off if it belongs to another office."),
    ),
    "start": Many(
        Activity.STARTED,
        lambda c, _w: start(c),
        no_way_back=_("Work that was started cannot be made not to have been."),
    ),
    "assign": Many(
        Activity.ASSIGNED,
        lambda c, w: assign(c, handler_id=w.given["handler"], although_away=bool(w.given.get("although_away", False))),
        _given_already,
        lambda case: {"handler": case.handler_id},
        _give_back,
    ),
    "hand-off": Many(
        Activity.HANDED_OFF,
        lambda c, w: hand_off(c, office_id=w.given["office"], note=w.words.get("note", "")),
        _there_already,
        undo=lambda c, _before: recall(c),
    ),
    "put-off": Many(
        Activity.PUT_OFF,
        lambda c, w: put_off(
            c,
            reason=w.given["reason"],
            until=datetime.fromisoformat(w.given["until"]),
            note=w.words.get("note", ""),
        ),
        no_way_back=_("What was put off is taken up again by the next move on its page."),
    ),
    "priority": Many(
        Activity.REPRIORITIZED,
        lambda c, w: reprioritize(c, priority=w.given["priority"]),
        _so_already,
        lambda case: {"priority": case.priority},
        lambda c, before: reprioritize(c, priority=before["priority"]),
    ),
    "close": Many(
        Activity.RESOLVED,
        lambda c, w: close(c, outcome=w.given["outcome"], reply=w.words.get("reply", "")),
        _not_at_its_end,
        undo=lambda c, _before: reopen(c),
    ),
    "ask": Many(
        Activity.CITIZEN_ASKED,
        lambda c, w: ask_citizen(c, question=w.words["question"]),
        no_way_back=_("A question that was sent cannot be taken back."),
    ),
    "note": Many(
        Activity.NOTED,
        lambda c, w: note(c, body=w.words["body"]),
        no_way_back=_("A note stays in the history."),
    ),
}


def possible_for_many(viewer: Viewer, place: Jurisdiction) -> list[str]:
    """The moves that the viewer may make to any case of a place; none where its cases can only be read."""
    if place.is_read_only:
        return []
    return [name for name, move in MANY.items() if viewer.has(capability_for(move.activity), place.pk)]


def reasoned(wish: Wish) -> Wish:
    """The wish with what judging each case needs to know; one statement at most.

    That is the offices a person works in, or the office that is to receive.
    """
    if wish.move == "hand-off":
        receiver = Office.objects.filter(pk=wish.given["office"]).first()
        return Wish(wish.move, {**wish.given, "receiver": receiver}, wish.words)
    if wish.move != "assign":
        return wish
    members = Membership.objects.filter(user_id=wish.given["handler"], user__is_active=True).exclude(office=None)
    known = members.select_related("jurisdiction").defer("jurisdiction__boundary")
    offices = [
        one.office_id for one in known if one.is_in_force(one.jurisdiction.today if one.jurisdiction else now().date())
    ]
    return Wish(wish.move, {**wish.given, "offices": offices}, wish.words)


# --- Before ----------------------------------------------------------------------------------------------------------


def preview(viewer: Viewer, seen: Mapping[int, int], wish: Wish) -> list[Judged]:
    """How each case would fare, in the order given; three statements however many there are.

    `seen` has the version of each case by its id. Cases the viewer does not reach at the desk are left out.
    """
    wish = reasoned(wish)
    known = _with_everything(viewer, seen)
    return [Judged(known[pk], against(viewer, known[pk], version, wish)) for pk, version in seen.items() if pk in known]


def _with_everything(viewer: Viewer, ids: Iterable[int]) -> dict[int, ServiceRequest]:
    found = (
        ServiceRequest.objects.in_reach_of(viewer, Capability.SEE_DESK)
        .filter(pk__in=list(ids))
        .select_related("jurisdiction", "service", "workflow")
        .defer("jurisdiction__boundary")
        .prefetch_related(Prefetch("holds", Hold.objects.order_by("number")))
    )
    return {case.pk: case for case in found}


def against(viewer: Viewer, case: ServiceRequest, version: int, wish: Wish) -> Sentence:
    """Why the move would be refused for a case, by the rules of the action itself; "" where it would be made."""
    if case.version != version:
        return _("Somebody changed this request since you chose it. Look at it again.")
    state, move = state_of(case, list(case.holds.all())), MANY[wish.move]
    draft = Draft(move.activity, reason=wish.given.get("reason", ""))
    try:
        if case.jurisdiction.is_read_only:
            raise ReadOnly
        check_legal(draft, state)
        authorise(viewer, case, state, draft)
    except Illegal as illegal:
        return illegal.for_many
    except ActionError as error:
        return error.sentence
    return move.against(case, state, wish) or ""


# --- The run ---------------------------------------------------------------------------------------------------------


def begin_run(viewer: Viewer, place: Jurisdiction, wish: Wish, seen: Mapping[int, int], query: str = "") -> BulkRun:
    """Write down what is to be done to which cases; nothing is done yet. Refused when there is nothing or too much."""
    if wish.move not in MANY:
        raise Refused({"move": _("Choose what to do from the list.")})
    reached = _with_everything(viewer, seen)
    chosen = [(pk, version) for pk, version in seen.items() if pk in reached]
    if not chosen:
        raise Refused({"case": _("Choose at least one request.")})
    if len(chosen) > MOST:
        raise Refused({"case": _("At most %(most)s requests at once. Narrow the list.") % {"most": MOST}})
    return _write(viewer, place, wish, [(pk, version, {}) for pk, version in chosen], query)


def begin_undo(viewer: Viewer, run: BulkRun) -> BulkRun:
    """Write down that a run is to be taken back, case by case; once only."""
    move = MANY.get(run.move)
    if run.user_id != viewer.user_id:
        raise Forbidden
    if move is None or move.undo is None:
        raise Refused({"": move.no_way_back if move else _("An undo cannot be undone.")})
    if run.finished_at is None:
        raise Refused({"": _("It is still running. Wait until it is over.")})
    items = run.items.filter(result=BulkItem.Result.DONE).values_list("request_id", "version", "before")
    done = [(pk, version or 0, before) for pk, version, before in items]
    wish = Wish(UNDO, {"of": run.move})
    try:
        with transaction.atomic():
            return _write(viewer, run.jurisdiction, wish, done, run.query, undoes=run)
    except IntegrityError:
        raise Refused({"": _("This was undone already.")}) from None


def _write(
    viewer: Viewer,
    place: Jurisdiction,
    wish: Wish,
    chosen: Sequence[tuple[int, int, dict[str, Any]]],
    query: str,
    undoes: BulkRun | None = None,
) -> BulkRun:
    with transaction.atomic():
        run = BulkRun.objects.create(
            jurisdiction=place,
            user_id=viewer.user_id or 0,
            move=wish.move,
            given=dict(wish.given),
            words=dict(wish.words),
            query=query,
            undoes=undoes,
            made_at=now(),
        )
        BulkItem.objects.bulk_create(
            BulkItem(run=run, position=n, request_id=pk, seen=version, before=before)
            for n, (pk, version, before) in enumerate(chosen)
        )
    return run


def carry_on(run: BulkRun, seconds: float = 2.0) -> bool:
    """Go on with a run for a while, at least one case; whether it is over. Safe beside another that does the same."""
    viewer, wish = Viewer(run.user_id, grants_of(run.user_id)), reasoned(Wish(run.move, run.given, run.words))
    ends = time.monotonic() + seconds
    while _next_item(run, viewer, wish):
        if time.monotonic() > ends:
            break
    with transaction.atomic():
        waiting = run.items.filter(result=BulkItem.Result.WAITING)
        over = not waiting.exists()
        if over:
            BulkRun.objects.filter(pk=run.pk, finished_at=None).update(finished_at=now(), words={})
    return over


def _next_item(run: BulkRun, viewer: Viewer, wish: Wish) -> bool:
    """Do the next case that waits and that nobody else is at; False when there is none."""
    item: BulkItem | None = None
    try:
        with transaction.atomic():
            waiting = run.items.filter(result=BulkItem.Result.WAITING).order_by("position")
            item = waiting.select_for_update(skip_locked=True).first()
            if item is None:
                return False
            _settle(item, viewer, wish)
    except (OperationalError, InterfaceError):  # the database is away: nothing is known of the case
        raise
    except Exception:
        log.exception("A case of the run %s could not be done", run.pk)
        failed = _("It could not be done. Try it on its own page.")
        BulkItem.objects.filter(pk=item.pk if item else 0, result=BulkItem.Result.WAITING).update(
            result=BulkItem.Result.REFUSED, code="failed", sentence=in_both(failed)
        )
    return True


def _settle(item: BulkItem, viewer: Viewer, wish: Wish) -> None:
    """Make the move to one case and note how it went, in the transaction that is open."""
    try:
        with transaction.atomic():
            done = _do(item, viewer, wish)
    except ActionError as error:
        item.result, item.code, item.sentence = BulkItem.Result.REFUSED, error.code, in_both(error.sentence)
    else:
        item.result, item.version = BulkItem.Result.DONE, done.request.version
    item.save(update_fields=["result", "code", "sentence", "version", "before"])


def _do(item: BulkItem, viewer: Viewer, wish: Wish) -> Done:
    command = Command(item.request_id, viewer, item.seen)
    if wish.move == UNDO:
        undo = MANY[wish.given["of"]].undo
        assert undo is not None, wish
        return undo(command, item.before)
    case = _with_everything(viewer, [item.request_id]).get(item.request_id)
    if case is None:
        raise Missing
    move = MANY[wish.move]
    said = move.against(case, state_of(case, list(case.holds.all())), wish) if case.version == item.seen else None
    if said:
        raise Refused({"": said})
    item.before = move.before(case)
    return move.act(command, wish)


def in_both(sentence: Sentence) -> str:
    """A sentence in every language, as it is kept: whoever reads it later may read another."""
    told = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            told[code] = str(sentence)
    return json.dumps(told, ensure_ascii=False)


def sweep_runs(seconds: float = 10.0) -> int:
    """Go on with the runs that are not over, the oldest first; how many are now."""
    ends, over = time.monotonic() + seconds, 0
    for run in BulkRun.objects.filter(finished_at=None).select_related("jurisdiction").order_by("pk")[:20]:
        over += carry_on(run, max(0.0, ends - time.monotonic()))
        if time.monotonic() > ends:
            break
    return over
