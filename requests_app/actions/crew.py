"""What a crew says at a place, perhaps without a signal: taken once, however late and however often it arrives."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from requests_app.actions._draft import Command, Draft, Text
from requests_app.actions._ledger import append_all, authorise, check_legal, checked_words, last_step_at, lock
from requests_app.actions.errors import Forbidden, Illegal, Refused, SubmissionConflict
from requests_app.clock import now
from requests_app.models import CrewEntry, Photo, RequestEvent, ServiceRequest, Words
from requests_app.permissions import Viewer
from requests_app.privacy.photos import ReadyPhoto, forget_photo, keep_photos
from requests_app.projection import CaseState
from requests_app.reads.case_workflow import against_resolving
from requests_app.states import COULD_NOT, MOVES, Activity, Outcome

OUTCOMES = (Outcome.RESOLVED, Outcome.NO_ACTION_NEEDED, Outcome.NOT_RESPONSIBLE)
"""How a crew may say that a place was left."""

OLDEST = timedelta(days=14)
"""How long a telephone may have been without a signal."""

STILL_FITS = frozenset(
    {Activity.ASSIGNED, Activity.SCHEDULED, Activity.DELAYED, Activity.PUT_OFF, Activity.REPRIORITIZED}
)
"""Moves of others that do not stand against what was done at the place meanwhile."""

_KEY = re.compile(r"[0-9A-Za-z-]{16,64}")


@dataclass(frozen=True, slots=True)
class Entry:
    """What was said of one stop: on which version of the case, and when it was done there (aware)."""

    key: str
    request_id: int
    version: int
    kind: str
    done_at: datetime
    outcome: str = ""
    reason: str = ""
    note: str = ""
    photo: ReadyPhoto | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Taken:
    """The entry as it is kept; `is_new` unless it is the answer to a repeat."""

    entry: CrewEntry
    is_new: bool


def record(entry: Entry, *, viewer: Viewer) -> Taken:
    """Take an entry once.

    Where others have moved the case meanwhile it is not moved again: what was seen there (photo, note, the time) is
    kept on the case as a visit, and the answer says what had happened. Refused entries leave nothing behind.
    """
    if viewer.user_id is None:
        raise Forbidden
    _check(entry)
    before = _kept(entry, viewer)
    if before is not None:
        return before
    with transaction.atomic():
        # Repeats of one moment wait here, one behind the other: the second finds what the first has kept.
        request, state = lock(Command(entry.request_id, viewer, None))
        return _kept(entry, viewer) or Taken(_happen(request, state, entry, viewer), is_new=True)


def _kept(entry: Entry, viewer: Viewer) -> Taken | None:
    """The answer that the key has had already; SubmissionConflict when it had it for something else."""
    kept = CrewEntry.objects.select_related("request").filter(user_id=viewer.user_id or 0, key=entry.key).first()
    if kept is None:
        return None
    if kept.body_hash != _body_hash(entry):
        raise SubmissionConflict
    return Taken(kept, is_new=False)


def _check(entry: Entry) -> None:
    """Refused naming the field that is missing or unknown."""
    moment = now()
    wrong = {
        "key": not _KEY.fullmatch(entry.key),
        "kind": entry.kind not in CrewEntry.Kind.values,
        "outcome": entry.kind == CrewEntry.Kind.DONE and entry.outcome not in OUTCOMES,
        "reason": entry.kind == CrewEntry.Kind.COULD_NOT and entry.reason not in COULD_NOT,
        "done_at": not moment - OLDEST <= entry.done_at <= moment,
    }
    found = {name: _SENTENCES[name] for name, is_wrong in wrong.items() if is_wrong}
    if found:
        raise Refused(found)
    if entry.note.strip():
        checked_words(entry.note, "note")


_SENTENCES = {
    "key": _("The entry came without its key. Reload the page and enter it again."),
    "kind": _("Choose “Start”, “Done” or “Could not be done”."),
    "outcome": _("Choose how it ended."),
    "reason": _("Choose why it could not be done."),
    "done_at": _("The time of the entry is in the future or more than 14 days ago. Enter it again at the desk."),
}


def _body_hash(entry: Entry) -> str:
    photo = hashlib.sha256(entry.photo.jpeg).hexdigest() if entry.photo else ""
    said = [entry.request_id, entry.version, entry.kind, entry.outcome, entry.reason, entry.note, photo]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def _happen(request: ServiceRequest, state: CaseState, entry: Entry, viewer: Viewer) -> CrewEntry:
    moment = now()
    why = _against(request, state, entry, viewer)
    seen = _seen(entry)
    drafts = ([seen] if seen else []) + ([] if why else _moves(entry, viewer))
    for draft in drafts:
        authorise(viewer, request, state, draft)
    photo = keep_photos(request, [entry.photo], moment, by_citizen=False)[0] if entry.photo else None
    try:
        if seen and photo:
            drafts[0] = replace(seen, photo_id=photo.pk)
        return _noted(request, state, drafts, entry, viewer, why, photo, moment)
    except BaseException:
        if photo:
            forget_photo(photo.file_name)
        raise


def _noted(
    request: ServiceRequest,
    state: CaseState,
    drafts: Sequence[Draft],
    entry: Entry,
    viewer: Viewer,
    why: dict[str, object] | None,
    photo: Photo | None,
    moment: datetime,
) -> CrewEntry:
    event_id = _write(request, state, drafts, entry, viewer) if drafts else None
    row = CrewEntry(
        user_id=viewer.user_id or 0,
        key=entry.key,
        body_hash=_body_hash(entry),
        request=request,
        kind=entry.kind,
        result=CrewEntry.Result.KEPT if why else CrewEntry.Result.TAKEN,
        done_at=entry.done_at,
        received_at=moment,
        event_id=event_id,
        photo_id=photo.pk if photo else None,
        answer={"status": request.status, "version": request.version, **(why or {})},
    )
    # The key may have been used for another case at this very moment.
    CrewEntry.objects.bulk_create([row], ignore_conflicts=True)
    taken = _kept(entry, viewer)
    assert taken is not None
    return taken.entry


def _seen(entry: Entry) -> Draft | None:
    """That a crew was there, with what it saw; nothing of the kind for a start."""
    if entry.kind == CrewEntry.Kind.START:
        return None
    text = Text(Words.Kind.NOTE, entry.note) if entry.note.strip() else None
    reason = entry.reason if entry.kind == CrewEntry.Kind.COULD_NOT else ""
    return Draft(Activity.VISITED, reason=reason, text=text)


def _moves(entry: Entry, viewer: Viewer) -> list[Draft]:
    if entry.kind == CrewEntry.Kind.START:
        return [Draft(Activity.STARTED, handler_id=viewer.user_id)]
    if entry.kind == CrewEntry.Kind.DONE:
        return [Draft(Activity.RESOLVED, outcome=Outcome(entry.outcome))]
    return []


def _against(request: ServiceRequest, state: CaseState, entry: Entry, viewer: Viewer) -> dict[str, object] | None:
    """What stands against moving the case as the entry says, in codes; None when nothing does."""
    moves = _moves(entry, viewer)
    if not moves:
        return None
    theirs = _moved_by_others(request, entry.version, viewer)
    if theirs is not None:
        return {"why": "moved", "activity": theirs.activity, "event": theirs.pk}
    try:
        for draft in moves:
            authorise(viewer, request, state, draft)
            check_legal(draft, state)
    except Forbidden:
        return {"why": "not_yours"}
    except Illegal as illegal:
        return {"why": "status", "status": illegal.status.value}
    against = against_resolving(request, state) if entry.outcome == Outcome.RESOLVED else None
    return {"why": against.value} if against else None


def _moved_by_others(request: ServiceRequest, version: int, viewer: Viewer) -> RequestEvent | None:
    """The latest move of somebody else that came after the version seen and stands against what was done."""
    moving = [activity for activity in MOVES if activity not in STILL_FITS]
    since = request.events.filter(sequence__gt=version, activity__in=moving)
    return since.exclude(user_id=viewer.user_id or 0).order_by("-sequence").first()


def _write(request: ServiceRequest, state: CaseState, drafts: Sequence[Draft], entry: Entry, viewer: Viewer) -> int:
    moves = any(draft.activity in MOVES for draft in drafts)
    # The clocks of a case never run backwards: what moves it comes no earlier than its last step.
    at = max(entry.done_at, last_step_at(state) if moves else state.submitted_at)
    command = Command(request.pk, viewer, None, occurred_at=at, language=entry.language)
    return int(append_all(request, state, list(drafts), command).event.pk)
