"""The pages of the register of changes: the list, a new one, “could we see it?”, what came of one, and its sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from analytics.loading import load
from analytics.register import Overtaken, register_change, register_version, versions_of
from analytics.reports.case_lists import list_of
from analytics.reports.changes.before import before_of
from analytics.reports.changes.draft import USUAL, Refused, Sent, read_asked, read_draft
from analytics.reports.changes.pages import (
    ChangePage,
    RegisterPage,
    SeenPage,
    cases_of,
    change_page,
    kinds,
    register_page,
    seen_page,
)
from analytics.reports.filters import BadFilters, Filters, choices
from analytics.reports.measure import measure
from analytics.reports.sections import Section, Subject, subject_of
from analytics.web.access import evaluators_only, jurisdiction_for
from analytics.web.links import CHANGES, links, with_query
from analytics.web.pages import UNPROCESSABLE, Asked, SectionView, list_page, page_number, refuse, section_view
from analytics.web.views import file_of_table
from requests_app.states import Capability
from requests_app.web.numbers import number_sent
from requests_app.web.viewer import viewer_of

CONFLICT = 409
FORBIDDEN = 403
FIELDS = (
    "what", "kind", "offices", "services", "happens_on", "expected_percent", "measure", "weeks_before", "weeks_after",
    "comparison", "note",
)  # fmt: skip

Page = Callable[..., HttpResponse]


def of_the_whole_place(page: Page) -> Page:
    """Load a place for those who evaluate all of it: a plan names offices that a part of the rights would not show."""

    @evaluators_only
    def answered(request: HttpRequest, code: str, **rest: Any) -> HttpResponse:
        viewer = viewer_of(request)
        place, places = jurisdiction_for(viewer, code)
        if not viewer.reaches_all(Capability.SEE_REPORTS, place.pk):
            return render(request, "analytics/changes_closed.html", {"jurisdiction": place}, status=FORBIDDEN)
        asked = Asked(places, load(place, viewer, events=False, dues=False), Filters())
        return page(request, asked, subject_of(measure(asked.source, asked.filters)), **rest)

    return wraps(page)(answered)


@require_safe
@of_the_whole_place
def changes(request: HttpRequest, asked: Asked, subject: Subject) -> HttpResponse:
    """List the changes of a place, the newest first, with what came of each."""
    page: RegisterPage = register_page(subject)
    return render(request, "analytics/changes.html", {**_frame(asked, subject), "page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@of_the_whole_place
def new(request: HttpRequest, asked: Asked, subject: Subject) -> HttpResponse:
    """Register a change, or a further version of one."""
    if request.method != "POST":
        return _form(request, asked, subject, _prefilled(request, asked), {})
    sent = dict(request.POST.lists())
    try:
        draft = read_draft(sent, subject.measured)
    except Refused as refused:
        return _form(request, asked, subject, sent, refused.problems, UNPROCESSABLE)
    number, seen = _number_of(request.POST.get("of", "")), number_sent(request.POST.get("seen", ""))
    place, user_id = asked.source.jurisdiction, viewer_of(request).user_id or 0
    if number is None:
        made = register_change(place, draft, user_id)
        return redirect("evaluate:change", code=asked.code, number=made.number)
    _versions(asked, number)
    try:
        register_version(place, number, seen or 0, draft, user_id)
    except Overtaken as late:
        sentence = _(
            "Somebody registered version %(version)s meanwhile: read it, then send yours again if it still holds."
        )
        problems = {"what": sentence % {"version": late.latest.version}}
        return _form(request, asked, subject, {**sent, "seen": [str(late.latest.version)]}, problems, CONFLICT)
    return redirect("evaluate:change", code=asked.code, number=number)


@require_safe
@of_the_whole_place
def see(request: HttpRequest, asked: Asked, subject: Subject) -> HttpResponse:
    """Answer “could we see it?”; without offices in the address, ask for them."""
    sent = dict(request.GET.lists())
    context = {**_frame(asked, subject), **_choices(asked), "kept": _kept(sent), "problems": {}}
    if "offices" not in sent:
        return render(request, "analytics/change_see.html", context)
    try:
        found = seen_page(subject, before_of(subject, read_asked(sent, asked.source)))
    except Refused as refused:
        return render(
            request, "analytics/change_see.html", {**context, "problems": refused.problems}, status=UNPROCESSABLE
        )
    query = urlencode(_parameters(found, sent), doseq=True)
    address = reverse("evaluate:change_see", args=[asked.code])
    context["kept"] = {**_kept(sent), "comparison": list(found.seen.compared)}
    sections = [_view(section, address, query) for section in found.sections]
    return render(
        request, "analytics/change_see.html", {**context, "page": found, "sections": sections, "query": query}
    )


@require_safe
@of_the_whole_place
def see_file(request: HttpRequest, asked: Asked, subject: Subject, table: str, form: str) -> HttpResponse:
    """Give a table of “could we see it?” as a file."""
    try:
        found = seen_page(subject, before_of(subject, read_asked(dict(request.GET.lists()), asked.source)))
    except Refused as refused:
        words = "\n".join(refused.problems.values())
        return HttpResponse(f"{words}\n", content_type="text/plain; charset=utf-8", status=UNPROCESSABLE)
    return file_of_table(request, asked, subject, found.sections, table, form, "could-we-see-it")


@require_safe
@of_the_whole_place
def change(request: HttpRequest, asked: Asked, subject: Subject, number: int) -> HttpResponse:
    """Show what came of a change."""
    return render(request, "analytics/change.html", _change_context(request, asked, subject, number))


@require_safe
@of_the_whole_place
def sheet(request: HttpRequest, asked: Asked, subject: Subject, number: int) -> HttpResponse:
    """Show the same on one page of paper."""
    context = _change_context(request, asked, subject, number)
    ends = next((one.table for one in context["sections"] if one.section.id == "end-to-end"), None)
    return render(request, "analytics/change_sheet.html", {**context, "ends": ends})


@require_safe
@of_the_whole_place
def change_file(
    request: HttpRequest, asked: Asked, subject: Subject, number: int, table: str, form: str
) -> HttpResponse:
    """Give a table of a change as a file."""
    found = _page(request, asked, subject, number)
    return file_of_table(request, asked, subject, found.sections, table, form, f"change-{number}")


@require_safe
@of_the_whole_place
def change_cases(request: HttpRequest, asked: Asked, subject: Subject, number: int) -> HttpResponse:
    """List the cases behind a count of a change."""
    found = _page(request, asked, subject, number)
    wanted = {name: request.GET.get(name, "") for name in ("side", "office", "service")}
    try:
        listed = list_of(subject, cases_of(found.evaluated, wanted), page_number(request))
    except BadFilters as bad:
        return refuse(request, asked.source, asked.places, bad, CHANGES)
    back = with_query(reverse("evaluate:change", args=[asked.code, number]), _version_query(request))
    return render(request, "analytics/cases.html", list_page(request, asked, listed, back))


def _change_context(request: HttpRequest, asked: Asked, subject: Subject, number: int) -> dict[str, Any]:
    found = _page(request, asked, subject, number)
    address = reverse("evaluate:change", args=[asked.code, number])
    query = _version_query(request)
    return {
        **_frame(asked, subject),
        "page": found,
        "sections": [_view(section, address, query) for section in found.sections],
        "query": query,
    }


def _page(request: HttpRequest, asked: Asked, subject: Subject, number: int) -> ChangePage:
    versions = _versions(asked, number)
    text = request.GET.get("version", "")
    wanted = number_sent(text)
    chosen = next((one for one in versions if one.version == wanted), None)
    if text and chosen is None:
        raise Http404(_("This change has no version of that number."))
    return change_page(subject, versions, chosen)


def _versions(asked: Asked, number: int) -> list[Any]:
    versions = versions_of(asked.source.jurisdiction, number)
    if not versions:
        raise Http404(_("There is no change of that number here."))
    return versions


def _number_of(text: str) -> int | None:
    """Read which change gets another version; none where a new one is meant. What is no number is no new change."""
    number = number_sent(text)
    if text and number is None:
        raise Http404(_("There is no change of that number here."))
    return number


def _version_query(request: HttpRequest) -> str:
    version = number_sent(request.GET.get("version", ""))
    return "" if version is None else urlencode({"version": version})


def _view(section: Section, address: str, query: str) -> SectionView:
    def link(figure: Mapping[str, str]) -> str:
        return f"{address}cases/?{urlencode(figure)}{'&' if query else ''}{query}"

    return section_view(section, link, lambda table, form: with_query(f"{address}{table}.{form}", query), most=20)


def _frame(asked: Asked, subject: Subject) -> dict[str, object]:
    return {
        "jurisdiction": asked.source.jurisdiction,
        "views": links(asked.code, asked.filters, CHANGES),
        "subject": subject,
    }


def _choices(asked: Asked) -> dict[str, object]:
    return {"offices": choices(asked.source.catalogue.offices), "services": choices(asked.source.catalogue.services)}


def _form(
    request: HttpRequest, asked: Asked, subject: Subject, sent: Sent, problems: Mapping[str, str], status: int = 200
) -> HttpResponse:
    number = _number_of((sent.get("of") or [""])[-1])
    context = {
        **_frame(asked, subject),
        **_choices(asked),
        "kept": _kept(sent),
        "problems": {name: problems[name] for name in FIELDS if name in problems},
        "versions": _versions(asked, number) if number is not None else [],
        "kinds": kinds(),
    }
    return render(request, "analytics/change_new.html", context, status=status)


def _prefilled(request: HttpRequest, asked: Asked) -> Sent:
    """Take what “could we see it?” hands on, or the last version of the change that is to have another."""
    sent = dict(request.GET.lists())
    number = _number_of(request.GET.get("of", ""))
    if number is None:
        return sent
    latest = _versions(asked, number)[-1]
    facts = {name: getattr(latest, name) for name in FIELDS}
    words = {
        name: [str(one) for one in value] if isinstance(value, list) else ["" if value is None else str(value)]
        for name, value in facts.items()
    }
    return {**words, "of": [str(number)], "seen": [str(latest.version)]}


def _kept(sent: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    many = {name: list(sent.get(name) or ()) for name in ("offices", "services", "comparison")}
    one = {name: (sent.get(name) or [USUAL.get(name, "")])[-1] for name in (*FIELDS, "of", "seen") if name not in many}
    return {**one, **many}


def _parameters(found: SeenPage, sent: Sent) -> dict[str, object]:
    asked = found.seen.asked
    return {
        "offices": asked.offices,
        "services": asked.services,
        "comparison": found.seen.compared,
        "measure": asked.measure,
        "weeks_before": asked.weeks_before,
        "weeks_after": asked.weeks_after,
        **({"happens_on": asked.until.isoformat()} if asked.until else {}),
    }
