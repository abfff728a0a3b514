"""The replies that staff can start from."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from requests_app.models import ReplyTemplate, ServiceRequest


def templates_for(request: ServiceRequest) -> list[ReplyTemplate]:
    """The active templates for a case, the closest first; one statement, none where they were read beside it.

    Closest are those of its service and its office, then those of one of the two, then those of the whole place.
    """
    beside = getattr(request, "reply_rows", None)
    if beside is not None:
        return _closest_first(ReplyTemplate(**row) for row in beside)
    return _closest_first(_meant(request.service_id, request.office_id, request.jurisdiction_id))


def templates_beside() -> dict[str, Any]:
    """What `find_request` reads with a case so that `templates_for` needs no statement of its own."""
    meant = _meant(OuterRef("service_id"), OuterRef("office_id"), OuterRef("jurisdiction_id"))
    columns = ("id", "kind", "names", "bodies", "service_id", "office_id")
    return {"reply_rows": ArraySubquery(meant.values(row=JSONObject(**{name: F(name) for name in columns})))}


def _meant(service_id: Any, office_id: Any, jurisdiction_id: Any) -> QuerySet[ReplyTemplate]:
    return ReplyTemplate.objects.filter(
        Q(service=None) | Q(service_id=service_id),
        Q(office=None) | Q(office_id=office_id),
        jurisdiction_id=jurisdiction_id,
        is_active=True,
    )


def _closest_first(found: Iterable[ReplyTemplate]) -> list[ReplyTemplate]:
    return sorted(found, key=lambda t: (-(t.service_id is not None) - (t.office_id is not None), t.name, t.pk))
