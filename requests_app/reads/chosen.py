"""Cases chosen for one move: the whole of a list, the people they can be given to, and what became of each."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import get_language

from requests_app.models import BulkItem, BulkRun, Jurisdiction, Membership, ServiceRequest, in_force
from requests_app.models.fields import localized
from requests_app.permissions import Viewer
from requests_app.reads.desk import Choice
from requests_app.reads.queue import QueueFilter, cases, ordered
from requests_app.states import Capability

MOST_RUNS = 20


@dataclass(frozen=True, slots=True)
class Fared:
    """How one case of a run fared; `sentence` says why it was refused."""

    reference: str
    service: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of a run so far: the numbers of all its cases, and by name those its reader still reaches.

    `changed` of the refused were changed by somebody since they were chosen.
    """

    total: int
    waiting: int
    changed: int
    number_done: int
    number_refused: int
    done: list[Fared]
    refused: list[Fared]

    @property
    def settled(self) -> int:
        """The cases it is over for."""
        return self.total - self.waiting

    @property
    def otherwise(self) -> int:
        """The cases that were refused for another reason than that somebody changed them."""
        return self.number_refused - self.changed

    @property
    def unnamed(self) -> int:
        """The cases it is over for that its reader does not reach any more."""
        return self.settled - len(self.done) - len(self.refused)


def whole_list(queue: QueueFilter, viewer: Viewer, most: int) -> dict[int, int]:
    """The versions of a queue's first `most` cases by their ids, in its order; one statement."""
    return dict(ordered(cases(queue, viewer), queue).values_list("pk", "version")[:most])


def people_holding(viewer: Viewer, place: Jurisdiction, ids: Iterable[int]) -> list[Choice]:
    """Those who work today in the offices that hold some cases, with their offices where there are several.

    One statement.
    """
    reached = ServiceRequest.objects.of(place.pk).in_reach_of(viewer, Capability.SEE_DESK).filter(pk__in=list(ids))
    works = Membership.objects.filter(
        in_force(place.today), office_id__in=reached.exclude(office=None).values("office_id"), user__is_active=True
    )
    found = works.annotate(load=_open_held(place)).values_list("user_id", "user__display_name", "office__names", "load")
    people: dict[int, tuple[str, int]] = {}
    offices: dict[int, list[str]] = {}
    for user_id, name, office, held in found.order_by("user__display_name", "office").distinct():
        people[user_id] = (name, held)
        offices.setdefault(user_id, []).append(localized(office))
    several = len({office for held_by in offices.values() for office in held_by}) > 1
    return [
        Choice(pk, "", f"{name} ({', '.join(offices[pk])})" if several else name, load=held)
        for pk, (name, held) in people.items()
    ]


def _open_held(place: Jurisdiction) -> Coalesce:
    """How many open cases of a place somebody has; all of them, since it says how much work they have."""
    held = ServiceRequest.objects.of(place.pk).open().filter(handler=OuterRef("user_id")).order_by().values("handler")
    return Coalesce(Subquery(held.annotate(number=Count("pk")).values("number")), 0)


def run_of(viewer: Viewer, run_id: int) -> BulkRun | None:
    """A run of the viewer's own; one statement."""
    found = BulkRun.objects.filter(pk=run_id, user_id=viewer.user_id or 0)
    return found.select_related("jurisdiction", "undone_by", "undoes").defer("jurisdiction__boundary").first()


def runs_of(viewer: Viewer, place: Jurisdiction, most: int = MOST_RUNS) -> list[BulkRun]:
    """The viewer's last runs in a place, newest first, with how many cases were `done` of `total`; one statement."""
    found = BulkRun.objects.filter(jurisdiction=place, user_id=viewer.user_id or 0, undoes=None)
    done = Count("items", filter=Q(items__result=BulkItem.Result.DONE))
    counted = found.select_related("undone_by").annotate(total=Count("items"), done=done)
    return list(counted.order_by("-pk")[:most])


def outcomes_of(run: BulkRun, viewer: Viewer) -> Outcomes:
    """How the cases of a run fared, in their order; one statement. Only those the viewer reaches today are named."""
    reached = ServiceRequest.objects.in_reach_of(viewer, Capability.SEE_DESK).filter(pk=OuterRef("request_id"))
    rows = list(
        run.items.annotate(is_reached=Exists(reached))
        .order_by("position")
        .values("result", "code", "sentence", "request__reference", "request__service__names", "is_reached")
    )
    counted = Counter(row["result"] for row in rows)
    by_result: dict[str, list[Fared]] = {result: [] for result in BulkItem.Result.values}
    for row in rows:
        if not row["is_reached"]:
            continue
        service = localized(row["request__service__names"])
        by_result[row["result"]].append(Fared(row["request__reference"], service, told(row["sentence"])))
    return Outcomes(
        total=len(rows),
        waiting=counted[BulkItem.Result.WAITING],
        changed=sum(row["code"] == "stale_version" for row in rows),
        number_done=counted[BulkItem.Result.DONE],
        number_refused=counted[BulkItem.Result.REFUSED],
        done=by_result[BulkItem.Result.DONE],
        refused=by_result[BulkItem.Result.REFUSED],
    )


def told(kept: str) -> str:
    """A sentence that was kept in every language, in the reader's."""
    if not kept:
        return ""
    sentences: Mapping[str, str] = json.loads(kept)
    return (
        sentences.get(get_language() or "") or sentences.get(settings.LANGUAGE_CODE) or next(iter(sentences.values()))
    )
