"""Where a setting is named by its code: in routing rules and in workflows. What names it keeps it from going."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from requests_app.models import Hold, Jurisdiction, Office, RuleSet, Workflow
from requests_app.models.fields import localized
from requests_app.routing.document import Rule, leaves
from requests_app.routing.parse import parse
from requests_app.workflows.parse import kept

Names = Callable[[Rule], bool]


@dataclass(frozen=True, slots=True)
class RuleUse:
    """A rule that names something; "" for the office that takes what no rule decides."""

    name: str
    is_draft: bool


def rules_where(place: Jurisdiction, names: Names, *, fallback: str = "") -> list[RuleUse]:
    """The rules of the live set and of the draft that name something; one statement."""
    sets = RuleSet.objects.filter(jurisdiction=place).exclude(state=RuleSet.State.PAST).order_by("-state")
    return [use for one in sets for use in _of_set(one, names, fallback)]


def rules_by_leaf(place: Jurisdiction, kind: str) -> dict[str, list[RuleUse]]:
    """The rules of the live set and of the draft by each code that their conditions of a kind name; one statement."""
    found: dict[str, list[RuleUse]] = {}
    for rules in RuleSet.objects.filter(jurisdiction=place).exclude(state=RuleSet.State.PAST).order_by("-state"):
        book, _problems = parse(rules.document)
        for rule in book.rules:
            use = RuleUse(localized(dict(rule.names)) or rule.code, rules.state == RuleSet.State.DRAFT)
            for code in {code for leaf in leaves(rule.when) if leaf.kind == kind for code in leaf.value}:
                found.setdefault(code, []).append(use)
    return found


def _of_set(rules: RuleSet, names: Names, fallback: str) -> Iterator[RuleUse]:
    book, _problems = parse(rules.document)
    is_draft = rules.state == RuleSet.State.DRAFT
    if fallback and book.fallback == fallback:
        yield RuleUse("", is_draft)
    for rule in book.rules:
        if names(rule):
            yield RuleUse(localized(dict(rule.names)) or rule.code, is_draft)


def names_office(code: str) -> Names:
    """Whether a rule sends to an office, or asks how much lies there."""

    def names(rule: Rule) -> bool:
        asked = any(leaf.kind == "workload" and leaf.value.get("office") == code for leaf in leaves(rule.when))
        return asked or code == rule.then.office or code in rule.then.further

    return names


def names_leaf(kind: str, code: str) -> Names:
    """Whether a rule has a condition of that kind with that code: a service, an area."""
    return lambda rule: any(leaf.kind == kind and code in leaf.value for leaf in leaves(rule.when))


def workflows_needing(office: Office, kind: str = "") -> list[Workflow]:
    """The workflows with a step for this office, or for its kind where no other open office is of it.

    Looked at are the newest version of each, and the versions that open cases still go by. Two statements.
    """
    kind = kind or office.kind
    today = office.jurisdiction.today
    others = Office.objects.filter(jurisdiction_id=office.jurisdiction_id, kind=kind).exclude(pk=office.pk)
    is_last = not any(other.is_open_on(today) for other in others)
    running = Exists(Hold.objects.filter(request__workflow=OuterRef("pk"), ended_at=None))
    versions = Workflow.objects.filter(jurisdiction_id=office.jurisdiction_id).annotate(is_running=running)
    return [row for row in _in_use(versions.order_by("code", "-version")) if _needs(row, office, kind, is_last)]


def _in_use(versions: Iterable[Workflow]) -> Iterator[Workflow]:
    seen: set[str] = set()
    for row in versions:
        if row.code not in seen or row.is_running:  # type: ignore[attr-defined]
            yield row
        seen.add(row.code)


def _needs(row: Workflow, office: Office, kind: str, is_last: bool) -> bool:
    definition = kept(row.source)
    steps = definition.steps if definition else ()
    return any(step.office == office.code or (is_last and step.office_kind == kind) for step in steps)
