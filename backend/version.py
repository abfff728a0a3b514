"""Which version of the program this is: what is written on every report that is kept."""

import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def code_version() -> str:
    """Return what git says of the checkout; the version of the package where there is no git."""
    try:
        said = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--tags"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        said = ""
    return said or _packaged()


def _packaged() -> str:
    try:
        return version("clearway")
    except PackageNotFoundError:
        return "unknown"
