"""The tables of docs/access.md as data."""

import re
from collections.abc import Mapping, Sequence

from tests.conftest import ROOT

PAGE = ROOT / "docs" / "access.md"
Row = dict[str, str]
WAIT = "Waiting for their rows"
"""The heading under which doors are named that nobody has tried for everybody yet."""


def rows(heading: str) -> dict[str, Row]:
    """The rows of the table below a heading, by their first column, each by the table's other columns."""
    section = re.split(rf"^## {re.escape(heading)}$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1]
    lines = [line for line in re.split(r"^## ", section, flags=re.MULTILINE)[0].splitlines() if line.startswith("|")]
    columns, _rule, *body = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    found: dict[str, Row] = {}
    for first, *cells in body:
        name = first.strip("`")
        assert name not in found, f"docs/access.md has two rows for {name}."
        assert len(cells) == len(columns) - 1, f"docs/access.md: the row of {name} has not as many cells as its table."
        found[name] = dict(zip(columns[1:], cells, strict=True))
    return found


def waiting() -> set[str]:
    """The doors and acts that wait for their rows: named one by one, so that no other can join them unseen."""
    return set(re.findall(r"`([^`]+)`", PAGE.read_text(encoding="utf-8").split(f"## {WAIT}\n")[1]))


def as_row(name: str, readers: Sequence[str], cells: Mapping[str, str]) -> str:
    """A row to paste into the table."""
    return f"| `{name}` | {' | '.join(cells[reader] for reader in readers)} |"


def differences(
    heading: str, readers: Sequence[str], measured: Mapping[str, Mapping[str, str]], of: str = ""
) -> list[str]:
    """What the table says otherwise than what was seen, of the rows named like `of`, and what to do about it."""
    known = {name: row for name, row in rows(heading).items() if of in name}
    told = []
    for name, cells in measured.items():
        if name not in known:
            told.append(
                f"\n{name} has no row in docs/access.md, “{heading}”. Is this who should get in? Then its row is:\n"
                f"{as_row(name, readers, cells)}"
            )
            continue
        wrong = [
            f"  {reader}: the table says {known[name].get(reader)}, the door says {cells[reader]}"
            for reader in readers
            if known[name].get(reader) != cells[reader]
        ]
        if wrong:
            told += [f"\n{name} (docs/access.md, “{heading}”):", *wrong, "  " + as_row(name, readers, cells)]
    told += [f"\n{name} is no more: take its row out of docs/access.md." for name in known if name not in measured]
    return told
