"""`./clearway check`, stage by stage: a suite that is green means code that is in order."""

import subprocess

import pytest

from backend.launcher.checks import CHECKS
from tests.architecture.source import ROOT


@pytest.mark.django_db
@pytest.mark.parametrize("name", CHECKS)
def test_the_check_passes(name: str) -> None:
    done = subprocess.run(CHECKS[name], cwd=ROOT, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
