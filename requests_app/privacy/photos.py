"""Photos: always re-encoded, so that no metadata, tail or second format of the original is kept."""

import hashlib
import io
import secrets
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from requests_app.models import Photo, ServiceRequest

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 50_000_000
LONGEST_EDGE = 1600
FORMATS = ("JPEG", "PNG", "WEBP")
BROKEN = (
    *(OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError),
    *(struct.error, zlib.error, Image.DecompressionBombError),
)
"""What decoders raise on broken or hostile files."""


class BadPhoto(Exception):
    """A file that cannot be taken as a photo; `sentence` says why and what to do."""

    def __init__(self, sentence: str | Promise) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class ReadyPhoto:
    """A re-encoded JPEG, in memory."""

    jpeg: bytes
    width: int
    height: int


def ready_photo(upload: BinaryIO, size: int, longest_edge: int = LONGEST_EDGE) -> ReadyPhoto:
    """Decode, turn upright, shrink and re-encode an uploaded picture; BadPhoto when it is none."""
    if size > MAX_BYTES:
        raise BadPhoto(_("The photo is larger than 10 MB. Choose a smaller one or take it at a lower resolution."))
    try:
        with Image.open(upload, formats=FORMATS) as picture:
            _refuse_huge(picture)
            return _encoded(picture, longest_edge)
    except BROKEN:
        raise BadPhoto(_("The file is not a photo we can read. Choose a JPEG, PNG or WebP picture.")) from None


def _refuse_huge(picture: Image.Image) -> None:
    if picture.width * picture.height > MAX_PIXELS:
        raise BadPhoto(_("The photo has too many pixels. Choose one of at most 50 megapixels."))


def _encoded(picture: Image.Image, longest_edge: int) -> ReadyPhoto:
    picture.draft("RGB", (longest_edge, longest_edge))  # a large JPEG is decoded at the size that is needed
    whole = _upright(picture).convert("RGBA" if picture.has_transparency_data else "RGB")
    whole.thumbnail((longest_edge, longest_edge))
    bare = Image.new("RGB", whole.size, "white")  # a new picture: it never had metadata
    bare.paste(whole, mask=whole if whole.mode == "RGBA" else None)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=82, optimize=True)
    return ReadyPhoto(out.getvalue(), bare.width, bare.height)


def _upright(picture: Image.Image) -> Image.Image:
    """The picture turned as its camera says; as it is when what the camera says is broken."""
    try:
        return ImageOps.exif_transpose(picture)
    except BROKEN:
        return picture


def keep_photos(
    request: ServiceRequest, photos: Sequence[ReadyPhoto], at: datetime, *, by_citizen: bool = True
) -> list[Photo]:
    """Write photos into the private store and record them; one statement."""
    return Photo.objects.bulk_create(
        Photo(
            request=request,
            file_name=_stored(photo),
            width=photo.width,
            height=photo.height,
            digest=hashlib.sha256(photo.jpeg).hexdigest(),
            added_at=at,
            by_citizen=by_citizen,
        )
        for photo in photos
    )


def _stored(photo: ReadyPhoto) -> str:
    """Write the file under a name that tells nothing; the name."""
    name = f"{secrets.token_hex(16)}.jpg"
    (store() / name).write_bytes(photo.jpeg)
    return name


def forget_photo(file_name: str) -> None:
    """Delete a file that no row names: the change that brought it was refused."""
    (store() / file_name).unlink(missing_ok=True)


def drop_photo(photo: Photo, at: datetime) -> None:
    """Empty a photo's row now, and delete its file once that is committed: never a row without its file."""
    path = store() / photo.file_name
    Photo.objects.filter(pk=photo.pk).update(file_name="", digest="", erased_at=at, released_at=None)
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def store() -> Path:
    """The folder of photos; made when missing."""
    folder = Path(settings.MEDIA_ROOT) / "photos"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
