"""Walking a case through its pages as everybody who touches it: a citizen's phone, an office's desk.

Names of steps, moves and buttons are said in the walker's language, so a walk fails where a page is not translated.
Set CLEARWAY_WALK_PICTURES to a folder to get a picture of every page, on a phone and at a desk.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

from django.test import Client
from django.utils import translation
from django.utils.translation import gettext, pgettext
from playwright.sync_api import Locator, Page, expect

from requests_app.models import User
from requests_app.permissions import Viewer
from tests.browser.axe import faults
from tests.browser.conftest import PHONE, NewPage

WIDE = {"width": 1440, "height": 900}
PATIENCE_MS = 30_000
PDF = b"%PDF-1.7\n%%EOF\n"
PICTURES = os.environ.get("CLEARWAY_WALK_PICTURES", "")

Names = tuple[str, str]
"""What something is called in English and in French."""


def keep_picture(page: Page, name: str) -> None:
    """A picture of the whole page on a phone and at a desk, where pictures are wanted."""
    if not PICTURES:
        return
    size = page.viewport_size or WIDE
    for wanted in (PHONE, WIDE):
        page.set_viewport_size(wanted)  # type: ignore[arg-type]
        page.screenshot(path=str(Path(PICTURES) / f"{name}-{wanted['width']}.png"), full_page=True)
    page.set_viewport_size(size)


@dataclass
class Walk:
    """A walk in one language. Every page it comes to is looked at."""

    new_page: NewPage
    language: str
    name: str
    seen: int = field(default=0)

    # --- Words --------------------------------------------------------------------------------------------------

    def says(self, english: str, context: str = "") -> str:
        """A sentence of ours in the language of the walk."""
        with translation.override(self.language):
            return pgettext(context, english) if context else gettext(english)

    def of(self, names: Names) -> str:
        """A name of the town's in the language of the walk."""
        return names[self.language == "fr"]

    # --- People -------------------------------------------------------------------------------------------------

    def citizen(self) -> Page:
        """A citizen's phone."""
        return self.new_page(viewport=PHONE, locale=f"{self.language}-CA", has_touch=True)

    def staff(self, viewer: Viewer, address: str = "/desk/") -> Page:
        """The browser of somebody who has signed in, at an address."""
        page = self.new_page(viewport=WIDE, locale=f"{self.language}-CA")
        client = Client()
        client.force_login(User.objects.get(pk=viewer.user_id))
        page.goto("/health/")
        key = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": key, "url": page.url.removesuffix("/health/")}])
        page.goto(address)
        return page

    def leave(self, *pages: Page) -> None:
        """Whose part is done shuts the browser: an open page follows all that happens to the case."""
        for page in pages:
            page.context.close()

    def look(self, page: Page, what: str) -> None:
        """Nobody stumbles over the page; a picture of it is kept where pictures are wanted."""
        page.wait_for_load_state()
        found = faults(page)
        assert not found, "\n".join([f"{what}: {page.url}", *found])
        self.seen += 1
        keep_picture(page, f"{self.name}-{self.language}-{self.seen:02}-{what}")

    # --- The citizen --------------------------------------------------------------------------------------------

    def send_paper(self, page: Page, kind: str, *, waited: bool = False) -> None:
        """Send a document from the tracking page: one that was asked for, or one of the list."""
        if waited:
            form = page.locator(f".paper--asked .paper__form:has(input[name=kind][value={kind}])")
        else:
            page.locator("#documents details > summary").click()
            form = page.locator("#documents details .paper__form")
            form.locator("select").select_option(kind)
        form.locator("input[type=file]").set_input_files(
            {"name": f"{kind}.pdf", "mimeType": "application/pdf", "buffer": PDF}
        )
        form.get_by_role("button", name=self.says("Send the document")).click()
        expect(page.locator(".notices")).to_contain_text(self.says("Your document is here. The office can look at it."))

    # --- An office ----------------------------------------------------------------------------------------------

    def open_case(self, page: Page, reference: str) -> None:
        """Find the case in the office's list and open it."""
        page.goto("/desk/queue/")
        page.locator(f"#row-{reference} a").first.click()
        expect(page.locator("#case")).to_contain_text(reference)

    def press(self, page: Page, words: str) -> None:
        """A move that asks for nothing."""
        page.locator(".case-desk__moves form.move--now button", has_text=words).first.click()

    def fold(self, page: Page, words: str) -> Locator:
        """The form of a move that asks for something, opened."""
        fold = page.locator(".case-desk__moves details.move").filter(has=page.locator("> summary", has_text=words))
        fold.locator("> summary").click()
        return fold

    def move(self, page: Page, name: Names, *, reason: Names | None = None, words: str = "") -> None:
        """Make a move of the workflow and read that it is done."""
        said = self.of(name)
        if reason or words:
            form = self.fold(page, said).locator("form")
            if reason:
                form.get_by_label(self.of(reason)).check()
            if words:
                form.locator("textarea[name=text]").fill(words)
            form.locator("button:not([tabindex])", has_text=said).click()
        else:
            self.press(page, said)
        expect(page.locator(".notices")).to_contain_text(said)

    def accept_paper(self, page: Page, name: Names) -> None:
        """Say that a document is good."""
        paper = page.locator("#documents .paper--received").filter(has_text=self.of(name))
        paper.get_by_role("button", name=self.says("Accept the document")).click()
        expect(page.locator("#documents .paper--accepted").filter(has_text=self.of(name))).to_be_visible()

    def send_back(self, page: Page, name: Names, words: str) -> None:
        """Say that a document cannot be read, and ask for it again."""
        paper = page.locator("#documents .paper--received").filter(has_text=self.of(name))
        paper.locator("details > summary").click()
        paper.locator("input[name=reason][value=unreadable]").check()
        paper.locator("textarea[name=text]").fill(words)
        paper.get_by_role("button", name=self.says("Send it back")).click()
        expect(page.locator("#documents .paper--refused").filter(has_text=self.of(name))).to_be_visible()

    def ask_for(self, page: Page, kinds: list[str], words: str) -> None:
        """Ask the citizen for documents."""
        fold = page.locator("#documents details.move").filter(
            has=page.locator("> summary", has_text=self.says("Ask for documents"))
        )
        fold.locator("> summary").click()
        for kind in kinds:
            fold.locator(f"input[name=kinds][value={kind}]").check()
        fold.locator("textarea[name=text]").fill(words)
        fold.get_by_role("button", name=self.says("Ask for them")).click()
        expect(page.locator("#documents .paper--asked")).to_have_count(len(kinds))
