"""A production site with settings for a demo does not start."""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT, application_url


@pytest.mark.django_db
def test_a_server_refuses_to_start_with_unsafe_production_settings() -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("CLEARWAY_", "DJANGO_"))},
        "DATABASE_URL": application_url(),
        "CLEARWAY_PRODUCTION": "on",
        "CLEARWAY_DEMO": "on",
    }
    started = subprocess.run(
        [sys.executable, "-c", "import backend.wsgi"],
        cwd=ROOT,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
    )
    assert started.returncode != 0
    assert "Demo mode is on: anyone may sign in with one click. Set CLEARWAY_DEMO=off." in started.stderr
