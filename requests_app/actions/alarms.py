"""Raising an alarm once, however often its cause is met, and settling it."""

from collections.abc import Mapping
from typing import Any

from requests_app.clock import now
from requests_app.models import Alarm, AlarmKind


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
