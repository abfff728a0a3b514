"""The job: what is due is frozen with its owner's rights and its mails are queued, each time once.

A due time is claimed in a statement of its own, computed without a transaction (that takes seconds, and readers of the
ledger wait for transactions), and written in one: the report, its issues, the mails, the next time. Whoever writes
second finds that the time is over and throws away what they made. Times that were missed are made up once.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import override

from analytics.freezing import freeze, readable, share
from analytics.loading import Source
from analytics.mailing.orders import end, end_for, live
from analytics.mailing.times import due_after, moved
from analytics.models import EndedBecause, Subscription, SubscriptionIssue, SubscriptionReader
from analytics.reports.filters import BadFilters
from analytics.reports.frozen import Content
from analytics.reports.kept import is_page, kept_page
from requests_app.clock import now
from requests_app.notify.queueing import queue_reports
from requests_app.permissions import Viewer
from requests_app.reads.grants import grants_of
from requests_app.states import Capability

log = logging.getLogger(__name__)

CLAIM: Final = timedelta(minutes=10)
"""How long a due time is left to who claimed it: longer than any report takes."""
MOST_TRIES: Final = 5
"""After so many a due time is given up; the next one is tried all the same."""


@dataclass(frozen=True, slots=True)
class Made:
    """A page as it was computed in one language."""

    source: Source
    content: Content
    asked: dict[str, str]


def issue_due() -> int:
    """Issue one subscription that is due: a job between which others run. How many were issued, 0 or 1."""
    claimed = _claim()
    return int(claimed is not None and _issue(claimed))


def end_lost() -> int:
    """End what belongs to people who may read it no more: they see no wait for the next time. How many that were."""
    running = live().select_related("owner", "jurisdiction").defer("jurisdiction__boundary")
    return sum(1 for one in running if (because := _why_not(one)) and end(one, because))


@transaction.atomic
def _claim() -> Subscription | None:
    moment = now()
    due = (
        live()
        .select_for_update(skip_locked=True, of=("self",))
        .filter(Q(locked_until=None) | Q(locked_until__lte=moment), next_at__lte=moment)
        .select_related("owner", "jurisdiction")
        .defer("jurisdiction__boundary")
        .order_by("next_at", "pk")
        .first()
    )
    if due is not None:
        Subscription.objects.filter(pk=due.pk).update(locked_until=moment + CLAIM, tries=F("tries") + 1)
    return due


def _issue(due: Subscription) -> bool:
    """Issue what was claimed; whether anything was queued. What went wrong is in the log, and tried again later."""
    if because := _why_not(due):
        end(due, because)
        return False
    try:
        made = {language: _made(due, language) for language in _languages(due)}
    except BadFilters:
        end(due, EndedBecause.FILTERS)
        return False
    except Exception:
        log.exception("The report by mail %s could not be made", due.pk)
        _give_up_after_many(due)
        return False
    return _write(due, made)


def _why_not(due: Subscription) -> str:
    """Return why its owner may have it no more; "" while they may."""
    if not due.owner.is_active or not due.owner.email:
        return EndedBecause.CLOSED
    if not _viewer(due.owner_id).has(Capability.SEE_REPORTS, due.jurisdiction_id):
        return EndedBecause.NO_RIGHT
    return "" if is_page(due.page) else EndedBecause.FILTERS


def _viewer(user_id: int) -> Viewer:
    return Viewer(user_id, grants_of(user_id))


def _languages(due: Subscription) -> list[str]:
    """Return those of its readers: its own for the owner, the one of their account for others."""
    return sorted({language_for(one, due) for one in _getting(due)}) or [due.language]


def language_for(reader: SubscriptionReader, subscription: Subscription) -> str:
    """Return the language a reader has a report in."""
    own = reader.user.language[:2] if reader.user_id != subscription.owner_id else subscription.language
    return own if own in dict(settings.LANGUAGES) else subscription.language


def _getting(due: Subscription) -> list[SubscriptionReader]:
    return list(due.readers.filter(ended_at=None).select_related("user", "subscription"))


def _made(due: Subscription, language: str) -> Made:
    asked = moved(due.asked, _since_it_was_asked(due)) if due.moves else due.asked
    with override(language):
        return Made(*kept_page(due.jurisdiction, _viewer(due.owner_id), due.page, asked), asked)


def _since_it_was_asked(due: Subscription) -> timedelta:
    clock = ZoneInfo(due.jurisdiction.time_zone)
    return now().astimezone(clock).date() - due.made_at.astimezone(clock).date()


def _give_up_after_many(due: Subscription) -> None:
    """Leave a time that cannot be made, so that the next one is tried: by then its cause may be mended."""
    tried = live().filter(pk=due.pk, next_at=due.next_at, tries__gte=MOST_TRIES)
    tried.update(missed_at=due.next_at, next_at=_next(due), tries=0, locked_until=None)


def _next(due: Subscription) -> datetime:
    return due_after(now(), due.every, due.day, due.jurisdiction.time_zone)


@transaction.atomic
def _write(due: Subscription, made: dict[str, Made]) -> bool:
    """Keep what was made and queue its mails, unless another process did so, or it was ended or changed meanwhile."""
    same = live().select_for_update().filter(pk=due.pk, next_at=due.next_at).first()
    if same is None:
        return False
    issues = {language: _kept(same, language, one) for language, one in made.items()}
    queue_reports(_mails(same, issues), at=now())
    Subscription.objects.filter(pk=same.pk).update(next_at=_next(due), tries=0, locked_until=None, missed_at=None)
    return True


def _kept(due: Subscription, language: str, made: Made) -> SubscriptionIssue:
    viewer = _viewer(due.owner_id)
    with override(language):
        report = freeze(
            made.source, due.page, made.asked, made.content, viewer=viewer, code_version=str(settings.CODE_VERSION)
        )
    if due.link_days:
        share(report, due.link_days, user_id=due.owner_id)
    return SubscriptionIssue.objects.create(subscription=due, due_at=due.next_at, language=language, report=report)


def _mails(due: Subscription, issues: dict[str, SubscriptionIssue]) -> list[tuple[int, int]]:
    """(issue, reader) of those who may read it; for the others it ends, and it says why."""
    mails = []
    for reader in _getting(due):
        issue = issues[language_for(reader, due)]
        if because := _why_not_reader(reader, issue):
            end_for(reader, because)
        else:
            mails.append((issue.pk, reader.pk))
    return mails


def _why_not_reader(reader: SubscriptionReader, issue: SubscriptionIssue) -> str:
    if not reader.user.is_active or not reader.user.email:
        return EndedBecause.CLOSED
    may = readable(_viewer(reader.user_id)).filter(pk=issue.report_id).exists()
    return "" if may else EndedBecause.NO_RIGHT
