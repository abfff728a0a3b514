"""Joining a duplicate with the case it repeats."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from requests_app.actions._ledger import Command, Done, Draft, perform
from requests_app.actions.errors import Refused
from requests_app.models import ServiceRequest
from requests_app.projection import CaseState
from requests_app.states import Activity, Outcome, Status


def merge(command: Command, *, into_id: int) -> Done:
    """Close a case as a duplicate of another open one of the same jurisdiction, never of itself.

    The target stays public where the duplicate is: a public case is never joined with a private one.
    """

    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        target = (
            ServiceRequest.objects.visible_to(command.viewer)
            .select_related("service")
            .filter(pk=into_id, jurisdiction_id=request.jurisdiction_id)
            .first()
        )
        if target is None or target.pk == request.pk:
            raise Refused({"into": _("Choose another request to join this one with.")})
        if target.status == Status.CLOSED:
            raise Refused({"into": _("That request is closed. Join with an open one.")})
        if target.service.publicity != request.service.publicity:
            raise Refused(
                {"into": _("That request is not as public as this one. Close this one with a reply instead.")}
            )
        return Draft(Activity.MERGED, outcome=Outcome.DUPLICATE, merged_into_id=target.pk)

    with transaction.atomic():
        _lock_in_order(command.request_id, into_id)
        return perform(command, draft)


def unmerge(command: Command) -> Done:
    """Undo a merge: the case is open again, at the office that had it."""

    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        if state.merged_into_id is None:
            raise Refused({"request": _("This request was not joined with another one.")})
        return Draft(Activity.UNMERGED, other_request_id=state.merged_into_id)

    return perform(command, draft)


def _lock_in_order(*request_ids: int) -> None:
    """Lock both cases, the older first: two that are joined with each other at once neither deadlock nor both close."""
    list(
        ServiceRequest.objects.select_for_update(no_key=True)
        .filter(pk__in=request_ids)
        .order_by("pk")
        .values_list("pk")
    )
