"""Running the archives that recompute a table, as their readers would."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from django.test import Client

_RUN = """
import os, runpy, sys
for folder in sys.argv[1:]:
    print(folder)
    os.chdir(folder)
    runpy.run_path("recompute.py")
"""


def run_archives(client: Client, addresses: Sequence[str], folder: Path) -> None:
    """Unpack each archive into a folder and run its script; one Python that knows nothing of ours runs them all.

    Each must say that it made the table of the page.
    """
    folders = [folder / str(number) for number in range(len(addresses))]
    for address, one in zip(addresses, folders, strict=True):
        with zipfile.ZipFile(io.BytesIO(client.get(address).content)) as packed:
            packed.extractall(one)
    command = [sys.executable, "-I", "-c", _RUN, *map(str, folders)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"{addresses}\n{ran.stdout}\n{ran.stderr}"
    assert ran.stdout.count("The same as the table of the page.") == len(addresses)
