"""The document a form was sent with."""

from typing import BinaryIO, cast

from django.http import HttpRequest
from django.utils.translation import gettext as _

from requests_app.actions import Refused
from requests_app.privacy.documents import BadDocument, ReadyDocument, ready_document


def sent_document(request: HttpRequest) -> ReadyDocument:
    """The file of the field `file`, checked; Refused when there is none or it cannot be taken."""
    upload = request.FILES.get("file")
    if upload is None:
        raise Refused({"file": _("Choose a file.")})
    try:
        return ready_document(cast("BinaryIO", upload), upload.size or 0)
    except BadDocument as bad:
        raise Refused({"file": bad.sentence}) from None
