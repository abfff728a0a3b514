"""What is usual beside a case: read in the statements that pages make anyway."""

from datetime import datetime
from typing import Any

from django.db.models import DateTimeField as Moment
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from requests_app.models import Hold, ServiceRequest, ServiceTime
from requests_app.projection import LEAD
from requests_app.querysets import NEVER


def _stays() -> QuerySet[Any]:
    """The stay that holds a case now, where it is known what is usual there. A part is no case of its own."""
    stays = Hold.objects.filter(request=OuterRef("pk"), branch=LEAD, ended_at=None, request__parent=None)
    return stays.filter(office__usual_stays__service=OuterRef("service"))


def _long_from() -> ExpressionWrapper:
    return ExpressionWrapper(F("sent_at") + F("office__usual_stays__nine_in_ten"), output_field=Moment())


def long_since() -> Subquery:
    """From when on a case is longer at its office than nine in ten of its kind; NULL where nothing is known."""
    return Subquery(_stays().values(at=_long_from())[:1])


def long_or_never() -> Coalesce:
    """The same for an order: those of which nothing is known come last."""
    return Coalesce(long_since(), NEVER)


def stays_long(present: datetime) -> Q:
    """The cases that are longer at their office than nine in ten of their kind."""
    return Q(Exists(_stays().annotate(at=_long_from()).filter(at__lte=present)))


def long_since_beside() -> dict[str, Any]:
    """The same as an annotation for `find_request`."""
    return {"long_since": long_since()}


def is_long(since: datetime | None, present: datetime) -> bool:
    """Whether a case that is longer than usual from `since` on is so now."""
    return since is not None and since <= present


def usual_time(request: ServiceRequest) -> ServiceTime | None:
    """How long requests like this one took; None where too few say so. No statement: it was read with the case."""
    found: ServiceTime | None = getattr(request.service, "usual_time", None)
    return found if found and found.can_be_told else None
