"""axe-core run inside a page: what a screen reader or a keyboard would stumble over."""

from collections.abc import Container
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import CDPSession, Error, Page

SOURCE = Path(__file__).resolve().parents[2] / ".local" / "vendor" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")
ALL = ("minor", "moderate", *SERIOUS)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# One rule of ours needs what is loaded beforehand: the length of a sound or film that begins by itself. For it alone
# axe would fetch every style sheet of every page again. A frame has no axe of its own: axe would only wait for it.
LOOK = """async rules => {
  const root = document.documentElement;
  const wide = root.scrollWidth - root.clientWidth, heads = document.querySelectorAll("h1").length;
  const preload = Boolean(document.querySelector("audio[autoplay], video[autoplay]"));
  const wanted = { runOnly: rules, resultTypes: ["violations"], preload, iframes: false };
  return { found: (await axe.run(document, wanted)).violations, wide, heads, title: document.title };
}"""

compiled: WeakKeyDictionary[Page, tuple[CDPSession, str]] = WeakKeyDictionary()
"""axe as each page has compiled it: to send and read it again at each address costs as much as the address itself."""


@cache
def source() -> str:
    return SOURCE.read_text(encoding="utf-8")


def bring_axe(page: Page) -> None:
    """Define axe in the document."""
    if page in compiled:
        session, script = compiled[page]
        try:
            session.send("Runtime.runScript", {"scriptId": script, "silent": True})
        except Error:  # another process draws the page now
            session.detach()
        else:
            return
    session = page.context.new_cdp_session(page)
    session.send("Runtime.enable")
    wanted = {"expression": source(), "sourceURL": "axe.min.js", "persistScript": True}
    script = session.send("Runtime.compileScript", wanted)["scriptId"]
    session.send("Runtime.runScript", {"scriptId": script})
    compiled[page] = session, script


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look at a page found: axe's violations, how much it is too wide, its first headings, its title."""

    found: list[dict[str, Any]]
    wide: int
    heads: int
    title: str

    def blocks(self, impacts: Container[str]) -> list[str]:
        """Violations of some impacts as `rule: where`."""
        return [
            f"{rule['id']}: {' '.join(map(str, node['target']))} ({node['failureSummary']})"
            for rule in self.found
            if rule["impact"] in impacts
            for node in rule["nodes"]
        ]


def look(page: Page) -> Seen:
    bring_axe(page)
    return Seen(**page.evaluate(LOOK, RULES))


def stumbling_blocks(page: Page) -> list[str]:
    """Serious violations; empty when there is none."""
    return look(page).blocks(SERIOUS)


def clean(page: Page) -> None:
    """Nobody stumbles over anything serious, and nothing is wider than the screen."""
    seen = look(page)
    assert seen.blocks(SERIOUS) == [], page.url
    assert seen.wide <= 0, f"{page.url} is {seen.wide} px too wide"


def faults(page: Page) -> list[str]:
    """What makes somebody stumble on a page: all axe's findings, a page wider than the screen, headings, the title."""
    seen = look(page)
    return [
        *seen.blocks(ALL),
        *([f"{seen.wide} px too wide"] if seen.wide > 0 else []),
        *([f"{seen.heads} first headings"] if seen.heads != 1 else []),
        *([] if seen.title.split("·")[0].strip() else ["no title"]),
    ]
