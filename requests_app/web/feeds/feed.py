"""A feed in plain facts, before it is Atom or JSON: written once, in the active language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from requests_app.models import Jurisdiction, ServiceRequest
from requests_app.models.jurisdiction import Provenance
from requests_app.reads.feeds import NEVER, Scope, Told
from requests_app.reads.journey import Moment
from requests_app.states import Activity
from requests_app.templatetags.clearway import number
from requests_app.text.spoken import spoken_date


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `ident` never changes; `tags` are (code, words); `place` is (longitude, latitude) in degrees."""

    ident: str
    url: str
    title: str
    text: str
    published_at: datetime
    updated_at: datetime
    tags: Sequence[tuple[str, str]] = ()
    place: tuple[float, float] | None = None
    facts: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a feed is: itself, in other languages, in the other form; the page it is about, and what follows it."""

    own: str
    page: str
    languages: Sequence[tuple[str, str]]
    other_form: str
    next_page: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A whole feed. `subtitle` says what it tells and where the data comes from."""

    ident: str
    title: str
    subtitle: str
    author: str
    language: str
    addresses: Addresses
    entries: Sequence[Entry]

    @property
    def updated_at(self) -> datetime:
        """When the newest change of an entry happened."""
        return max((entry.updated_at for entry in self.entries), default=NEVER)


def whole(path: str) -> str:
    """An address of this site, whole."""
    return f"{settings.SITE_URL.rstrip('/')}{path}"


def tag_of(name: str, moment: datetime) -> str:
    """An identifier that stays when the site's addresses change (RFC 4151): who made it, the year, what it is of."""
    return f"tag:{settings.MAIL_DOMAIN},{moment.year}:{name}"


def subtitle_of(place: Jurisdiction) -> str:
    """What the feed tells; of an invented city, that it is one."""
    says = _("Only what everybody may see, without the words of citizens.")
    if place.provenance == Provenance.INVENTED:
        return f"{_('Invented data: this city does not exist.')} {says}"
    return says


def scope_title(scope: Scope) -> str:
    """What a feed of requests is called."""
    place = scope.place.name
    if scope.service is not None:
        return _("%(service)s in %(place)s") % {"service": scope.service.name, "place": place}
    if scope.area is not None:
        return _("Requests in %(area)s, %(place)s") % {"area": scope.area.name, "place": place}
    return _("Requests in %(place)s") % {"place": place}


def request_entry(told: Told) -> Entry:
    """One request as an entry of a feed of requests."""
    where = told.address or told.area
    return Entry(
        ident=tag_of(f"requests/{told.reference}", told.submitted_at),
        url=_page_of(told.reference),
        title=f"{told.service}, {where}" if where else told.service,
        text=" ".join(_sentences(told)),
        published_at=told.submitted_at,
        updated_at=max(told.updated_at, told.submitted_at),
        tags=[(told.service_code, told.service), (told.kind.value, str(told.status))],
        place=(told.lon, told.lat) if told.lon is not None and told.lat is not None else None,
        facts=(
            ("reference", told.reference),
            ("service_code", told.service_code),
            ("status_kind", told.kind.value),
            ("office", told.office),
            ("area", told.area),
            ("affected", told.supporters),
            ("promised_for", told.due_at.isoformat() if told.due_at else None),
        ),
    )


def _sentences(told: Told) -> list[str]:
    language = get_language()
    said = [f"{told.outcome}." if told.outcome else f"{told.status}."]
    if told.office and not told.outcome:
        said.append(_("%(office)s has it.") % {"office": told.office})
    if told.due_at and not told.outcome:
        said.append(_("It is promised for %(due)s.") % {"due": spoken_date(told.due_at.date(), language)})
    if told.supporters:
        more = ngettext("It affects %(count)s more person.", "It affects %(count)s more people.", told.supporters)
        said.append(more % {"count": number(told.supporters)})
    return said


def moment_entry(case: ServiceRequest, moment: Moment) -> Entry:
    """One event of a request as an entry of its own feed. What a partner told late bears both times."""
    said = [str(moment.label)]
    if moment.activity in (Activity.HANDED_OFF, Activity.ROUTED, Activity.REVIEW_REQUESTED) and moment.office:
        said.append(moment.office)
    if moment.outcome:
        said.append(str(moment.outcome))
    title = ": ".join(said)
    return Entry(
        ident=tag_of(f"requests/{case.reference}/events/{moment.sequence}", case.submitted_at),
        url=_page_of(case.reference),
        title=title,
        text=_("%(what)s. %(office)s has it.") % {"what": title, "office": moment.holding_office}
        if moment.holding_office
        else f"{title}.",
        published_at=moment.occurred_at,
        updated_at=max(moment.recorded_at, moment.occurred_at),
        tags=[(moment.activity.value, str(moment.label))],
        facts=(("reference", case.reference), ("sequence", moment.sequence), ("activity", moment.activity.value)),
    )


def _page_of(reference: str) -> str:
    return f"{whole(reverse('citizen:request', args=[reference]))}?lang={get_language() or 'en'}"
