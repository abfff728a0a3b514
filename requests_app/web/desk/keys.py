"""Single keys can be turned off, for each browser: whoever speaks to a computer would set them off by talking."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from requests_app.reads.desk import Desk
from requests_app.web.acts import act_of
from requests_app.web.desk.frame import frame
from requests_app.web.desk.gate import at_desk
from requests_app.web.problem import problem_page

COOKIE, ON, OFF = "desk_keys", "on", "off"
A_YEAR_S = 365 * 24 * 3600


@never_cache
@require_safe
@at_desk
def keys(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What single keys are, whether they are on in this browser, and the switch."""
    context = {
        **frame(desk),
        "on_keys": True,
        "are_off": request.COOKIES.get(COOKIE) == OFF,
    }
    return render(request, "desk/keys.html", context)


@act_of("desk:keys")
@at_desk
def set_keys(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Turn them on or off in this browser."""
    page = f"{reverse('desk:keys')}?{urlencode({'place': desk.place.code})}"
    wanted = request.POST.get("keys", "")
    if wanted not in (ON, OFF):
        sentence = _(
            "The form does not say whether single keys are to be on or off. Open the page and press the button."
        )
        return problem_page(request, 422, sentence, back=page)
    answer = redirect(page)
    answer.set_cookie(COOKIE, wanted, max_age=A_YEAR_S, httponly=True, samesite="Lax", secure=request.is_secure())
    return answer
