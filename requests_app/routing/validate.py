"""Whether what rules name exists and can work: offices, services, questions, areas, features, drawn areas, steps."""

from collections.abc import Callable, Collection, Iterable, Mapping
from difflib import get_close_matches

from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext_lazy as _

from requests_app.models import Jurisdiction, Question
from requests_app.routing.document import Condition, Problem, Problems, Rule, RuleBook, Sentence, leaves
from requests_app.routing.ground import ring
from requests_app.routing.known import Known, KnownService

SMALLEST = 1e-12
"""Square degrees: less than that is no area (about a hundredth of a square metre)."""


def validate(book: RuleBook, known: Known, boundary: GEOSGeometry | None) -> list[Problem]:
    """Everything that is wrong with a parsed book in a place."""
    problems = Problems()
    _office(problems, "fallback", book.fallback, known)
    for rule in book.rules:
        problems.rule = rule.names["en"] or rule.code
        services = _services_of(rule, known)
        for leaf in leaves(rule.when):
            check = _CHECKS.get(leaf.kind)
            if check and leaf.value:
                check(problems, leaf, known, services, boundary)
        _then(problems, rule, known, services)
    return problems.found


def boundary_of(place: Jurisdiction) -> GEOSGeometry | None:
    """The boundary of a place, however it was loaded."""
    return Jurisdiction.objects.only("boundary").get(pk=place.pk).boundary


def unknown(given: str, known: Iterable[str]) -> Sentence:
    """A sentence for a code that is not there, with the nearest or some that are."""
    codes = sorted(known)
    near = get_close_matches(given, codes, 1, 0.6)
    if near:
        return _("There is no “%(given)s” here. Did you mean “%(near)s”?") % {"given": given, "near": near[0]}
    return _("There is no “%(given)s” here. Choose among: %(known)s.") % {
        "given": given,
        "known": ", ".join(codes[:12]) + (" …" if len(codes) > 12 else "") if codes else "–",
    }


def _services_of(rule: Rule, known: Known) -> list[KnownService]:
    """The services a rule speaks of; all of them when it names none that exists."""
    named = [code for leaf in leaves(rule.when) if leaf.kind == "service" for code in leaf.value]
    return [known.services[code] for code in named if code in known.services] or list(known.services.values())


def _office(problems: Problems, field: str, code: str | None, known: Known) -> None:
    if not code:
        return
    office = known.offices.get(code)
    if office is None:
        problems.add(field, unknown(code, known.offices))
    elif office.is_closed:
        problems.add(field, _("The office “%(code)s” is closed for good. Choose one that is open.") % {"code": code})


def _then(problems: Problems, rule: Rule, known: Known, services: Collection[KnownService]) -> None:
    then = rule.then
    _office(problems, "then.office", then.office, known)
    for code in then.further:
        _office(problems, "then.further", code, known)
    if then.office and then.office in then.further:
        problems.add("then.further", _("The lead office is among the further ones. Name it once."))
    steps = {step for service in services for step in service.steps}
    if then.step and then.step not in steps:
        problems.add("then.step", unknown(then.step, steps))


# --- Conditions -------------------------------------------------------------------------------------------------------

Check = Callable[[Problems, Condition, Known, Collection[KnownService], GEOSGeometry | None], None]


def _service(
    problems: Problems, leaf: Condition, known: Known, services: Collection[KnownService], boundary: GEOSGeometry | None
) -> None:
    for code in leaf.value:
        if code not in known.services:
            problems.add("service", unknown(code, known.services))


def _answer(
    problems: Problems, leaf: Condition, known: Known, services: Collection[KnownService], boundary: GEOSGeometry | None
) -> None:
    code = leaf.value["question"]
    asked = [service.questions[code] for service in services if code in service.questions]
    if not asked:
        problems.add("answer.question", unknown(code, {code for service in services for code in service.questions}))
        return
    for value in leaf.value.get("is", ()):
        if not any(_can_be(question, value) for question in asked):
            keys = [choice["key"] for question in asked for choice in question.choices] or ["yes", "no"]
            problems.add("answer.is", unknown(value, keys))
    if {"at_least", "at_most"} & set(leaf.value) and not any(q.datatype == Question.Datatype.NUMBER for q in asked):
        problems.add("answer", _("The question “%(code)s” is not answered with a number. Use is.") % {"code": code})


def _can_be(question: Question, value: str) -> bool:
    if question.datatype == Question.Datatype.CHOICE:
        return value in {choice["key"] for choice in question.choices}
    return question.datatype != Question.Datatype.YES_NO or value in ("yes", "no")


def _area(
    problems: Problems, leaf: Condition, known: Known, services: Collection[KnownService], boundary: GEOSGeometry | None
) -> None:
    for code in leaf.value:
        if code not in known.areas:
            problems.add("area", unknown(code, known.area_codes()))
        elif known.areas[code].is_ended:
            ended = _("The area “%(code)s” has ended: no request comes to lie in it. Name one that is in force.")
            problems.add("area", ended % {"code": code})


def _near(
    problems: Problems, leaf: Condition, known: Known, services: Collection[KnownService], boundary: GEOSGeometry | None
) -> None:
    if leaf.value["feature"] not in known.features:
        problems.add("near.feature", unknown(leaf.value["feature"], known.feature_codes()))


def _workload(
    problems: Problems, leaf: Condition, known: Known, services: Collection[KnownService], boundary: GEOSGeometry | None
) -> None:
    _office(problems, "workload.office", leaf.value["office"], known)


def _polygon(
    problems: Problems, leaf: Condition, known: Known, services: Collection[KnownService], boundary: GEOSGeometry | None
) -> None:
    area = ring(leaf.value)
    if area.convex_hull.area < SMALLEST:
        problems.add("polygon", _("The corners lie on one line or on one spot: the area is empty. Draw it anew."))
    elif not area.valid:
        problems.add(
            "polygon",
            _("The line around the area crosses itself at %(spot)s. Give the corners in order around it.")
            % {"spot": _spot(area.valid_reason)},
        )
    elif boundary is not None and not boundary.intersects(area):
        problems.add(
            "polygon",
            _("The area lies outside the boundary of the place. Check that each corner is longitude, then latitude."),
        )


def _spot(reason: str) -> str:
    """Where GEOS says that an area is wrong: “Self-intersection[1.5 2]” as [1.5, 2]."""
    return "[" + ", ".join(reason.partition("[")[2].rstrip("]").split()) + "]"


_CHECKS: Mapping[str, Check] = {
    "service": _service,
    "answer": _answer,
    "area": _area,
    "near": _near,
    "workload": _workload,
    "polygon": _polygon,
}
