"""Which version of the program this is: what is written on every report that is kept."""

import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@cache
def code_version() -> str:
    """Return what git says of the checkout; the version of the package where there is no git.

    Asked once by a process, and only by one that writes it on something: git takes longer than all other settings.
    """
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
