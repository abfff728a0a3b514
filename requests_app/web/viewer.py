"""Who is asking: from an HTTP request (or a socket's scope) to a `permissions.Viewer`."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from requests_app.models import User
from requests_app.permissions import Viewer
from requests_app.reads.grants import grants_read_with

TRACKED = "tracked_request_ids"
"""Session key: the requests whose tracking link this browser has opened."""


def viewer_of(request: HttpRequest) -> Viewer:
    """The viewer behind a request, read once and kept on it."""
    known = getattr(request, "_viewer", None)
    if known is None:
        known = build_viewer(request.user, request.session)
        request._viewer = known  # type: ignore[attr-defined]
    return known


def build_viewer(user: User | AnonymousUser | Any, session: SessionBase) -> Viewer:
    """The viewer of a user and a session: grants of the memberships, tracked requests of the session."""
    tracked = frozenset(int(pk) for pk in session.get(TRACKED, []))
    if isinstance(user, AnonymousUser) or not user.is_authenticated:
        return Viewer(tracked_request_ids=tracked)
    return Viewer(user.pk, grants_read_with(user), tracked)


def remember_tracked(request: HttpRequest, request_id: int) -> None:
    """Note that this browser holds the tracking link of a request."""
    known = list(request.session.get(TRACKED, []))
    if request_id not in known:
        request.session[TRACKED] = [*known[-49:], request_id]
        request.__dict__.pop("_viewer", None)
