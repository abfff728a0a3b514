"""Acting on a branch beside the lead one: what other branches did meanwhile is no conflict."""

from collections.abc import Callable
from dataclasses import replace

from django.db import transaction

from requests_app.actions._draft import Command, Done, Draft
from requests_app.actions._ledger import append, authorise, check_legal, lock
from requests_app.actions.errors import Conflict
from requests_app.models import RequestEvent, ServiceRequest
from requests_app.projection import CaseState
from requests_app.states import ON_A_BRANCH, REMARKS, Status


def lock_branch(command: Command, branch: int, *also: str) -> tuple[ServiceRequest, CaseState]:
    """The case, locked, for somebody who acts on one branch; Conflict when that branch or the lead has moved since.

    Two offices that review at the same time both finish: neither changed what the other saw of its own branch.
    """
    request, state = lock(replace(command, version=None), *also)
    if command.version is not None and command.version != request.version:
        since = RequestEvent.objects.filter(request=request, sequence__gt=command.version)
        moved = since.exclude(activity__in=REMARKS).exclude(activity__in=ON_A_BRANCH)
        mine = since.filter(activity__in=ON_A_BRANCH, branch=branch)
        if command.version > request.version or (moved | mine).exists():
            raise Conflict(Status(request.status), request.version)
    return request, state


def perform_on_branch(command: Command, branch: int, draft: Callable[[ServiceRequest, CaseState], Draft]) -> Done:
    """Carry out one action on a branch: as `_ledger.perform`, without conflicts that are none."""
    with transaction.atomic():
        request, state = lock_branch(command, branch)
        made = draft(request, state)
        authorise(command.viewer, request, state, made)
        check_legal(made, state)
        return append(request, state, made, command)
