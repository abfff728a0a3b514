"""`./clearway check`: everything about the code that can be judged without running it."""

import subprocess
import sys

from backend.launcher.places import ROOT

PYTHON = (sys.executable, "-m")
MANAGE = (sys.executable, "manage.py")
CHECKS: dict[str, tuple[str, ...]] = {
    "format": (*PYTHON, "ruff", "format", "--check", "--quiet", "."),
    "lint": (*PYTHON, "ruff", "check", "--quiet", "."),
    "types": (*PYTHON, "mypy"),
    "import contracts": (sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"),
    "migrations": (*MANAGE, "makemigrations", "--check", "--dry-run", "--verbosity", "1"),
    "French": (*MANAGE, "build_messages", "--check"),
}


def check() -> int:
    """Run every check, print what the failing ones say, and return 1 if any failed."""
    failed = []
    for name, command in CHECKS.items():
        done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
        print(f"{name}: {'ok' if done.returncode == 0 else 'FAILED'}", flush=True)
        if done.returncode:
            failed.append(name)
            print((done.stdout + done.stderr).strip(), flush=True)
    print(f"Failed: {', '.join(failed)}." if failed else "Everything is in order.")
    return 1 if failed else 0
