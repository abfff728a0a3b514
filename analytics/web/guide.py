"""A first evaluation in five steps: question, data, barrier, change, proof; each with what is known here already."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.models import Intervention
from analytics.register import by_number, changes_of, judged
from analytics.reports.measure import measure
from analytics.reports.section_cycle import headline
from analytics.reports.sections import Subject, subject_of
from analytics.reports.views.registry import BY_SLUG
from analytics.reports.wording import number
from analytics.web.links import GUIDE, links, with_query
from analytics.web.pages import Asked, about_a_place_with
from requests_app.states import Capability
from requests_app.web.viewer import viewer_of


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name, what to do, what this place says already, and where to go (words and address)."""

    title: str
    what: str
    here: str
    leads: tuple[tuple[str, str], ...]


@about_a_place_with(lambda _request, _named: True)
def guide(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show the five steps, each with the sentence of its page; three of them to who measures a part of the place."""
    subject = subject_of(measure(asked.source, asked.filters))
    steps = [_question(asked, subject), _records(asked, subject), _barrier(asked, subject)]
    if _evaluates_all(request, asked):
        registered = [judged(versions) for versions in by_number(changes_of(asked.source.jurisdiction))]
        steps += [_change(asked, len(registered)), _proof(asked, registered)]
    context = {
        "jurisdiction": asked.source.jurisdiction,
        "places": asked.places,
        "subject": subject,
        "views": links(asked.code, asked.filters, GUIDE),
        "steps": steps,
    }
    return render(request, "analytics/guide.html", context)


def _question(asked: Asked, subject: Subject) -> Step:
    return Step(
        _("The question"),
        _(
            "Say in one sentence what you want to know, and of which cases: which service, which months. "
            "The filters of each page keep that choice from step to step."
        ),
        headline(subject),
        ((_("Choose the cases"), _to(asked, "evaluate:report")),),
    )


def _records(asked: Asked, subject: Subject) -> Step:
    return Step(
        _("Can these records answer it?"),
        _(
            "Look at what was left out, which clocks are missing, and what this source never says. "
            "What was not recorded cannot be measured, only asked."
        ),
        BY_SLUG["quality"].make(subject, {}).headline,
        ((_("Look at the data"), _to(asked, "evaluate:view", "quality")),),
    )


def _barrier(asked: Asked, subject: Subject) -> Step:
    return Step(
        _("Where do cases wait?"),
        _(
            "Read the barriers, what each is measured against, and whether it is more than chance. "
            "Then open five of its cases and ask the office whether that is how it was."
        ),
        BY_SLUG["barriers"].make(subject, {}).headline,
        (
            (_("See the barriers"), _to(asked, "evaluate:view", "barriers")),
            (_("Try a change on the history"), _to(asked, "evaluate:view", "what-if")),
        ),
    )


def _evaluates_all(request: HttpRequest, asked: Asked) -> bool:
    """Whether the reader measures the whole place: plans name offices that a part of the rights would not show."""
    return viewer_of(request).reaches_all(Capability.SEE_REPORTS, asked.source.jurisdiction.pk)


def _change(asked: Asked, count: int) -> Step:
    said = ngettext("%(n)s change is registered here.", "%(n)s changes are registered here.", count)
    return Step(
        _("The change"),
        _(
            "Before it begins, ask whether an effect could be seen at all, and beside which offices. Then register it: "
            "a plan that was written before cannot be fitted to what came after."
        ),
        said % {"n": number(count)},
        (
            (_("Could we see it?"), reverse("evaluate:change_see", args=[asked.code])),
            (_("Register a change"), reverse("evaluate:change_new", args=[asked.code])),
        ),
    )


def _proof(asked: Asked, registered: list[Intervention]) -> Step:
    sheets = tuple(
        (
            _("The sheet of “%(what)s”") % {"what": one.what},
            reverse("evaluate:change_sheet", args=[asked.code, one.number]),
        )
        for one in registered[:1]
    )
    return Step(
        _("The proof"),
        _(
            "Read the sentence with its interval, or why nobody can say. Look at the weeks before, at dates when "
            "nothing happened and at what is left when one office is taken out. "
            "Then print the sheet: one page for whoever decides."
        ),
        _("The sheet of a change is made from its page.") if registered else _("No change is registered here yet."),
        ((_("What came of changes"), reverse("evaluate:changes", args=[asked.code])), *sheets),
    )


def _to(asked: Asked, name: str, *further: str) -> str:
    return with_query(reverse(name, args=[asked.code, *further]), urlencode(asked.filters.parameters()))
