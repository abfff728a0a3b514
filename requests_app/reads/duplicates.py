"""Open cases that a case may repeat: by place, time and words, each with the reason why it is shown.

What counts is said in docs/definitions.md ("likely duplicate"). People decide: nothing is joined by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.db.models.functions import Distance
from django.db.models import Case, CharField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Left
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from requests_app.labels import STATUS_AT_DESK, Label
from requests_app.models import ServiceRequest, Words
from requests_app.models.fields import localized
from requests_app.permissions import Viewer
from requests_app.places.degrees import about_within
from requests_app.querysets import RequestQuerySet, reached_with
from requests_app.reads.disclosure import reaches
from requests_app.reads.excerpts import shortened
from requests_app.states import Capability, Status
from requests_app.text.likeness import likeness, telling_words
from requests_app.text.spoken import spoken_number

LIKELY_METRES = 150
LIKELY_DAYS = 60
"""Further apart in place or time than this, only the other measures speak for a case."""

LEAST_SAME, LEAST_KIN = 0.25, 0.6
"""How likely a case of the same service, or of another one of its group, must be to be shown."""

MOST_SHOWN = 5
MOST_READ = 60
WORDS_READ = 2000
MOST_SAID = 3


@dataclass(frozen=True, slots=True)
class Near:
    """What speaks for two cases being one: metres and days between them, telling words, whether the services differ.

    `alike` is None where the words of one of them may not be read, or are in another language.
    """

    metres: float
    days: float
    alike: float | None
    same_service: bool


def score(near: Near) -> float:
    """From 0 to 1: four tenths for the place, two for the time, four for the words (what is unknown is left out)."""
    place = max(0.0, 1 - near.metres / LIKELY_METRES)
    time = max(0.0, 1 - near.days / LIKELY_DAYS)
    known = 0.4 * place + 0.2 * time
    return known / 0.6 if near.alike is None else known + 0.4 * near.alike


def is_likely(near: Near) -> bool:
    """Whether a case is worth a look; of another service only when it says the same, or stands at the same spot."""
    return near.metres <= LIKELY_METRES and score(near) >= (LEAST_SAME if near.same_service else LEAST_KIN)


@dataclass(frozen=True, slots=True)
class Likely:
    """One open case that may be the same thing, and why."""

    request_id: int
    reference: str
    version: int
    where: str
    near: Near
    both_say: tuple[str, ...]
    service: str
    status: Label
    supporters: int
    submitted_at: datetime
    excerpt: str
    language: str

    @property
    def metres(self) -> int:
        """How far away it is."""
        return round(self.near.metres)

    @property
    def why(self) -> str:
        """The reason, in a line: place, time, words, and the service where it is another one."""
        parts = [self._place(), self._time(), self._words()]
        if not self.near.same_service:
            parts.append(_("as “%(service)s”") % {"service": self.service})
        return ", ".join(part for part in parts if part)

    @property
    def words(self) -> str:
        """The case in one line, with the reason."""
        return f"{self.reference} ({self.status}): {self.why}"

    def _place(self) -> str:
        if self.metres < 1:
            return _("at the same spot")
        return _("%(metres)s m away") % {"metres": spoken_number(self.metres, get_language())}

    def _time(self) -> str:
        days = int(self.near.days)
        if not days:
            return _("filed on the same day")
        said = ngettext("filed %(days)s day apart", "filed %(days)s days apart", days)
        return said % {"days": spoken_number(days, get_language())}

    def _words(self) -> str:
        if not self.both_say:
            return ""
        quoted = ", ".join(_("“%(word)s”") % {"word": word} for word in self.both_say)
        return _("both say %(words)s") % {"words": quoted}


def likely_duplicates(case: ServiceRequest, viewer: Viewer) -> list[Likely]:
    """The likeliest first; one statement.

    Only cases that `actions.merge` would take: open, as public as this one; no part of another: its whole is offered.
    """
    if case.location is None or not case.is_open:
        return []
    judged = [_judged(case, row) for row in _candidates(case, viewer)]
    likely = [one for one in judged if is_likely(one.near)]
    return sorted(likely, key=lambda one: (-score(one.near), one.request_id))[:MOST_SHOWN]


_COLUMNS = ("pk", "reference", "version", "address_label", "status", "supporters", "submitted_at", "language")


def _candidates(case: ServiceRequest, viewer: Viewer) -> list[dict[str, Any]]:
    """Open cases close by of the same service or its group, with their words and this case's where both may be read."""
    kin = Q(service_id=case.service_id)
    if case.service.group_names:
        kin |= Q(service__group_names=case.service.group_names)
    own = _body(request=case.pk) if reaches(case, viewer, Capability.SEE_WORDS) else Value("")
    near = (
        ServiceRequest.objects.visible_to(viewer)
        .place_known_to(viewer)
        .of(case.jurisdiction_id)
        .open()
        .filter(kin, service__publicity=case.service.publicity)
        .filter(about_within(case.location, LIKELY_METRES), parent=None)
        .exclude(pk__in=[pk for pk in (case.pk, case.parent_id) if pk is not None])
        .annotate(away=Distance("location", case.location), own_words=own)
        .order_by("away")
    )
    told = _told(near, viewer)
    return list(told.values(*_COLUMNS, "away", "body", "own_words", "service_id", "service__names")[:MOST_READ])


def _body(request: Any) -> Subquery:
    """The beginning of the citizen's words of a case."""
    said = Words.objects.filter(request=request, kind=Words.Kind.DESCRIPTION, erased_at=None).order_by("pk")
    return Subquery(said.values(start=Left("body", WORDS_READ))[:1])


def _told(found: RequestQuerySet, viewer: Viewer) -> RequestQuerySet:
    """With what the citizen wrote, where the viewer may read it."""
    read = Case(
        When(reached_with(viewer, Capability.SEE_WORDS), then=_body(request=OuterRef("pk"))),
        default=Value(""),
        output_field=CharField(),
    )
    return found.annotate(body=read)


def _judged(case: ServiceRequest, row: Mapping[str, Any]) -> Likely:
    body = row["body"] or ""
    own, other = telling_words(row["own_words"] or ""), telling_words(body)
    comparable = own and other and row["language"] == case.language
    apart = abs(row["submitted_at"] - case.submitted_at) / timedelta(days=1)
    alike = likeness(own, other) if comparable else None
    near = Near(row["away"].m, apart, alike, row["service_id"] == case.service_id)
    return Likely(
        request_id=row["pk"],
        reference=row["reference"],
        version=row["version"],
        where=row["address_label"],
        near=near,
        both_say=tuple(written for word, written in own.items() if comparable and word in other)[:MOST_SAID],
        service=localized(row["service__names"]),
        status=STATUS_AT_DESK[Status(row["status"])],
        supporters=row["supporters"],
        submitted_at=row["submitted_at"],
        excerpt=shortened(body),
        language=row["language"],
    )
