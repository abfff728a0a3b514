"""Freezing a report, sharing it and taking a link back: one function for each thing that can happen."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.core import signing
from django.db.models import QuerySet
from django.utils.translation import get_language

from analytics.loading import Source
from analytics.models import FrozenReport, SharedLink
from analytics.reports.frozen import Content, digest_of
from requests_app.clock import now
from requests_app.permissions import Viewer
from requests_app.states import Capability

LIVES: Final = (7, 30, 90)
"""Days that a shared link may be good for."""
SALT: Final = "analytics.shared"


def freeze(
    source: Source, page: str, asked: dict[str, str], content: Content, *, viewer: Viewer, code_version: str
) -> FrozenReport:
    """Keep a page as it is now, as the viewer measured it."""
    assert viewer.user_id is not None
    return FrozenReport.objects.create(
        jurisdiction=source.jurisdiction,
        page=page,
        language=(get_language() or "en")[:5],
        asked=asked,
        content=content,
        digest=digest_of(content),
        as_of=source.as_of,
        cut=dict(zip(("cases", "events", "settings"), source.cut, strict=True)),
        code_version=code_version[:80],
        frozen_at=now(),
        is_whole=viewer.reaches_all(Capability.SEE_REPORTS, source.jurisdiction.pk),
        frozen_by_id=viewer.user_id,
    )


def readable(viewer: Viewer) -> QuerySet[FrozenReport]:
    """Return what the viewer may read: every report of a place they evaluate wholly, else what they froze of a part."""
    reports = FrozenReport.objects.select_related("jurisdiction", "frozen_by")
    if viewer.reaches_all(Capability.SEE_REPORTS, None):
        return reports
    places = {grant.jurisdiction_id for grant in viewer.grants_with(Capability.SEE_REPORTS)}
    wholly = {place for place in places if place and viewer.reaches_all(Capability.SEE_REPORTS, place)}
    everywhere = {} if None in places else {"jurisdiction__in": places}
    own = reports.filter(frozen_by_id=viewer.user_id, is_whole=False, **everywhere)
    return reports.filter(jurisdiction__in=wholly) | own


def share(report: FrozenReport, life_days: int, *, user_id: int) -> SharedLink:
    """Make a link that is good for some days."""
    moment = now()
    return SharedLink.objects.create(
        report=report, made_at=moment, made_by_id=user_id, expires_at=moment + timedelta(days=life_days)
    )


def take_back(report: FrozenReport, link_id: int) -> bool:
    """End a link of a report before its time; whether there was one that still worked."""
    return bool(report.links.filter(pk=link_id, revoked_at=None).update(revoked_at=now()))


def token_of(link: SharedLink) -> str:
    """Return what stands in the address of a link."""
    return signing.Signer(salt=SALT).sign(str(link.pk))


def link_of_token(token: str) -> SharedLink | None:
    """Return the link of an address; None where it is not one of ours. It may have ended."""
    try:
        pk = int(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    return SharedLink.objects.select_related("report__jurisdiction").filter(pk=pk).first()


def is_good(link: SharedLink) -> bool:
    """Whether a link still works."""
    return link.revoked_at is None and link.expires_at > now()
