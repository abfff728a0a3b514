"""Periodic work of the analytics, imported when it first runs: the schedule itself loads no slow library."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from requests_app.notify.from_above import Written
from requests_app.usual import Usual


def usual_by_place() -> Mapping[str, Usual]:
    """What is usual in every place where people work, by the code of the place."""
    found: Mapping[str, Usual] = import_module("analytics.reports.usual").usual_by_place()
    return found


def keep_segments_up() -> None:
    """Append to the segment store what is new in the ledger."""
    import_module("analytics.store.ledger").keep_up()


def issue_reports() -> None:
    """Freeze one report that is due by mail, and queue its mails."""
    import_module("analytics.mailing.issuing").issue_due()


def end_lost_reports() -> None:
    """End reports by mail of people who may not read them any more."""
    import_module("analytics.mailing.issuing").end_lost()


def report_by_mail(codes: Mapping[str, Any]) -> Written | None:
    """Write the mail of a report; None when there is nobody to send it to any more."""
    found: Written | None = import_module("analytics.mailing.letters").written(codes)
    return found
