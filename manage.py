#!/usr/bin/env python
"""Django's commands. `./clearway manage` runs this after making sure that the database is there."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

# Commands that change tables run as their owner; everything else as the role that cannot rewrite the ledger.
OWNER_COMMANDS = frozenset({"migrate", "flush", "makemigrations", "squashmigrations", "test"})


def main() -> None:
    """Run one command, from whatever folder the caller stands in."""
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
    if OWNER_COMMANDS.intersection(sys.argv[1:2]):
        os.environ.setdefault("CLEARWAY_DB_ROLE", "owner")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
