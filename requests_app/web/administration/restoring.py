"""Putting a setting back as it was before one of its changes."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from requests_app.actions.errors import ActionError
from requests_app.models import ConfigChange
from requests_app.reads.config import change_of
from requests_app.web.administration.changes import can_be_put_back
from requests_app.web.administration.editing import EDITORS, version_sent
from requests_app.web.administration.fields import Document
from requests_app.web.administration.gate import Administration, administrators_only
from requests_app.web.administration.kinds import KINDS
from requests_app.web.problem import error_page


@require_POST
@administrators_only
def restore(request: HttpRequest, administration: Administration, change_id: int) -> HttpResponse:
    """Put a setting back as it was before a change, as a new version; refused where that no longer fits."""
    change = change_of(administration.place, change_id)
    editor = EDITORS.get(change.what) if change else None
    if change is None or editor is None:
        raise Http404
    if not can_be_put_back(change, KINDS[change.what].fields(administration.place)):
        raise Http404
    back = administration.address(KINDS[change.what].url_name, setting_id=change.target_id)
    try:
        editor.keeper(administration.place)(
            change.target_id,
            _as_it_was(request, change),
            viewer=administration.viewer,
            seen=version_sent(request),
            act=ConfigChange.Act.RESTORED,
        )
    except ActionError as error:
        return error_page(request, error, back=back)
    messages.success(request, _("Put back as it was before version %(number)s.") % {"number": change.version})
    return redirect(back)


def _as_it_was(request: HttpRequest, change: ConfigChange) -> Document:
    """A setting before a change; of a person with what the page showed of an account that is of other places too."""
    return {**change.before, **{name: request.POST[name] for name in ("seen_contact",) if name in request.POST}}
