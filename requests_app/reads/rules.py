"""The rule sets of a place, for administrators."""

from django.db import connection
from django.db.models import Max, QuerySet

from requests_app.models import Alarm, AlarmKind, Jurisdiction, RuleSet, ServiceRequest
from requests_app.permissions import Viewer
from requests_app.routing.document import RuleBook
from requests_app.routing.known import known_for
from requests_app.routing.sentences import Speaker


def live_set(place: Jurisdiction) -> RuleSet | None:
    """The rules by which cases are routed now, with who made them."""
    return _of(place).filter(state=RuleSet.State.LIVE).first()


def draft_set(place: Jurisdiction) -> RuleSet | None:
    """The rules that are being prepared, with who saved them last."""
    return _of(place).filter(state=RuleSet.State.DRAFT).first()


def set_of_version(place: Jurisdiction, version: int) -> RuleSet | None:
    """One version of the rules."""
    return _of(place).filter(version=version).first()


def rule_history(place: Jurisdiction) -> list[RuleSet]:
    """Every version that is or was live, the latest first. One statement."""
    return list(_of(place).exclude(state=RuleSet.State.DRAFT))


def next_version(place: Jurisdiction) -> int:
    """The number of the next rule set."""
    newest = RuleSet.objects.filter(jurisdiction=place).aggregate(newest=Max("version"))["newest"]
    return int(newest or 0) + 1


def seen_mark(rules: RuleSet | None) -> str:
    """What a form carries to say which rules it shows: their row and its revision, "0.0" for none."""
    return f"{rules.pk}.{rules.revision}" if rules else "0.0"


_MATCHED = """
SELECT rule, count(DISTINCT e.request_id)
  FROM requests_app_requestevent e CROSS JOIN LATERAL jsonb_object_keys(e.explanation -> 'because') rule
 WHERE e.request_id = ANY(%s) AND e.activity = 'routed' AND jsonb_typeof(e.explanation -> 'because') = 'object'
 GROUP BY rule
"""


def open_cases_matched(viewer: Viewer, place: Jurisdiction) -> dict[str, int]:
    """How many open cases of those the viewer may know of each rule matched when they were routed; two statements."""
    cases = ServiceRequest.objects.visible_to(viewer).of(place.pk).open()
    with connection.cursor() as cursor:
        cursor.execute(_MATCHED, [list(cases.values_list("pk", flat=True))])
        return dict(cursor.fetchall())


def broken_rules(place: Jurisdiction) -> list[Alarm]:
    """The open alarms about rules, the latest first."""
    alarms = Alarm.objects.filter(jurisdiction=place, kind=AlarmKind.RULE_BROKEN.value, settled_at=None)
    return list(alarms.order_by("-raised_at"))


def _of(place: Jurisdiction) -> QuerySet[RuleSet]:
    return RuleSet.objects.filter(jurisdiction=place).select_related("author")


def speaker_for(place: Jurisdiction, *books: RuleBook) -> Speaker:
    """Who says the rules of some books in words, with the names the place has. Five statements."""
    return Speaker(known_for(place, *books))
