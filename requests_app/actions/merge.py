"""Joining a duplicate with the case it repeats."""

from django.utils.translation import gettext_lazy as _

from requests_app.actions._ledger import Command, Done, Draft, perform
from requests_app.actions.errors import Refused
from requests_app.models import ServiceRequest
from requests_app.projection import CaseState
from requests_app.states import Activity, Outcome, Status


def merge(command: Command, *, into_id: int) -> Done:
    """Close a case as a duplicate of another open one of the same jurisdiction, never of itself."""

    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        target = ServiceRequest.objects.filter(pk=into_id, jurisdiction_id=request.jurisdiction_id).first()
        if target is None or target.pk == request.pk:
            raise Refused({"into": _("Choose another request to join this one with.")})
        if target.status == Status.CLOSED:
            raise Refused({"into": _("That request is closed. Join with an open one.")})
        return Draft(Activity.MERGED, outcome=Outcome.DUPLICATE, merged_into_id=target.pk)

    return perform(command, draft)
