"""Pages of people and roles: the list, one person, and a new link for their password."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from requests_app.actions.errors import ActionError
from requests_app.actions.invitations import invite_again
from requests_app.actions.setting_up import people as acts
from requests_app.labels import ROLE
from requests_app.models import Jurisdiction
from requests_app.permissions import Role, Viewer
from requests_app.reads.people import (
    Colleague,
    PeopleFilter,
    absences_to_come,
    areas_held,
    colleague,
    memberships_of_all_places,
    newest_link,
    people_page,
    working_in,
)
from requests_app.reads.people_cases import in_hand, out_of_reach, visits_of
from requests_app.reads.setting_up import office_names_by_id
from requests_app.web.acts import act_of
from requests_app.web.administration import editing
from requests_app.web.administration.editing import EDITORS, Editor, Use
from requests_app.web.administration.fields import Document, Field
from requests_app.web.administration.gate import Administration, administrators_only, show
from requests_app.web.administration.person_fields import new_fields, person_fields, takers_field
from requests_app.web.administration.person_said import limits_said, may_said, role_said
from requests_app.web.administration.spoken import day_said
from requests_app.web.numbers import number_sent
from requests_app.web.problem import error_page

MOST_WORDS = 100
WHO = (
    ("", pgettext_lazy("people", "Working here")),
    ("invited", pgettext_lazy("people", "Invited, not yet come")),
    ("away", pgettext_lazy("people", "Away today")),
    ("left", pgettext_lazy("people", "Account closed, or no role any more")),
    ("all", pgettext_lazy("people", "Everybody")),
)


# --- The list --------------------------------------------------------------------------------------------------------


@never_cache
@require_safe
@administrators_only
def people(request: HttpRequest, administration: Administration) -> HttpResponse:
    """The staff of the place, by name, a page at a time."""
    place = administration.place
    offices = office_names_by_id(place)
    asked = _asked(request, dict(offices))
    page = people_page(place, asked, number_sent(request.GET.get("after", "")))
    kept = {"place": place.code, "q": asked.words, "role": asked.role, "office": asked.office_id, "who": asked.who}
    query = urlencode([(name, value) for name, value in kept.items() if value])
    context = {
        "page": page,
        "asked": asked,
        "lines": [_line(administration, one) for one in page.lines],
        "offices": offices,
        "roles": [(role.value, ROLE[role]) for role in Role],
        "whos": WHO,
        "first_address": f"?{query}" if request.GET.get("after") else "",
        "next_address": f"?{query}&after={page.next_after}" if page.next_after else "",
        "new_address": administration.address("administration:person_new"),
        "roles_address": administration.address("administration:roles"),
    }
    return show(request, administration, "administration/people.html", context)


def _asked(request: HttpRequest, offices: Mapping[int, str]) -> PeopleFilter:
    """What the address narrows the list to; what makes no sense narrows nothing."""
    office = number_sent(request.GET.get("office", ""))
    role, who = request.GET.get("role", ""), request.GET.get("who", "")
    return PeopleFilter(
        words=request.GET.get("q", "").strip()[:MOST_WORDS],
        role=role if role in set(Role) else "",
        office_id=office if office in offices else None,
        who=who if who in dict(WHO) else "",
    )


def _line(administration: Administration, one: Any) -> dict[str, Any]:
    today = administration.place.today
    return {
        "person": one.user,
        "address": administration.address("administration:person", setting_id=one.user.pk),
        "roles": [
            {
                "role": role_said(held, today),
                "office": held.office,
                "limits": limits_said(held),
                "whole": held.jurisdiction_id is None,
            }
            for held in one.memberships
        ],
        "absence": one.absence,
        "is_invited": one.is_invited,
    }


# --- One person ------------------------------------------------------------------------------------------------------


def uses(administration: Administration, row: Colleague) -> Sequence[Use]:
    """What would miss the person: cases in hand, visits, and days on which they are away or stand in."""
    place = administration.place
    lines = _held(administration, row)
    visits = visits_of(place, row.pk)
    if visits:
        counted = ngettext(
            "%(count)s visit to come that they proposed or accepted",
            "%(count)s visits to come that they proposed or accepted",
            visits,
        )
        lines.append(Use(counted % {"count": visits}))
    return [*lines, *(Use(_absence_said(one, row)) for one in absences_to_come(place, row.pk))]


def _held(administration: Administration, row: Colleague) -> list[Use]:
    """The open cases in hand, how many of them the person no longer reaches, and the first ones by reference."""
    held = in_hand(administration.viewer, administration.place, row.pk)
    references = list(held.values_list("reference", flat=True).order_by("pk"))
    if not references:
        return []
    counted = ngettext("%(count)s open request in hand", "%(count)s open requests in hand", len(references))
    lines = [Use(counted % {"count": len(references)})]
    lost = out_of_reach(held, row.pk)
    if lost:
        told = ngettext(
            "%(count)s of them is out of their reach: a manager of its office gives it to somebody else",
            "%(count)s of them are out of their reach: a manager of their office gives them to somebody else",
            lost,
        )
        lines.append(Use(told % {"count": lost}))
    shown = references[: acts.MOST_NAMED]
    return [*lines, *(Use(one, reverse("desk:case", kwargs={"reference": one})) for one in shown)]


def _absence_said(absence: Any, row: Colleague) -> str:
    days = {"first": day_said(absence.starts_on), "last": day_said(absence.ends_on)}
    if absence.deputy_id == row.pk:
        return _("Stands in for %(person)s from %(first)s to %(last)s") % {**days, "person": absence.user}
    if absence.deputy is None:
        return _("Away from %(first)s to %(last)s") % days
    return _("Away from %(first)s to %(last)s; %(person)s stands in") % {**days, "person": absence.deputy}


def top(administration: Administration, row: Colleague, document: Document) -> Mapping[str, Any]:
    """The account: how the person signs in, when they last did, the link they were sent, roles of every place."""
    return {
        "user": row.user,
        "link": newest_link(row.pk),
        "everywhere": [
            may_said(one, administration.place.today, everywhere=True) for one in memberships_of_all_places(row.pk)
        ],
        "invite_address": administration.address("administration:person_invite", setting_id=row.pk),
    }


def preview(administration: Administration, row: Colleague | None, document: Document) -> Mapping[str, Any]:
    """What the person may do, in sentences, and what the change would take from them."""
    place = administration.place
    wanted = acts.roles_wanted(place, document)
    lost = acts.loss_of(row, document, administration.viewer) if row else None
    return {
        "may": [may_said(one, place.today) for one in wanted],
        "is_closed": row is not None and not document.get("active"),
        "lost": lost,
        "held": lost.here[: acts.MOST_NAMED] if lost else [],
        "held_elsewhere": lost.elsewhere[: acts.MOST_NAMED] if lost else [],
    }


EDITOR = Editor(
    what=acts.WHAT,
    list_url="administration:people",
    fields=person_fields,
    find=colleague,
    document=acts.form_document,
    make=acts.make_person,
    keep=acts.save_person,
    beginning=lambda place: {"language": place.languages[0] if place.languages else "en"},
    uses=uses,
    preview=preview,
    preview_template="administration/_person_preview.html",
    top=top,
    top_template="administration/_person_top.html",
    new_title=gettext_lazy("Invite a person"),
    uses_title=gettext_lazy("In their hands, and to come"),
    uses_none=gettext_lazy("Nothing waits for this person: no open request in hand, no visit, no absence."),
    is_by_place=True,
)
EDITORS[acts.WHAT] = EDITOR


@never_cache
@administrators_only
def person(request: HttpRequest, administration: Administration, setting_id: int) -> HttpResponse:
    """One person."""
    row = colleague(administration.place, setting_id)
    if row is None:
        raise Http404
    editor = replace(EDITOR, fields=partial(_fields_of, row=row, viewer=administration.viewer))
    return editing.edit(request, administration, editor, setting_id)


def _fields_of(place: Jurisdiction, row: Colleague, viewer: Viewer) -> Sequence[Field]:
    """The fields of a person's page; who has something in hand also says who takes it."""
    offices = set(in_hand(viewer, place, row.pk).exclude(office=None).values_list("office_id", flat=True))
    takers = [takers_field(working_in(place, offices, row.pk))] if offices else []
    return (*person_fields(place, areas_held(place, row.pk)), *takers)


@never_cache
@administrators_only
def person_new(request: HttpRequest, administration: Administration) -> HttpResponse:
    """Somebody new."""
    lead = gettext_lazy("They get a mail with a link that works once, and choose their own password.")
    return editing.make(request, administration, replace(EDITOR, fields=new_fields, lead=lead))


@act_of("administration:person", "setting_id")
@administrators_only
def person_invite(request: HttpRequest, administration: Administration, setting_id: int) -> HttpResponse:
    """Send a new link to choose a password; every earlier one works no more."""
    back = administration.address("administration:person", setting_id=setting_id)
    try:
        invite_again(administration.place, setting_id, viewer=administration.viewer)
    except ActionError as error:
        return error_page(request, error, back=back)
    messages.success(request, _("A mail with a link is on its way. Links sent before work no more."))
    return redirect(back)
