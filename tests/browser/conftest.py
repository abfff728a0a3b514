"""A real browser: Debian's Chromium, driven by Playwright, that reaches nothing but our server."""

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

NewPage = Callable[..., Page]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
NO_WEBGL = """
for (const name of ["WebGLRenderingContext", "WebGL2RenderingContext"]) delete globalThis[name];
const draw = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return kind.startsWith("webgl") ? null : draw.call(this, kind, ...more);
};
"""
"""What makes it a browser that cannot draw the desk's map and says so: without a graphics card it costs a page."""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # No page lives long enough for what compiles its scripts ever better in the background to be worth its time.
    "--js-flags=--no-maglev,--no-turbofan",
    "--disable-background-networking",
    # No name but this machine's own is found: nothing is stopped on its way through Python, and the cache works.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium for one file of tests.

    Playwright's sync API keeps an event loop running in this thread: no asyncio elsewhere, and Django refuses the ORM.
    So it ends with the file, and within the file Django is told that nothing of ours runs in that loop.
    """
    # The one without windows does the same in little more than half the time.
    found = (shutil.which(name) for name in ("chromium-headless-shell", "chromium"))
    program = os.environ.get("CLEARWAY_CHROMIUM") or next(filter(None, found), None)
    assert program, "Chromium is not installed: ./clearway test installs it, or set CLEARWAY_CHROMIUM to its path."
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield started
        started.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


@pytest.fixture
def new_page(browser: Browser, live_city: str) -> Iterator[NewPage]:
    """Return a function that opens a fresh browser profile; at the end no page may have complained or gone elsewhere.

    `new_page(viewport=PHONE, locale="fr-CA", has_touch=True)` takes what Playwright's new_context takes, and
    `goes_offline=True` for a page whose test pulls the plug: what its service worker did not keep fails then.
    `draws_map=True` is for what looks at the desk's map.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    host = urlsplit(live_city).netloc

    def look_at(request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme in ("http", "https") and asked.netloc != host:
            complaints.append(f"asked for {request.url}")

    def listen(message: ConsoleMessage, *, goes_offline: bool) -> None:
        # A refused form answers 422, and a test that pulls the plug goes without: Chromium reports both as errors.
        own = "status of 422" in message.text or "net::ERR_INTERNET_DISCONNECTED" in message.text
        own = own or (goes_offline and "net::ERR_FAILED" in message.text)
        # An answer that is no page names no icon, and Chromium asks for one.
        icon = urlsplit(message.location["url"]).path == "/favicon.ico"
        own = own or ("status of 404" in message.text and icon)
        # So does the page itself that says that there is nothing here, or no more.
        itself = message.page is not None and message.location["url"] == message.page.url
        own = own or ("status of 4" in message.text and itself)
        if message.type == "error" and not own:
            complaints.append(f"console: {message.text} at {message.location['url']}")

    def open_page(*, goes_offline: bool = False, draws_map: bool = False, **wishes: object) -> Page:
        given = {"base_url": live_city, "viewport": DESK, "locale": "en-CA", "timezone_id": "America/Toronto", **wishes}
        context = browser.new_context(**given)  # type: ignore[arg-type]
        contexts.append(context)
        context.on("request", look_at)
        if not draws_map:
            context.add_init_script(NO_WEBGL)
        page = context.new_page()
        page.on("console", partial(listen, goes_offline=goes_offline))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """Return one page as wide as a desk's."""
    return new_page()
