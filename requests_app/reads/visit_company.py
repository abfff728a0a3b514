"""Who comes along to a case: the other offices of the joint visit it is in."""

from collections.abc import Sequence

from requests_app.models import Visit, VisitCase
from requests_app.models.fields import localized


def joined_by(request_ids: Sequence[int]) -> dict[int, list[str]]:
    """The other offices of the planned visit each case is in; one statement."""
    mine = VisitCase.objects.filter(
        request_id__in=request_ids, state=VisitCase.State.IN, visit__state=Visit.State.PLANNED
    )
    theirs = ("visit__cases__office_id", "visit__cases__office__names", "visit__cases__state")
    found: dict[int, dict[int, str]] = {}
    for request_id, own, other, names, state in mine.values_list("request_id", "office_id", *theirs):
        if other != own and state != VisitCase.State.DROPPED:
            found.setdefault(request_id, {})[other] = localized(names)
    return {request_id: list(names.values()) for request_id, names in found.items()}
