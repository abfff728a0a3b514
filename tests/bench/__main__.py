"""`python -m tests.bench NAME [--quick] [--format json]`: run one bench, or all, on a private throw-away database."""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import django

from tests.bench.rows import Row, as_json, as_table

SUPPORT = {"rows", "servers", "site"}


def names() -> list[str]:
    """Return the benches there are: every module of this folder that is not their support."""
    modules = sorted(path.stem for path in Path(__file__).parent.glob("*.py"))
    return [name for name in modules if not name.startswith("_") and name not in SUPPORT]


def read_options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./clearway bench", description="Measure, and fail if a goal is missed.")
    parser.add_argument("name", choices=[*names(), "all"])
    parser.add_argument("--quick", action="store_true", help="a small version, for a first look")
    parser.add_argument("--format", choices=["table", "json"], default="table")
    return parser.parse_args(words)


@contextmanager
def throwaway_database() -> Iterator[None]:
    """Make a database for this run, and drop it at the end."""
    from django.db import connection  # noqa: PLC0415 (Django is ready only now)

    before = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)


def measure(name: str, *, quick: bool) -> list[Row]:
    """Run one bench on a database of its own."""
    run: Callable[[bool], Iterable[Row]] = importlib.import_module(f"tests.bench.{name}").measure
    with throwaway_database():
        return list(run(quick))


def main() -> int:
    options = read_options(sys.argv[1:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    os.environ["CLEARWAY_RATE_FILE"] = "999999999/day"  # counted as ever, and never reached
    django.setup()
    chosen = names() if options.name == "all" else [options.name]
    rows = [row for name in chosen for row in measure(name, quick=options.quick)]
    table = (
        getattr(importlib.import_module(f"tests.bench.{options.name}"), "as_table", as_table)
        if options.name != "all"
        else as_table
    )
    print(as_json(rows) if options.format == "json" else table(rows))
    return 1 if any(row.met is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
