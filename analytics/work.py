"""Periodic work of the analytics, imported when it first runs: the schedule itself loads no slow library."""

from importlib import import_module


def keep_segments_up() -> None:
    """Append to the segment store what is new in the ledger."""
    import_module("analytics.store.ledger").keep_up()
