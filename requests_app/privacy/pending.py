"""Photos of a report that is not sent yet: re-encoded, private, and swept away when nobody comes back."""

import re
import secrets
import time
from pathlib import Path

from django.conf import settings
from PIL import Image

from requests_app.privacy.photos import ReadyPhoto

_NAME = re.compile(r"[0-9a-f]{32}")
KEPT_SECONDS = 24 * 60 * 60


def hold(photo: ReadyPhoto) -> str:
    """Keep a re-encoded photo until its report is sent; returns the random name that the draft remembers."""
    name = secrets.token_hex(16)
    _path(name).write_bytes(photo.jpeg)
    return name


def held(name: str) -> ReadyPhoto | None:
    """The photo of that name, None when it was swept or never was."""
    if not _NAME.fullmatch(name) or not _path(name).is_file():
        return None
    jpeg = _path(name).read_bytes()
    with Image.open(_path(name), formats=("JPEG",)) as picture:
        return ReadyPhoto(jpeg, picture.width, picture.height)


def drop(name: str) -> None:
    """Forget a photo; quiet when it is gone already."""
    if _NAME.fullmatch(name):
        _path(name).unlink(missing_ok=True)


def sweep(older_than_seconds: float = KEPT_SECONDS) -> int:
    """Delete the photos of reports left unsent, by the file's age; returns how many."""
    # The file system's clock wrote the ages, so it is the one to compare with.
    limit = time.time() - older_than_seconds
    old = [path for path in _folder().glob("*.jpg") if path.stat().st_mtime < limit]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _path(name: str) -> Path:
    return _folder() / f"{name}.jpg"


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / "pending"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
