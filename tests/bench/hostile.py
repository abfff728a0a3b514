"""Made-up fields for every form and list of the site, and walks of cases: many more than the suite has time for."""

import os
import subprocess
import sys
from collections.abc import Iterator

from tests.bench.rows import Row
from tests.databases import ROOT

TRIES, QUICK_TRIES = 40, 8
FILES = (
    "tests/integration/access/test_hostile.py",
    "tests/integration/web/test_desk_workload.py",
    "tests/integration/web/test_desk_today.py",
)


def measure(quick: bool) -> Iterator[Row]:
    """Run the tests of the suite with more tries, on a database of their own."""
    tries = QUICK_TRIES if quick else TRIES
    own = {name: value for name, value in os.environ.items() if name != "CLEARWAY_TEST_RUN"}
    command = [sys.executable, "-m", "pytest", "-q", *FILES]
    given = {**own, "CLEARWAY_TRIES": str(tries)}
    done = subprocess.run(command, cwd=ROOT, env=given, stdout=sys.stderr, check=False)  # ours is for the rows
    yield Row(
        "hostile", f"{tries} tries a form, a list and a walk: a page broke", float(done.returncode != 0), "", goal=0
    )
