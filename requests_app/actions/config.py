"""Changing a setting: who may, how two administrators learn of each other, and what is kept of each change.

    row = locked(Office, pk)
    with changing(row, "office", viewer=viewer, seen=seen, document=office_document):
        row.email = …
        row.save()

`document` is the setting as plain data. Whoever saves says which version they saw; when another one is there now,
nothing is written and `SettingConflict` tells what changed meanwhile.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from django.db import models, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from requests_app.actions.errors import ActionError, Forbidden
from requests_app.clock import now
from requests_app.models import ConfigChange, Jurisdiction
from requests_app.permissions import Viewer
from requests_app.reads.config import kept_of, latest_change, version_of
from requests_app.reads.people import PERSON
from requests_app.states import Capability

Document = dict[str, Any]
Row = TypeVar("Row", bound=models.Model)


NOT_IN_RULES = (PERSON, "reply_template")
"""What no routing rule names; an office, an area, a calendar and a service they may."""


class Setting(Protocol):
    """A row that administrators change: it belongs to a jurisdiction."""

    pk: int
    jurisdiction_id: int


class SettingConflict(ActionError):
    """Somebody else saved the same setting first. `base` is what was seen, `current` what is there now.

    `last` is the change that did it, None where it is in no history.
    """

    code = "stale_setting"
    http_status = 409

    def __init__(
        self, version: int, base: Mapping[str, Any], current: Mapping[str, Any], last: ConfigChange | None
    ) -> None:
        super().__init__(_("Somebody else saved this while you were working on it. What you typed is kept below."))
        self.version, self.base, self.current, self.last = version, dict(base), dict(current), last

    @property
    def changed(self) -> set[str]:
        """The fields that are no longer as they were seen."""
        return {name for name in {*self.base, *self.current} if self.base.get(name) != self.current.get(name)}

    def merged(self, typed: Mapping[str, Any]) -> Document:
        """What was typed where it differs from what was seen; what is there now in every other field."""
        kept = {name: value for name, value in typed.items() if value != self.base.get(name)}
        return {**self.current, **kept}

    def clashing(self, typed: Mapping[str, Any]) -> set[str]:
        """The fields that both changed, each to something else."""
        return {name for name in self.changed if typed.get(name) not in (self.base.get(name), self.current.get(name))}


class UnknownSetting(ActionError):
    """No such setting, or none the viewer may change: the answer is the same."""

    code = "not_found"
    http_status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such setting here, or you do not administer its place."))


def locked(model: type[Row], pk: int) -> Row:
    """The row of a setting, held until the transaction ends; UnknownSetting when there is none."""
    row = model._default_manager.select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        raise UnknownSetting
    return row


def require_administrator(viewer: Viewer, jurisdiction_id: int) -> None:
    """Forbidden for everybody but an administrator of that jurisdiction."""
    if not viewer.has(Capability.ADMINISTER, jurisdiction_id):
        raise Forbidden


@contextmanager
def changing(
    row: Setting,
    what: str,
    *,
    viewer: Viewer,
    seen: int,
    document: Callable[[Any], Document],
    act: str = ConfigChange.Act.SAVED,
) -> Iterator[int]:
    """Hold the change of a locked setting: checks right and version before, keeps what changed after.

    Gives the version that the change will have. Nothing is kept of a change that changed nothing.
    """
    require_administrator(viewer, row.jurisdiction_id)
    with transaction.atomic():
        version = version_of(what, row.pk, row.jurisdiction_id)
        before = document(row)
        if seen != version:
            raise _conflict(row, what, seen, version, before)
        yield version + 1
        after = document(row)
        if after != before or act != ConfigChange.Act.SAVED:
            _keep(row, what, viewer, version + 1, act, before, after)


def routes_changed(jurisdiction_id: int) -> None:
    """Have every process read the rules of a place anew, with what they name. One statement."""
    Jurisdiction.objects.filter(pk=jurisdiction_id).update(rules_version=F("rules_version") + 1)


def made(row: Setting, what: str, *, viewer: Viewer, document: Callable[[Any], Document]) -> None:
    """Keep how a setting came into being: its version 1."""
    require_administrator(viewer, row.jurisdiction_id)
    _keep(row, what, viewer, 1, ConfigChange.Act.MADE, {}, document(row))


def _keep(row: Setting, what: str, viewer: Viewer, version: int, act: str, before: Document, after: Document) -> None:
    ConfigChange.objects.create(
        jurisdiction_id=row.jurisdiction_id,
        what=what,
        target_id=row.pk,
        version=version,
        act=act,
        before=before,
        after=after,
        changed_by_id=viewer.user_id,
        changed_at=now(),
    )
    if what not in NOT_IN_RULES:
        routes_changed(row.jurisdiction_id)


def _conflict(row: Setting, what: str, seen: int, version: int, current: Document) -> ActionError:
    last = latest_change(what, row.pk, row.jurisdiction_id)
    if last is None:  # a version that never was: an altered form
        return UnknownSetting()
    return SettingConflict(version, _as_seen(row, what, seen, current), current, last)


def _as_seen(row: Setting, what: str, seen: int, current: Document) -> Document:
    """The setting as it was at the version that was seen; as it came, when nothing was kept of that one."""
    found = kept_of(what, row.pk, row.jurisdiction_id).filter(version__in=(seen, seen + 1))
    around = {change.version: change for change in found}
    if seen in around:
        return dict(around[seen].after)
    return dict(around[seen + 1].before) if seen + 1 in around else current
