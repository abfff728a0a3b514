#!/usr/bin/env python
"""Django's commands. `./clearway manage` runs this after making sure that the database is there."""

import os
import sys

from django.core.management import execute_from_command_line

from backend.env import BadSetting

# Commands that change tables run as their owner; everything else as the role that cannot rewrite the ledger.
OWNER_COMMANDS = frozenset({"migrate", "flush", "makemigrations", "squashmigrations", "test"})


def main() -> None:
    """Run one command, in whatever folder the caller stands; a setting that makes no sense is said in a sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
    if OWNER_COMMANDS.intersection(sys.argv[1:2]):
        os.environ.setdefault("CLEARWAY_DB_ROLE", "owner")
    try:
        execute_from_command_line(sys.argv)
    except BadSetting as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
