"""The steps of a workflow as pages, promises and reports tell them: plain values, kept beside the text. No Django."""

from typing import Any

from requests_app.workflows.definition import Definition, Step


def told_steps(definition: Definition) -> list[dict[str, Any]]:
    """The steps of the case's own way, in order.

    Each is {"code", "names", "plain", "office_kind"}, with "target_hours" and "target" where it has one.
    """
    return [_told(step) for step in definition.main_steps]


def _told(step: Step) -> dict[str, Any]:
    target = step.target
    told = {"code": step.code, "names": dict(step.names), "plain": dict(step.plain), "office_kind": step.office_kind}
    if target is None:
        return told
    count = "calendar" if target.is_calendar else "working"
    hours = target.days * 24 if target.is_calendar else target.hours
    return {**told, "target_hours": hours, "target": {"hours": hours, "count": count}}
