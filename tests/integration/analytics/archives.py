"""Running the archives that recompute a table, as their readers would."""

import io
import subprocess
import sys
import zipfile

from django.test import Client


def run_archive(client: Client, address: str, folder: str) -> str:
    """Unpack the archive of an address and run its script by a Python that knows nothing of ours; what it printed."""
    with zipfile.ZipFile(io.BytesIO(client.get(address).content)) as packed:
        packed.extractall(folder)
    command = [sys.executable, "-I", "recompute.py"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
