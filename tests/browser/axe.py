"""axe-core run inside a page: what a screen reader or a keyboard would stumble over."""

from collections.abc import Container
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

SOURCE = Path(__file__).resolve().parents[2] / ".local" / "vendor" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def source() -> str:
    return SOURCE.read_text(encoding="utf-8")


ALL = ("minor", "moderate", *SERIOUS)


def stumbling_blocks(page: Page, impacts: Container[str] = SERIOUS) -> list[str]:
    """Violations as `rule: where`, the serious ones unless others are asked for; empty when there is none."""
    page.evaluate(source())
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']}).then(done => done.violations)", RULES
    )
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))} ({node['failureSummary']})"
        for rule in found
        if rule["impact"] in impacts
        for node in rule["nodes"]
    ]
