"""The import contracts catch what they are for: each planted violation is refused by the contract that names it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, ROOT

PLANTED = [
    ("Imports run one way", "requests_app/states.py", "import analytics"),
    ("Imports run one way", "requests_app/reads/__init__.py", "from backend import health"),
    ("Imports run one way", "analytics/loading.py", "import maps"),
    ("Imports run one way", "maps/apps.py", "import backend.urls"),
    ("Inside requests_app", "requests_app/models/__init__.py", "from requests_app import actions"),
    ("Inside requests_app", "requests_app/actions/__init__.py", "from requests_app import web"),
    ("Inside requests_app", "requests_app/states.py", "from requests_app import permissions"),
    ("Inside requests_app", "requests_app/undeclared.py", ""),
    ("Plain data and pure rules", "requests_app/states.py", "from django.conf import settings"),
    ("Plain data and pure rules", "requests_app/text/normalise.py", "import django"),
    ("analytics.core", "analytics/core/frames.py", "import django"),
    ("analytics.core", "analytics/core/frames.py", "import folium"),
    ("analytics.core", "analytics/core/frames.py", "from requests_app import states"),
    ("analytics.core", "analytics/core/frames.py", "from requests_app import models"),
    ("Only analytics.loading", "analytics/apps.py", "from requests_app import models"),
    ("Nothing but the demo commands", "analytics/apps.py", "from fixtures import city"),
    ("Nothing but the demo commands", "requests_app/web/__init__.py", "from fixtures import city"),
    ("Pages use actions and reads", "requests_app/web/__init__.py", "from requests_app import querysets"),
    ("Pages use actions and reads", "maps/apps.py", "from requests_app.actions import _ledger"),
    ("No two modules", "analytics/core/frames.py", "from analytics import loading"),
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the product's source."""
    folder = tmp_path_factory.mktemp("house")
    for package in PACKAGES:
        for source in (ROOT / package).rglob("*.py"):
            copy = folder / source.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
    shutil.copyfile(ROOT / "pyproject.toml", folder / "pyproject.toml")
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    words = "from importlinter.cli import lint_imports_command as c; c()"
    return subprocess.run([sys.executable, "-c", words], cwd=folder, text=True, capture_output=True, check=False)


def test_the_house_as_it_stands_is_in_order(house: Path) -> None:
    done = lint(house)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("contract", "file", "violation"), PLANTED)
def test_a_planted_violation_is_refused(house: Path, contract: str, file: str, violation: str) -> None:
    path = house / file
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text(f"{before or ''}\n{violation}\n", encoding="utf-8")
    try:
        done = lint(house)
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_text(before, encoding="utf-8")
    assert done.returncode != 0
    assert contract in done.stdout.partition("Broken contracts")[2], done.stdout
