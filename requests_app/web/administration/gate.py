"""The door of the administrators' pages: who may come in, and which place they set up there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from requests_app.models import Jurisdiction
from requests_app.permissions import Viewer
from requests_app.reads.installation import administered_places
from requests_app.states import Capability
from requests_app.web.administration.nav import ITEMS, section_of
from requests_app.web.viewer import viewer_of


@dataclass(frozen=True, slots=True)
class Administration:
    """Who sets up what: the viewer, the place, and the other places they administer."""

    viewer: Viewer
    place: Jurisdiction
    places: list[Jurisdiction]

    def address(self, url_name: str, **parts: Any) -> str:
        """The address of one of these pages, for the same place."""
        return f"{reverse(url_name, kwargs=parts or None)}?{urlencode({'place': self.place.code})}"


AdministrationView = Callable[..., HttpResponse]


def administrators_only(view: AdministrationView) -> AdministrationView:
    """Send strangers to the sign-in page, refuse others, and give the view its `Administration` (`?place=CODE`)."""

    @wraps(view)
    def guarded(request: HttpRequest, **parts: Any) -> HttpResponse:
        viewer = viewer_of(request)
        if viewer.user_id is None:
            back = request.get_full_path() if request.method == "GET" else reverse("administration:overview")
            return redirect(f"{reverse('citizen:sign_in')}?{urlencode({'next': back})}")
        if not viewer.has(Capability.ADMINISTER):
            raise PermissionDenied
        return view(request, administration_of(request, viewer), **parts)

    return guarded


def administration_of(request: HttpRequest, viewer: Viewer) -> Administration:
    """The place the address names, or the first; 404 where the viewer administers none of that name."""
    places = administered_places(viewer)
    code = request.GET.get("place")
    place = next((one for one in places if code in (None, "", one.code)), None)
    if place is None:
        raise Http404
    return Administration(viewer, place, places)


def show(
    request: HttpRequest,
    administration: Administration,
    template: str,
    context: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """A page inside `administration/base.html`, with its navigation."""
    section = section_of(request.path)
    known = {
        "administration": administration,
        "jurisdiction": administration.place,
        "manage_pages": [
            {"title": item.title, "address": administration.address(item.url_name), "is_here": item.section == section}
            for item in ITEMS
        ],
    }
    return render(request, template, {**known, **(context or {})}, status=status)
