"""Raising an alarm once, however often its cause is met, and ending it: by itself, or by a person."""

from collections.abc import Collection, Mapping
from typing import Any

from requests_app.clock import now
from requests_app.models import Alarm, AlarmKind, Jurisdiction
from requests_app.permissions import Viewer
from requests_app.reads.alarms import alarms_of


def raise_alarm(
    kind: AlarmKind,
    jurisdiction_id: int,
    *,
    subject: str = "",
    request_id: int | None = None,
    office_id: int | None = None,
    codes: Mapping[str, Any] | None = None,
) -> None:
    """Raise an alarm unless the same one is open. One statement; to be called in the transaction of its cause."""
    alarm = Alarm(
        jurisdiction_id=jurisdiction_id,
        kind=kind.value,
        subject=subject,
        request_id=request_id,
        office_id=office_id,
        codes=dict(codes or {}),
        raised_at=now(),
    )
    Alarm.objects.bulk_create([alarm], ignore_conflicts=True)


def settle_alarms(
    kind: AlarmKind, jurisdiction_id: int, *, subject: str | None = None, request_id: int | None = None
) -> int:
    """Settle the open alarms of a kind, of one subject or case when it is named; how many there were."""
    wanted: dict[str, Any] = {"subject": subject, "request_id": request_id}
    named = {name: value for name, value in wanted.items() if value is not None}
    still_open = Alarm.objects.filter(jurisdiction_id=jurisdiction_id, kind=kind.value, settled_at=None, **named)
    return still_open.update(settled_at=now())


def end_alarms(viewer: Viewer, place: Jurisdiction, ids: Collection[int]) -> int:
    """End alarms that the viewer answers for; how many there were. One whose cause is still there is raised again."""
    mine = alarms_of(viewer, place).filter(pk__in=ids, settled_at=None).values("pk")
    return Alarm.objects.filter(pk__in=mine, settled_at=None).update(settled_at=now(), settled_by_id=viewer.user_id)
