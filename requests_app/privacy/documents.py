"""Papers: pictures are re-encoded like photos, PDFs are kept as they are and only ever handed out as downloads."""

import hashlib
import io
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.models import Document
from requests_app.privacy.photos import BadPhoto, ready_photo

MAX_BYTES = 10 * 1024 * 1024
LEGIBLE_EDGE = 2600
"""The longest edge, in pixels, that a picture of a paper keeps: small print stays readable."""

PDF, JPEG = "application/pdf", "image/jpeg"
ENDINGS = {PDF: "pdf", JPEG: "jpg"}
PDF_BEGINS, PDF_ENDS, TAIL = b"%PDF-", b"%%EOF", 2048


class BadDocument(Exception):
    """A file that cannot be taken; `sentence` says why and what to do."""

    def __init__(self, sentence: str | Promise) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class ReadyDocument:
    """A file to be kept, in memory."""

    content: bytes
    media_type: str


def ready_document(upload: BinaryIO, size: int) -> ReadyDocument:
    """An uploaded PDF or picture, checked by what it holds and not by its name; BadDocument when it is neither."""
    if size > MAX_BYTES:
        raise BadDocument(_("The file is larger than 10 MB. Send a smaller one, or divide it into two."))
    if size == 0:
        raise BadDocument(_("The file is empty. Choose another one."))
    content = upload.read()
    if content.startswith(PDF_BEGINS):
        if PDF_ENDS not in content[-TAIL:]:
            raise BadDocument(_("The PDF is cut off. Make it anew or send it again."))
        return ReadyDocument(content, PDF)
    try:
        picture = ready_photo(io.BytesIO(content), size, LEGIBLE_EDGE)
    except BadPhoto:
        raise BadDocument(_("The file is neither a PDF nor a picture. Send a PDF, JPEG, PNG or WebP file.")) from None
    return ReadyDocument(picture.jpeg, JPEG)


def keep_file(ready: ReadyDocument) -> dict[str, object]:
    """Write the file under a name that tells nothing; the columns of a document that describe it.

    The file goes again when the transaction does not commit.
    """
    name = f"{secrets.token_hex(16)}.{ENDINGS[ready.media_type]}"
    path = store() / name
    path.write_bytes(ready.content)
    return {
        "file_name": name,
        "media_type": ready.media_type,
        "size": len(ready.content),
        "digest": hashlib.sha256(ready.content).hexdigest(),
    }


def forget_file(file_name: str) -> None:
    """Delete a file that no row names."""
    if file_name:
        (store() / file_name).unlink(missing_ok=True)


def drop_documents(request_id: int, at: datetime, document_id: int | None = None) -> int:
    """Empty the papers of a case (or one of them) now, and delete their files once that is committed; how many."""
    found = Document.objects.filter(request_id=request_id, erased_at=None)
    if document_id is not None:
        found = found.filter(pk=document_id)
    names = list(found.values_list("file_name", flat=True))
    count = found.update(file_name="", digest="", size=0, media_type="", erased_at=at)
    for name in names:
        transaction.on_commit(partial(forget_file, name))
    return count


def store() -> Path:
    """The folder of documents; made when missing."""
    folder = Path(settings.MEDIA_ROOT) / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
