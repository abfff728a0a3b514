"""Periodic work of the analytics, imported when it first runs: the schedule itself loads no slow library."""

from collections.abc import Mapping
from importlib import import_module

from requests_app.usual import Usual


def usual_by_place() -> Mapping[str, Usual]:
    """What is usual in every place where people work, by the code of the place."""
    found: Mapping[str, Usual] = import_module("analytics.reports.usual").usual_by_place()
    return found


def keep_segments_up() -> None:
    """Append to the segment store what is new in the ledger."""
    import_module("analytics.store.ledger").keep_up()
