"""The door of the crew's pages: those who handle cases, at the place they work in."""

from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from requests_app.permissions import Viewer
from requests_app.states import Capability
from requests_app.web.desk.gate import DeskView, desk_of, staff_only


def on_the_way(view: DeskView) -> DeskView:
    """`staff_only` for those who handle cases, with the `Desk` that the address names."""

    @staff_only
    @wraps(view)
    def guarded(request: HttpRequest, viewer: Viewer, **parts: Any) -> HttpResponse:
        if not viewer.has(Capability.HANDLE):
            raise PermissionDenied
        return view(request, desk_of(request), **parts)

    return guarded
