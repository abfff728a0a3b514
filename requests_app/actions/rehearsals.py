"""Rehearsing changed rules before they are saved: asked for by an administrator.

Short ones run at once, long ones by the sweep, which says how far it is.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from requests_app.actions.config import require_administrator
from requests_app.actions.errors import Refused
from requests_app.actions.rules import RulesRefused, save_and_go_live
from requests_app.clock import now
from requests_app.models import Jurisdiction, Rehearsal, RuleSet
from requests_app.permissions import Viewer
from requests_app.reads.past_cases import period_of
from requests_app.reads.rehearsal import live_book, rehearse
from requests_app.routing.parse import parse
from requests_app.routing.read_document import check_document, in_order, read_toml

AT_ONCE = 10_000
"""Cases that are judged while the reader waits: about half a second."""

LONGEST_DAYS = 3_700
MOST_ATTEMPTS = 3
LOCKED_FOR = timedelta(minutes=10)
KEPT_FOR = timedelta(days=30)
State = Rehearsal.State


def ask_rehearsal(place: Jurisdiction, viewer: Viewer, source: str, *, seen: str, days: int | None) -> Rehearsal:
    """Try rules that were typed over the last days. RulesRefused with every problem of the text."""
    require_administrator(viewer, place.pk)
    if days is None or not 1 <= days <= LONGEST_DAYS:
        raise Refused({"days": _("Days: give a whole number from 1 to %(most)s.") % {"most": LONGEST_DAYS}})
    document, problems = read_toml(source)
    problems = problems or check_document(document, place).problems
    if problems:
        raise RulesRefused(problems)
    cases = period_of(place, days).cases
    rehearsal = Rehearsal.objects.create(
        jurisdiction=place,
        source=source,
        document=in_order(document),
        seen=seen,
        days=days,
        cases=cases,
        asked_by_id=viewer.user_id,
        asked_at=now(),
        **({"state": State.RUNNING, "locked_until": now() + LOCKED_FOR} if cases <= AT_ONCE else {}),
    )
    if cases <= AT_ONCE:
        _run(rehearsal)
    return rehearsal


def _run(rehearsal: Rehearsal) -> None:
    """Judge the cases; how far it has come is saved as it goes, what is found at the end."""
    row = Rehearsal.objects.filter(pk=rehearsal.pk)
    live, version = live_book(rehearsal.jurisdiction)
    book, _problems = parse(rehearsal.document)

    def told(judged: int) -> None:
        row.update(judged=judged, locked_until=now() + LOCKED_FOR)

    done = rehearse(rehearsal.jurisdiction, book, live, rehearsal.days, told)
    rehearsal.found, rehearsal.live_version = done.found, version
    rehearsal.judged = rehearsal.cases = done.found["cases"]
    rehearsal.state, rehearsal.done_at, rehearsal.locked_until = State.DONE, now(), None
    rehearsal.save(update_fields=["found", "live_version", "judged", "cases", "state", "done_at", "locked_until"])


def sweep_rehearsals() -> int:
    """Run one rehearsal that waits, or that a process began and did not end; forget old ones. How many were run.

    One at a time: hand-offs that expire and promises that fall due wait behind it.
    """
    Rehearsal.objects.filter(asked_at__lt=now() - KEPT_FOR).delete()
    rehearsal = _take()
    if rehearsal is None:
        return 0
    if rehearsal.attempts > MOST_ATTEMPTS:
        Rehearsal.objects.filter(pk=rehearsal.pk).update(state=State.FAILED, locked_until=None)
        return 0
    _run(rehearsal)
    return 1


def _take() -> Rehearsal | None:
    """The oldest one that nobody runs, taken for a while."""
    free = Q(state=State.WAITING) | Q(state=State.RUNNING, locked_until__lt=now())
    with transaction.atomic():
        rehearsal = (
            Rehearsal.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("jurisdiction")
            .filter(free)
            .order_by("pk")
            .first()
        )
        if rehearsal is not None:
            rehearsal.state, rehearsal.locked_until = State.RUNNING, now() + LOCKED_FOR
            rehearsal.attempts += 1
            rehearsal.save(update_fields=["state", "locked_until", "attempts"])
    return rehearsal


def let_live(rehearsal: Rehearsal, viewer: Viewer, *, note: str) -> RuleSet:
    """Let rules that were rehearsed decide from now on; RulesConflict when others were saved since they were begun."""
    if rehearsal.state != Rehearsal.State.DONE:
        unfinished = _("These rules have not been rehearsed to the end. Wait for it, or rehearse again.")
        raise Refused({"rehearsal": unfinished})
    return save_and_go_live(
        rehearsal.jurisdiction,
        viewer,
        rehearsal.document,
        seen=rehearsal.seen,
        note=note,
        source=rehearsal.source,
    )
