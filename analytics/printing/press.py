"""The press: a sheet becomes a PDF in a process of its own, one at a time, within bounds of time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

CHILD: Final = Path(__file__).with_name("child.py")
WALL_S: Final = 60
"""Longer than the processor time the child may use: the machine may be busy."""
WAIT_S: Final = 20
"""How long somebody waits for the sheet of somebody else."""
_one_at_a_time = threading.BoundedSemaphore(1)


class NotPrinted(Exception):
    """No PDF came of a sheet."""


class Busy(NotPrinted):
    """The press has been at other sheets for too long."""


def print_sheet(sheet: Mapping[str, Any]) -> bytes:
    """Return the PDF of a sheet; the same bytes for the same sheet. Raises ``NotPrinted``."""
    if not _one_at_a_time.acquire(timeout=WAIT_S):
        raise Busy("another report is being printed")
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(CHILD)],
            input=json.dumps(sheet, ensure_ascii=False).encode(),
            capture_output=True,
            timeout=WALL_S,
            check=False,
            env={"LANG": "C.UTF-8", "PYTHONUTF8": "1", "RAYON_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired as late:
        raise NotPrinted(f"not done within {WALL_S} s") from late
    finally:
        _one_at_a_time.release()
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF"):
        last_words = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise NotPrinted(last_words[:300] or f"the press stopped ({done.returncode})")
    return done.stdout
