"""How many examples the costly property tests try."""

import os


def tries(few: int) -> int:
    """So few in the suite, and as many as CLEARWAY_TRIES says: `./clearway bench hostile`."""
    return int(os.environ.get("CLEARWAY_TRIES", few))
