"""Reply templates: made and saved in both languages."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from requests_app.actions.config import Document, changing, locked, made, require_administrator
from requests_app.actions.errors import Sentence
from requests_app.actions.setting_up._checks import LONGEST_WORDS, both, checking, free_code, one_of
from requests_app.actions.setting_up._lookup import by_code
from requests_app.models import ConfigChange, Jurisdiction, Office, ReplyTemplate, Service
from requests_app.permissions import Viewer

WHAT = "reply_template"
LABELS: dict[str, Sentence] = {
    "names": _("Name"),
    "kind": _("What it is for"),
    "service": _("Only for the service"),
    "office": _("Only for the office"),
    "bodies": _("What the citizen reads"),
    "active": _("In use"),
}
KINDS: dict[str, Sentence] = {
    ReplyTemplate.Kind.MESSAGE: pgettext_lazy("reply", "A message"),
    ReplyTemplate.Kind.QUESTION: pgettext_lazy("reply", "A question to the citizen"),
    ReplyTemplate.Kind.CLOSING: pgettext_lazy("reply", "The end of a request"),
    ReplyTemplate.Kind.DELAY: pgettext_lazy("reply", "A new date"),
}


def reply_document(row: ReplyTemplate) -> Document:
    """A template as its page edits it."""
    return {
        "names": row.names,
        "kind": row.kind,
        "service": row.service.code if row.service else "",
        "office": row.office.code if row.office else "",
        "bodies": row.bodies,
        "active": row.is_active,
    }


@transaction.atomic
def make_reply(place: Jurisdiction, given: Document, *, viewer: Viewer) -> ReplyTemplate:
    """A new template of a place. Refused with every field that is wrong."""
    require_administrator(viewer, place.pk)
    row = ReplyTemplate(jurisdiction=place)
    _fill(row, given)
    row.code = free_code(row.names["en"], ReplyTemplate.objects.filter(jurisdiction=place))
    row.save()
    made(row, WHAT, viewer=viewer, document=reply_document)
    return row


@transaction.atomic
def save_reply(
    pk: int, given: Document, *, viewer: Viewer, seen: int, act: str = ConfigChange.Act.SAVED
) -> ReplyTemplate:
    """A template changed; replies that were sent stay as they were written."""
    row = locked(ReplyTemplate, pk)
    with changing(row, WHAT, viewer=viewer, seen=seen, document=reply_document, act=act):
        _fill(row, given)
        row.save()
    return row


def _fill(row: ReplyTemplate, given: Mapping[str, Any]) -> None:
    services = Service.objects.filter(jurisdiction_id=row.jurisdiction_id)
    offices = Office.objects.filter(jurisdiction_id=row.jurisdiction_id)
    service, office = str(given.get("service") or ""), str(given.get("office") or "")
    with checking() as problems:
        row.names = both(problems, "names", LABELS["names"], given.get("names"))
        row.bodies = both(problems, "bodies", LABELS["bodies"], given.get("bodies"), longest=LONGEST_WORDS)
        row.kind = one_of(problems, "kind", LABELS["kind"], given.get("kind"), ReplyTemplate.Kind.values)
        row.service, row.office = by_code(services, service), by_code(offices, office)
        for name, code, found in (("service", service, row.service), ("office", office, row.office)):
            if code and found is None:
                problems.say(name, _("%(field)s: choose one of the list."), LABELS[name])
    row.is_active = bool(given.get("active", True))
