"""A report as a mail: the headline, what it said last time, and where the whole of it is.

The words go to people who may read the whole report, which is looked at again when the mail is written; of a cohort of
few cases there are none. The file that comes with them is in the form for people without an account (`published`):
files are passed on, and cannot be taken back. See docs/adr/0008.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from analytics.core.frames import SMALL_N
from analytics.freezing import is_good, readable, token_of
from analytics.mailing.orders import stop_token
from analytics.models import FrozenReport, SubscriptionIssue, SubscriptionReader
from analytics.printing.press import NotPrinted
from analytics.printing.prints import name_of_file, print_of
from analytics.reports.frozen import Content, published
from analytics.reports.wording import day
from requests_app.notify.addressees import READER
from requests_app.notify.from_above import Attachment, Written
from requests_app.notify.letters import Letter, one_line
from requests_app.notify.moments import Audience, News
from requests_app.notify.receivers import Receiver
from requests_app.notify.writing import Occasion, buttons_for, put_together
from requests_app.permissions import Viewer
from requests_app.reads.grants import grants_of

log = logging.getLogger(__name__)

LARGEST_ATTACHMENT: Final = 2_000_000
"""Bytes; a larger file stays behind the link."""
SENTENCES: Final = 4
"""How many sentences of a report follow its headline in a mail."""
OCCASION: Final = Occasion(News.REPORT, Audience.READER, None, None)


def written(codes: Mapping[str, Any]) -> Written | None:
    """Write the mail of one row of the outbox; None when its reader left, stopped it or may not read it any more."""
    issue = _issue(codes["issue"])
    reader = _reader(codes["reader"])
    if issue is None or reader is None:
        return None
    viewer = Viewer(reader.user_id, grants_of(reader.user_id))
    if not readable(viewer).filter(pk=issue.report_id).exists():
        return None
    with override(issue.language):
        attached = _attached(issue.report)
        letter = _letter(issue, reader, viewer, attached)
    return Written(reader.user.email, (letter,), _stop_url(reader), attached)


def _issue(pk: int) -> SubscriptionIssue | None:
    known = SubscriptionIssue.objects.select_related("subscription", "report__jurisdiction")
    return known.defer("report__jurisdiction__boundary").filter(pk=pk).first()


def _reader(pk: int) -> SubscriptionReader | None:
    """Somebody who still gets it. That the subscription was ended after this issue takes nothing back."""
    getting = SubscriptionReader.objects.filter(pk=pk, ended_at=None, user__is_active=True).exclude(user__email="")
    return getting.select_related("user", "subscription__owner").first()


def _letter(
    issue: SubscriptionIssue, reader: SubscriptionReader, viewer: Viewer, attached: tuple[Attachment, ...]
) -> Letter:
    report = issue.report
    said = _shown(report)
    facts = {
        "report": said["title"],
        "where": report.jurisdiction.name,
        "as_of": _day(report, report.as_of),
        "headline": said["headline"],
        "attached": ", ".join(file.name for file in attached),
        **_since_last_time(issue, viewer, said),
    }
    to = Receiver(reader.user.email, issue.language, READER, report.pk)
    letter = put_together(
        OCCASION,
        facts,
        buttons=buttons_for(OCCASION, to),
        stop=_stop_url(reader),
        items=_for_others(report),
    )
    headline, *rest = letter.lines
    return replace(letter, lines=(headline, *map(one_line, said["more"][:SENTENCES]), *rest))


def _shown(report: FrozenReport) -> Content:
    """What of a report a mail says: its words where they speak of enough cases."""
    return report.content if report.content["n"] >= SMALL_N else published(report.content)


def _since_last_time(issue: SubscriptionIssue, viewer: Viewer, said: Content) -> dict[str, str]:
    """The headline of the issue before, where the reader may read that one as well."""
    before = SubscriptionIssue.objects.filter(
        subscription=issue.subscription, language=issue.language, due_at__lt=issue.due_at
    ).first()
    report = readable(viewer).filter(pk=before.report_id).first() if before else None
    if report is None:
        return {}
    on, headline = _day(report, report.as_of), _shown(report)["headline"]
    if headline == said["headline"]:
        return {"same_as": on}
    return {"before": on, "previous": headline}


def _day(report: FrozenReport, at: datetime) -> str:
    return day(at.astimezone(ZoneInfo(report.jurisdiction.time_zone)).date())


def _for_others(report: FrozenReport) -> tuple[tuple[str, str], ...]:
    """The link for people without an account, where the owner wants one made."""
    link = next((one for one in report.links.all() if is_good(one)), None)
    if link is None:
        return ()
    words = _("For people without an account, without figures of small groups, good until %(day)s")
    return ((words % {"day": _day(report, link.expires_at)}, _site("evaluate:shared", token_of(link))),)


def _attached(report: FrozenReport) -> tuple[Attachment, ...]:
    """The report on paper. Without it the mail goes all the same: the link has everything."""
    try:
        printed = print_of(report, is_published=True)
    except NotPrinted:
        log.warning("Report %s could not be printed; its mail goes without a file", report.pk)
        return ()
    if len(printed.pdf) > LARGEST_ATTACHMENT:
        return ()
    return (Attachment(name_of_file(report, is_published=True), bytes(printed.pdf), "application/pdf"),)


def _stop_url(reader: SubscriptionReader) -> str:
    return _site("evaluate:stop_mail", stop_token(reader))


def _site(name: str, *parts: object) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{reverse(name, args=parts)}"
