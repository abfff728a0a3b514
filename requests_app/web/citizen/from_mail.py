"""Links from mails: each is signed, and says what its holder may do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from requests_app.notify.links import BadLink, Purpose, open_link
from requests_app.reads.one_request import find_by_person
from requests_app.web.problem import problem_page
from requests_app.web.viewer import remember_tracked


def bad_link(request: HttpRequest, error: BadLink) -> HttpResponse:
    """The page for a link that is too old or was not made by us."""
    if error.is_expired:
        return problem_page(
            request,
            404,
            _("This link is too old. For your safety, links in mails stop working after a time."),
            remedy=_("Ask for a new one under “My requests”, or use the newest mail you have."),
            back="/mine/",
        )
    return problem_page(
        request,
        404,
        _("This link is not complete, or a letter of it was changed."),
        remedy=_("Open it again from the mail, or copy the whole of it."),
    )


@never_cache
@require_safe
def open_case(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a mail to somebody's own case: this browser holds it from now on, as with the tracking link."""
    try:
        request_id, person_id = open_link(Purpose.OPEN, token, 2)
    except BadLink as error:
        return bad_link(request, error)
    found = find_by_person(request_id, person_id)
    if found is None:
        return bad_link(request, BadLink(is_expired=False))
    remember_tracked(request, found.pk)
    return redirect("citizen:request", reference=found.reference)
