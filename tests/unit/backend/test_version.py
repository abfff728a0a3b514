"""The version of the program: asked once, and not by everything that only reads the settings."""

import subprocess
import sys
from typing import Any

import pytest

from backend.version import code_version
from tests.conftest import ROOT

LOOK = """
import subprocess
asked = []
subprocess.run = lambda *given, **_more: asked.append(given)
subprocess.Popen = subprocess.run
import backend.settings
assert not asked, asked
"""


def test_reading_the_settings_starts_no_other_program() -> None:
    read = subprocess.run([sys.executable, "-c", LOOK], cwd=ROOT, text=True, capture_output=True, check=False)
    assert read.returncode == 0, read.stderr


def test_git_is_asked_once_and_does_without(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def no_git(*given: Any, **_more: Any) -> None:
        asked.append(given)
        raise FileNotFoundError

    monkeypatch.setattr(subprocess, "run", no_git)
    code_version.cache_clear()
    try:
        assert code_version() == code_version() != ""
        assert len(asked) == 1
    finally:
        code_version.cache_clear()
