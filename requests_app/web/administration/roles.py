"""Who may do what: every role with what it lets somebody do, from the table that the product itself goes by."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from requests_app.labels import ROLE
from requests_app.permissions import CAPABILITIES, Role
from requests_app.states import Capability
from requests_app.web.administration.gate import Administration, administrators_only, show

Words = str | Promise
GROUPS: tuple[tuple[Words, Mapping[Capability, Words]], ...] = (
    (
        _("To see"),
        {
            Capability.SEE_DESK: _("See the desk: open requests with their steps"),
            Capability.SEE_WORDS: _("Read words and photos that are not public"),
            Capability.SEE_PERSON: _("Read how to reach the citizen; each reading is logged"),
            Capability.SEE_REPORTS: _("See the reports"),
        },
    ),
    (
        _("To work on requests"),
        {
            Capability.LOG_CALL: _("Enter a call or a visit at the counter"),
            Capability.TRIAGE: _("Sort new requests and send them to an office"),
            Capability.HANDLE: _("Accept, start, plan, ask the citizen"),
            Capability.ASSIGN: _("Give a request to a person"),
            Capability.HAND_OFF: _("Hand a request off, or send it back"),
            Capability.CLOSE: _("Close, and join duplicates"),
            Capability.REOPEN: _("Open a closed request again"),
            Capability.REPLY: _("Enter what the citizen answered"),
            Capability.REMARK: _("Add a comment"),
            Capability.NOTE: _("Write notes that only staff read"),
        },
    ),
    (
        _("To answer for it"),
        {
            Capability.RELEASE_WORDS: _("Make a citizen’s words and photos public"),
            Capability.MODERATE: _("Hide and show again, end alarms, settle mails"),
            Capability.ADMINISTER: _("Set up services, offices, rules, calendars and people"),
        },
    ),
)
REACH: Mapping[Role, Words] = {
    Role.HANDLER: _("In one office: what it holds or once held. Can be limited to a service or an area."),
    Role.MANAGER: _("In the whole place, or in one office, service or area."),
    Role.EVALUATOR: _("In the whole place, or for one office, service or area."),
    Role.ADMINISTRATOR: _("In the whole place, always."),
}


@require_safe
@administrators_only
def roles(request: HttpRequest, administration: Administration) -> HttpResponse:
    """The table of roles: what each may do, and how far it reaches."""
    context = {
        "roles": [ROLE[role] for role in Role],
        "reach": [(ROLE[role], REACH[role]) for role in Role],
        "groups": [
            (
                title,
                [(words, [capability in CAPABILITIES[role] for role in Role]) for capability, words in known.items()],
            )
            for title, known in GROUPS
        ],
        "list_address": administration.address("administration:people"),
    }
    return show(request, administration, "administration/roles.html", context)
