"""Workflows a new installation can begin with: `./clearway manage import_workflow permit` (any file’s name here).

They name kinds of offices (`permit`, `plans`, `fire`, `records` …), so a place gives its offices these kinds.
"""

from importlib import resources


def shipped() -> dict[str, str]:
    """The text of each by its name."""
    files = resources.files(__package__).iterdir()
    return {f.name.removesuffix(".toml"): f.read_text(encoding="utf-8") for f in files if f.name.endswith(".toml")}
