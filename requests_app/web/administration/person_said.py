"""What somebody may do, in words: one sentence for each of their roles."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from requests_app.labels import ROLE
from requests_app.models import Area, Office, Service
from requests_app.permissions import Role
from requests_app.web.administration.spoken import day_said

MAY: Mapping[Role, str | Promise] = {
    Role.HANDLER: gettext_lazy("takes, hands off and closes requests: %(where)s"),
    Role.MANAGER: gettext_lazy(
        "takes, gives out, hands off and closes requests, releases and hides words, sees the reports: %(where)s"
    ),
    Role.EVALUATOR: gettext_lazy("sees the reports: %(where)s"),
    Role.ADMINISTRATOR: gettext_lazy("sets up services, offices, rules and people, sees the reports: %(where)s"),
}


class Held(Protocol):
    """A role as it is kept or as it is wanted."""

    @property
    def role(self) -> str: ...
    @property
    def office(self) -> Office | None: ...
    @property
    def service(self) -> Service | None: ...
    @property
    def area(self) -> Area | None: ...
    @property
    def starts_on(self) -> date | None: ...
    @property
    def ends_on(self) -> date | None: ...


def may_said(held: Held, today: date, *, everywhere: bool = False) -> str:
    """What a role lets somebody do, where and how long, as one sentence."""
    what = str(MAY[Role(held.role)]) % {"where": _where(held, everywhere=everywhere)}
    return _join(what, days_said(held, today))


def role_said(held: Held, today: date) -> str:
    """A role in short, for lists."""
    return _join(str(ROLE[Role(held.role)]), days_said(held, today))


def limits_said(held: Held) -> str:
    """What a role is limited to besides its office; "" where it is not."""
    return ", ".join(str(one.name) for one in (held.service, held.area) if one is not None)


def _where(held: Held, *, everywhere: bool) -> str:
    whole = _("every place") if everywhere else _("the whole place")
    parts = [held.office.name if held.office else whole]
    if held.service:
        parts.append(_("only %(what)s") % {"what": held.service.name})
    if held.area:
        parts.append(_("only %(what)s") % {"what": held.area.name})
    return ", ".join(parts)


def days_said(held: Held, today: date) -> str:
    """From when until when, and whether that is over or still to come; "" for always."""
    days = {"first": day_said(held.starts_on), "last": day_said(held.ends_on)}
    if held.ends_on and held.ends_on < today:
        return _("until %(last)s, over") % days
    if held.starts_on and held.starts_on > today:
        told = _("from %(first)s to %(last)s, not yet") if held.ends_on else _("from %(first)s, not yet")
        return told % days
    if held.starts_on and held.ends_on:
        return _("from %(first)s to %(last)s") % days
    if held.ends_on:
        return pgettext("membership", "until %(last)s") % days
    return pgettext("membership", "since %(first)s") % days if held.starts_on else ""


def _join(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
