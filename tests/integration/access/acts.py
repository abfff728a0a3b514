"""Each act of people with its real action, on a case brought to where the act is possible."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from requests_app import actions
from requests_app.actions.documents import erase_document
from requests_app.actions.errors import Refused
from requests_app.actions.me_too import affects_me_no_more, affects_me_too
from requests_app.models import Document, ServiceRequest, Words
from requests_app.privacy.documents import PDF, ReadyDocument
from requests_app.privacy.me_too import SomebodyToo
from requests_app.states import MOVES, ON_A_BRANCH, Activity, Status
from tests import factories
from tests.integration.access.site import Site
from tests.scenarios import ACTS, Play, a_status_for, another_case

Facts = dict[str, Callable[[Play], Any]]


def _closed(play: Play) -> None:
    play.reach(Status.CLOSED)


def _merged(play: Play) -> None:
    play.do(actions.merge, viewer=play.world.manager, into_id=another_case(play))


def _accepted(play: Play) -> None:
    play.accepted()


def _somebody(_play: Play) -> SomebodyToo:
    return SomebodyToo(("p",), ("p",), "")


def _supported(play: Play) -> None:
    with suppress(Refused):  # no private case takes more people
        affects_me_too(factories.command(play.request, play.world.manager), _somebody(play))


def _paper(play: Play) -> int:
    return int(Document.objects.filter(request=play.request).earliest("pk").pk)


MORE: dict[Activity, tuple[Callable[..., Any], Facts, Callable[[Play], None] | None]] = {
    Activity.RATED: (actions.rate, {"score": lambda _p: 4, "is_fixed": lambda _p: True}, _closed),
    Activity.CONFIRMED: (actions.confirm_fixed, {}, _closed),
    Activity.SUPPORTED: (affects_me_too, {"who": _somebody}, None),
    Activity.SUPPORT_ENDED: (affects_me_no_more, {"who": _somebody}, _supported),
    Activity.WORDS_RELEASED: (
        actions.release_words,
        {"words_id": lambda play: Words.objects.filter(request=play.request).earliest("pk").pk},
        None,
    ),
    Activity.UNMERGED: (actions.unmerge, {}, _merged),
    Activity.DOCUMENT_ASKED: (
        actions.ask_documents,
        {"kinds": lambda _p: ["other"], "words": lambda _p: "We need a plan."},
        _accepted,
    ),
    Activity.DOCUMENT_ADDED: (
        actions.add_document,
        {"kind": lambda _p: "other", "ready": lambda _p: ReadyDocument(b"%PDF-1.4", PDF)},
        None,
    ),
    Activity.DOCUMENT_CHECKED: (actions.check_document, {"document_id": _paper, "is_good": lambda _p: True}, None),
    Activity.WORDS_ERASED: (erase_document, {"document_id": _paper}, None),
}
"""Acts that the random walks do not make, and how the case is brought to where they are possible."""

NOT_BY_PEOPLE = {
    Activity.SUBMITTED: "begins a case: the form and the call are addresses",
    Activity.IMPORTED: "written by an import",
    Activity.CORRECTED: "no action yet",
    Activity.SPLIT: "no action yet",
    Activity.VISIT_PLANNED: "no action yet",
    Activity.PHOTO_ADDED: "no action of its own: photos come with an entry or a form",
}
"""Activities that are nobody's act, and why."""

ACTS_OF_PEOPLE = [activity for activity in Activity if activity in {*ACTS, *MORE} and activity not in NOT_BY_PEOPLE]


def prepared(
    site: Site, activity: Activity, case: ServiceRequest
) -> tuple[Callable[..., Any], dict[str, Any], ServiceRequest]:
    """The action, its facts and the case, at a status from which the act is legal."""
    play = Play(site.world, ServiceRequest.objects.get(pk=case.pk))
    if activity in MORE:
        act, facts, bring = MORE[activity]
        if bring:
            bring(play)
    else:
        act, facts = ACTS[activity]
        if activity in MOVES:
            play.reach(a_status_for(activity))
        if activity in ON_A_BRANCH:
            play.do(actions.request_review, office_id=site.world.parks.pk)
    return act, {name: fact(play) for name, fact in facts.items()}, play.request
