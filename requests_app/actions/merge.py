"""Joining a duplicate with the case it repeats."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from requests_app.actions._draft import Command, Done, Draft
from requests_app.actions._ledger import perform
from requests_app.actions.errors import JoinedAlready, Refused
from requests_app.actions.follow import follow_along, follow_back
from requests_app.models import ServiceRequest
from requests_app.projection import CaseState
from requests_app.states import Activity, Outcome, Status


def merge(command: Command, *, into_id: int) -> Done:
    """Close a case as a duplicate of another open one of the same jurisdiction, never of itself or a part of it.

    Both are locked before either is judged, so that two that are joined with each other at once make no ring: the
    second finds that the first was joined with it (`JoinedAlready`).

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
        if target.merged_into_id == request.pk:
            raise JoinedAlready(target.reference)
        if target.status == Status.CLOSED:
            raise Refused({"into": _("That request is closed. Join with an open one.")})
        _refuse_own_parts(request, target)
        if target.service.publicity != request.service.publicity:
            raise Refused(
                {"into": _("That request is not as public as this one. Close this one with a reply instead.")}
            )
        return Draft(Activity.MERGED, outcome=Outcome.DUPLICATE, merged_into_id=target.pk)

    with transaction.atomic():
        _lock_in_order(command.request_id, into_id)
        done = perform(command, draft)
        follow_along(done.request, into_id)
        return done


def _refuse_own_parts(request: ServiceRequest, target: ServiceRequest) -> None:
    """A case and what it was split into are two things: neither repeats the other."""
    if target.parent_id == request.pk:
        raise Refused({"into": _("That request is a part of this one. Choose another request.")})
    if request.parent_id == target.pk:
        raise Refused({"into": _("This request is a part of that one. Close it with how it ended instead.")})


def unmerge(command: Command) -> Done:
    """Undo a merge: the case is open again, at the office that had it."""

    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        if state.merged_into_id is None:
            raise Refused({"request": _("This request was not joined with another one.")})
        return Draft(Activity.UNMERGED, other_request_id=state.merged_into_id)

    with transaction.atomic():
        done = perform(command, draft)
        follow_back(done.request, done.event.other_request_id or 0)
        return done


def _lock_in_order(*request_ids: int) -> None:
    """Lock both cases, the older first: two that are joined with each other at once neither deadlock nor both close."""
    list(
        ServiceRequest.objects.select_for_update(no_key=True)
        .filter(pk__in=request_ids)
        .exclude(parent_id__in=request_ids)  # a part and its whole are refused, and a part is locked before its whole
        .order_by("pk")
        .values_list("pk")
    )
