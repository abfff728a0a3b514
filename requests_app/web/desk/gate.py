"""The door of the desk: who may come in, and to which jurisdiction."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from requests_app.permissions import Viewer
from requests_app.reads.desk import Desk, open_desk
from requests_app.states import Capability
from requests_app.web.viewer import viewer_of

DeskView = Callable[..., HttpResponse]


def staff_only(view: DeskView) -> DeskView:
    """Send strangers to the sign-in page, refuse those without a desk, give the others their `Viewer`."""

    @wraps(view)
    def guarded(request: HttpRequest, **parts: Any) -> HttpResponse:
        viewer = viewer_of(request)
        if viewer.user_id is None:
            back = request.get_full_path() if request.method == "GET" else reverse("desk:today")
            return redirect(f"{reverse('citizen:sign_in')}?{urlencode({'next': back})}")
        if not viewer.has(Capability.SEE_DESK):
            raise PermissionDenied
        return view(request, viewer, **parts)

    return guarded


def at_desk(view: DeskView) -> DeskView:
    """`staff_only`, with the `Desk` that the address names."""

    @staff_only
    @wraps(view)
    def guarded(request: HttpRequest, viewer: Viewer, **parts: Any) -> HttpResponse:
        return view(request, desk_of(request), **parts)

    return guarded


def desk_of(request: HttpRequest) -> Desk:
    """The desk the address names by `?place=CODE`; 404 where the viewer has none."""
    desk = open_desk(viewer_of(request), request.GET.get("place", ""))
    if desk is None:
        raise Http404
    return desk
