"""Take the pictures of the README again, from a running demo city."""

import shutil
from argparse import ArgumentParser
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from PIL import Image

from backend.launcher.places import ROOT

try:
    from playwright.sync_api import sync_playwright
except ImportError:  # only a developer's machine has the browser driver
    sync_playwright = None  # type: ignore[assignment]

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 860}
COLOURS = 128
"""Enough for flat pages; a picture stays under 200 kB."""

Camera = Callable[[Any, str], bytes]


def phone_form(page: Any, address: str) -> bytes:
    """The second screen of the form, with a pin on the map."""
    page.goto(f"{address}/report/?service=streetlight")
    page.get_by_role("link", name="Streetlight").or_(page.get_by_role("button", name="Streetlight")).first.click()
    page.wait_for_selector(".leaflet-container")
    page.wait_for_timeout(1500)
    page.locator("pin-map").scroll_into_view_if_needed()
    page.locator(".leaflet-container").click(position={"x": 170, "y": 150})
    page.wait_for_timeout(1500)
    page.evaluate("window.scrollTo(0, 0)")
    return bytes(page.screenshot())


def desk(page: Any, address: str) -> bytes:
    """The manager's queue beside its map."""
    page.goto(f"{address}/desk/queue/")
    page.wait_for_timeout(6000)
    return bytes(page.screenshot())


def report(page: Any, address: str) -> bytes:
    """The first screen of the bottleneck report."""
    page.goto(f"{address}/evaluate/rivemont/")
    return bytes(page.screenshot())


def flow(page: Any, address: str) -> bytes:
    """The picture of the flow between offices."""
    page.goto(f"{address}/evaluate/rivemont/")
    return bytes(page.locator("svg.flow:visible").first.screenshot())


def route(page: Any, address: str) -> bytes:
    """A case's way through the offices, with its waits."""
    page.goto(f"{address}/requests/RV-EXAMP22/")
    return bytes(page.locator("section.route").screenshot())


PICTURES: dict[str, tuple[Camera, dict[str, int], str]] = {
    "phone-form": (phone_form, PHONE, ""),
    "desk": (desk, DESKTOP, "manager"),
    "bottlenecks": (report, DESKTOP, "evaluator"),
    "flow": (flow, DESKTOP, "evaluator"),
    "route": (route, {"width": 900, "height": 900}, ""),
}


def sign_in(page: Any, address: str, role: str) -> None:
    """Become an invented person of the role."""
    if role:
        page.goto(f"{address}/demo/as/{role}/")
        page.locator("main form button").click()


def save(picture: bytes, path: Path) -> None:
    """Write a PNG with few colours."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.open(BytesIO(picture)).convert("RGB").quantize(COLOURS).save(path, optimize=True)


class Command(BaseCommand):
    help = "Take the README's pictures again from a running demo city (./clearway up)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--address", default="http://127.0.0.1:8000")
        parser.add_argument("--to", type=Path, default=ROOT / "docs" / "pictures")
        parser.add_argument("--only", choices=sorted(PICTURES))

    def handle(self, *args: Any, address: str, to: Path, only: str | None, **options: Any) -> None:
        if sync_playwright is None:
            raise CommandError("The browser driver is missing: ./clearway test installs it with the rest.")
        program = shutil.which("chromium") or shutil.which("chromium-headless-shell")
        if program is None:
            raise CommandError("Chromium is missing: ./clearway test installs it with the rest.")
        with sync_playwright() as driver:
            browser = driver.chromium.launch(
                executable_path=program,
                args=["--no-sandbox", "--disable-quic", "--use-gl=swiftshader", "--enable-unsafe-swiftshader"],
            )
            for name, (camera, size, role) in PICTURES.items():
                if only in (None, name):
                    viewport: Any = size
                    page = browser.new_context(viewport=viewport, locale="en-CA").new_page()
                    sign_in(page, address, role)
                    save(camera(page, address), to / f"{name}.png")
                    self.stderr.write(f"{to / name}.png")
            browser.close()
