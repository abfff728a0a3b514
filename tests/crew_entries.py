"""What a crew says of a stop, for tests: entries and the photo that goes with them."""

import io
import secrets
from typing import Any

from PIL import Image

from requests_app.actions.crew import Entry
from requests_app.clock import now
from requests_app.privacy.photos import ready_photo
from requests_app.states import Outcome
from tests.scenarios import Play


def photo(colour: tuple[int, int, int] = (20, 120, 40)) -> Any:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG")
    out.seek(0)
    return ready_photo(out, 1000)


def said(play: Play, kind: str = "done", **fields: Any) -> Entry:
    """An entry made on the version of the case that is seen now."""
    usual: dict[str, dict[str, Any]] = {"done": {"outcome": Outcome.RESOLVED}, "could_not": {"reason": "access"}}
    known = {
        "key": secrets.token_hex(16),
        "request_id": play.request.pk,
        "version": play.request.version,
        "kind": kind,
        "done_at": now(),
        **usual.get(kind, {}),
    }
    return Entry(**{**known, **fields})
