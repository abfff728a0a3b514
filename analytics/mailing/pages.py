"""What the pages of reports by mail show, in words: somebody's list, and that of a place for who administers it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analytics.freezing import readable
from analytics.loading import jurisdictions_for
from analytics.mailing.orders import of_place, of_viewer, received_by, stop_token
from analytics.mailing.times import DAYS_OF_MONTH, WEEK
from analytics.models import EndedBecause, Subscription, SubscriptionIssue
from analytics.reports.kept import title_of
from analytics.reports.wording import moment
from requests_app.permissions import Viewer
from requests_app.states import Capability
from requests_app.text.spoken import WEEKDAYS, tongue

MOST_ENDED = 10
MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A report by mail as a list says it."""

    subscription: Subscription
    title: str
    place: str
    owner: str
    when: str
    narrowed: str
    next_at: str
    readers: tuple[str, ...]
    """Who gets it besides its owner."""
    left: tuple[tuple[str, str], ...]
    """Who got it once, and why no more."""
    ended: str
    """When and why it ended; "" while it runs."""
    missed: str
    see: str
    """The page as it is now."""
    last: tuple[str, str] | None = None
    """When it was last made, and where that is."""


@dataclass(frozen=True, slots=True)
class Received:
    """A report that a colleague has mailed to the viewer."""

    title: str
    place: str
    owner: str
    when: str
    stop: str


@dataclass(frozen=True, slots=True)
class Administered:
    """What all of a place have mailed."""

    place: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class MailsPage:
    """The page of reports by mail."""

    running: tuple[Line, ...]
    ended: tuple[Line, ...]
    received: tuple[Received, ...]
    administered: tuple[Administered, ...]


def mails_page(viewer: Viewer) -> MailsPage:
    """Return what the viewer has mailed, what colleagues have mailed to them, and what they answer for."""
    places = jurisdictions_for(viewer)
    own = list(of_viewer(viewer)[:MOST_LISTED])
    last = _last_issues(viewer, own)
    lines = [_line(one, last.get(one.pk)) for one in own]
    ended = sorted((one for one in lines if one.ended), key=lambda one: one.subscription.ended_at, reverse=True)  # type: ignore[arg-type,return-value]
    return MailsPage(
        running=tuple(one for one in lines if not one.ended),
        ended=tuple(ended[:MOST_ENDED]),
        received=tuple(_received(one) for place in places for one in received_by(viewer, place)),
        administered=tuple(
            Administered(place.name, tuple(_line(one) for one in of_place(viewer, place)[:MOST_LISTED]))
            for place in places
            if viewer.has(Capability.ADMINISTER, place.pk)
        ),
    )


def _last_issues(viewer: Viewer, own: Iterable[Subscription]) -> dict[int, SubscriptionIssue]:
    """The last issue of each that the viewer may still read; two statements."""
    issues = SubscriptionIssue.objects.filter(subscription__in=[one.pk for one in own], report__in=readable(viewer))
    last = issues.order_by("subscription_id", "-due_at").distinct("subscription_id")
    read = last.select_related("report__jurisdiction").defer("report__content", "report__jurisdiction__boundary")
    return {issue.subscription_id: issue for issue in read}


def _line(one: Subscription, last: SubscriptionIssue | None = None) -> Line:
    others = [reader for reader in one.readers.all() if reader.user_id != one.owner_id]
    gone = [reader for reader in one.readers.all() if reader.ended_at and not one.ended_at]
    return Line(
        subscription=one,
        title=title_of(one.page),
        place=one.jurisdiction.name,
        owner=str(one.owner),
        when=when_said(one.every, one.day),
        narrowed=_narrowed(one),
        next_at=_at(one, one.next_at),
        readers=tuple(str(reader.user) for reader in others if reader.ended_at is None),
        left=tuple((str(reader.user), str(EndedBecause(reader.ended_because).label)) for reader in gone),
        ended=_ended(one),
        missed=_at(one, one.missed_at) if one.missed_at else "",
        see=page_address(one.jurisdiction.code, one.page, one.asked),
        last=(_at(one, last.report.frozen_at), reverse("evaluate:frozen", args=[last.report_id])) if last else None,
    )


def _ended(one: Subscription) -> str:
    if one.ended_at is None:
        return ""
    why = EndedBecause(one.ended_because).label if one.ended_because else ""
    return _("%(at)s: %(why)s") % {"at": _at(one, one.ended_at), "why": why}


def _at(one: Subscription, at: Any) -> str:
    zone = one.jurisdiction.time_zone
    return moment(at.astimezone(ZoneInfo(zone)), zone)


def _received(reader: Any) -> Received:
    one = reader.subscription
    return Received(
        title_of(one.page),
        one.jurisdiction.name,
        str(one.owner),
        when_said(one.every, one.day),
        reverse("evaluate:stop_mail", args=[stop_token(reader)]),
    )


def when_said(every: str, day: int) -> str:
    """Say when it comes: every Monday; the 31st of the month, or its last day."""
    if every == WEEK:
        return _("every %(weekday)s") % {"weekday": weekday_name(day)}
    if day == 1:
        return _("on the first day of every month")
    if day == DAYS_OF_MONTH[-1]:
        return _("on the last day of every month")
    if day <= 28:
        return _("every month on day %(day)s") % {"day": day}
    return _("every month on day %(day)s, or its last day") % {"day": day}


def weekday_name(day: int) -> str:
    """Name a day of the week, 1 for Monday."""
    return WEEKDAYS[tongue(get_language())][day - 1]


def _narrowed(one: Subscription) -> str:
    """The filters as they were asked for, by the names of their fields; codes stay codes."""
    labels = {
        "from": _("filed from"),
        "to": _("filed to"),
        "service": _("service"),
        "area": _("area"),
        "office": _("office"),
    }
    return "; ".join(f"{labels.get(name, name)} {value}" for name, value in one.asked.items() if value)


def page_address(code: str, page: str, asked: dict[str, str]) -> str:
    """Return the address of a page of a report under filters."""
    address = reverse("evaluate:view", args=[code, page]) if page else reverse("evaluate:report", args=[code])
    return f"{address}?{urlencode(asked)}" if asked else address
