from pathlib import Path

from analytics.reports.definitions import DEFINITIONS

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "definitions.md"


def test_every_definition_shown_has_its_chapter():
    chapters = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("## ")]
    assert [name for name in DEFINITIONS if not any(f"`{name}`" in chapter for chapter in chapters)] == []
