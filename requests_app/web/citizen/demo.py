"""Looking around an invented city: one click into each role, and a tour. Only in demo mode."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from requests_app.models import User
from requests_app.permissions import Role
from requests_app.reads.examples import invented_person
from requests_app.reads.places import home_jurisdiction
from requests_app.web.citizen.tour import steps

CITIZEN = "citizen"
ROLES: dict[str, str | Promise] = {
    CITIZEN: _("Citizen"),
    Role.MANAGER: _("Manager"),
    Role.EVALUATOR: _("Evaluator"),
    Role.ADMINISTRATOR: _("Administrator"),
}
FIRST_PAGE = {
    CITIZEN: ("/",),
    Role.MANAGER: ("/desk/",),
    Role.EVALUATOR: ("/evaluate/",),
    Role.ADMINISTRATOR: ("/manage/", "/desk/"),
}

View = Callable[..., HttpResponse]


def only_in_demo(view: View) -> View:
    """Answer 404 where this is no demo: the address does not exist there."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: str) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, **kwargs)

    return guarded


@only_in_demo
@require_http_methods(["GET", "HEAD", "POST"])
def look_around(request: HttpRequest, role: str) -> HttpResponse:
    """GET shows what the role is; POST signs the visitor in as an invented person of that role."""
    if role not in ROLES:
        raise Http404
    if request.method != "POST":
        context = {"role": role, "title": ROLES[role], "next": request.GET.get("next", "")}
        return render(request, "citizen/demo_as.html", context)
    if role == CITIZEN:
        logout(request)
        messages.success(request, str(_("You look around as a citizen now: nobody is signed in.")))
    else:
        login(request, person_or_404(role))
    return redirect(safe_address(request, role))


def person_or_404(role: str) -> User:
    """The first invented person of the role who reaches the home jurisdiction; 404 when the demo has none."""
    person = invented_person(role, home_jurisdiction())
    if person is None:
        raise Http404
    return person


def safe_address(request: HttpRequest, role: str) -> str:
    """Where the visitor wants to go on this site, else the role's first page that exists."""
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return next((address for address in FIRST_PAGE[role] if exists(address)), "/")


def exists(address: str) -> bool:
    """Whether the site has a page at this path."""
    try:
        resolve(address)
    except Resolver404:
        return False
    return True


@only_in_demo
@require_safe
def tour(request: HttpRequest) -> HttpResponse:
    """Eight steps, each opening a real page."""
    return render(request, "citizen/tour.html", {"steps": steps(home_jurisdiction())})
