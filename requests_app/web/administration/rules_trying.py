"""What would happen to this request? A page that routes an imagined or a real request and writes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.gis.geos import Point
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from requests_app.actions.errors import Refused
from requests_app.actions.trying import Tried, WouldHappen, case_to_try, try_request
from requests_app.labels import CHANNEL, PRIORITY
from requests_app.models import Question, Service, ServiceRequest
from requests_app.models.fields import localized
from requests_app.reads.disclosure import disclosure
from requests_app.reads.rule_pages import asked_now, offered_services, offices_of, service_of_code
from requests_app.reads.rules import draft_set, live_set, speaker_for
from requests_app.routing.document import RuleBook
from requests_app.routing.leaves import CHANNELS
from requests_app.text.limits import MAX_WORDS
from requests_app.web.administration.gate import Administration, administrators_only, show
from requests_app.web.administration.rules import book_of

FIELDS = ("service", "reference", "channel", "at", "lat", "lon", "words", "rules")
TYPED = "answer-"
YEARS = 1900, 2199


@dataclass(slots=True)
class Sheet:
    """The form as it stands: what was typed, what is wrong with it, and the real case it was taken from."""

    values: dict[str, str]
    answers: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    service: Service | None = None
    case: ServiceRequest | None = None


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def rules_try(request: HttpRequest, administration: Administration) -> HttpResponse:
    """GET shows the form, POST also what would happen. Words go by POST: an address is kept in logs."""
    sheet = _sheet(request, administration)
    would = None
    if request.method == "POST" and not {"fill", "ask"} & set(request.POST):
        tried = _tried(sheet, administration)
        if tried is not None and not sheet.problems:
            try:
                would = try_request(administration.place, administration.viewer, tried)
            except Refused as refused:
                sheet.problems |= {name: str(sentence) for name, sentence in refused.fields.items()}
    context = _context(administration, sheet) | (_told(administration, sheet, would) if would else {})
    status = 422 if sheet.problems else 200
    return show(request, administration, "administration/rules_try.html", context, status=status)


def _sheet(request: HttpRequest, administration: Administration) -> Sheet:
    sent = request.POST if request.method == "POST" else request.GET
    values = {name: sent.get(name, "").replace("\x00", "")[: MAX_WORDS + 1].strip() for name in FIELDS}
    answers = {name.removeprefix(TYPED): value for name, value in sent.items() if name.startswith(TYPED)}
    sheet = Sheet(values, {code: str(value).replace("\x00", "")[:1000].strip() for code, value in answers.items()})
    if values["reference"]:
        sheet.case = case_to_try(administration.place, administration.viewer, values["reference"].upper())
        if sheet.case is None:
            sheet.problems["reference"] = _("There is no such request. Check the reference.")
        elif "fill" in sent:
            _fill(sheet, administration)
    sheet.service = service_of_code(administration.place, values["service"]) if values["service"] else None
    return sheet


def _fill(sheet: Sheet, administration: Administration) -> None:
    """What its reader may know of a real case; words, answers and a place they may not see are used and not shown."""
    case = sheet.case
    if case is None:
        return
    at = case.submitted_at.astimezone(ZoneInfo(administration.place.time_zone))
    sheet.values |= {"service": case.service.code, "channel": case.channel, "at": at.strftime("%Y-%m-%dT%H:%M")}
    sheet.values |= {"words": "", "lat": "", "lon": ""}
    sheet.answers.clear()
    if case.location and disclosure(case, administration.viewer).place:
        sheet.values |= {"lat": f"{case.location.y:.6f}", "lon": f"{case.location.x:.6f}"}


def _unshown(sheet: Sheet, administration: Administration) -> Point | None:
    """The place of a real case that its reader may not see: the rules are told it, the page tells its area."""
    case = sheet.case
    if case is None or "place" in sheet.problems or disclosure(case, administration.viewer).place:
        return None
    return case.location


def _tried(sheet: Sheet, administration: Administration) -> Tried | None:
    """The request that was typed; what cannot be taken is noted by its field."""
    values, zone = sheet.values, ZoneInfo(administration.place.time_zone)
    at = _moment(sheet, zone) or administration.place.present
    location = _location(sheet) or _unshown(sheet, administration)
    if values["channel"] not in ("", *CHANNELS):
        sheet.problems["channel"] = _("Choose a channel from the list.")
    if len(values["words"]) > MAX_WORDS:
        sheet.problems["words"] = _("The text is too long. Shorten it.")
    if sheet.service is None:
        sheet.problems["service"] = _("Choose a service from the list.")
        return None
    of_case = sheet.case
    known = {row["code"]: row["value"] for row in of_case.answered} if of_case else {}  # type: ignore[attr-defined]
    said = "\n".join(of_case.said) if of_case else ""  # type: ignore[attr-defined]
    return Tried(
        service=sheet.service,
        channel=values["channel"] or "web",
        at=at,
        words=values["words"] or said,
        answers={**known, **{code: value for code, value in sheet.answers.items() if value}},
        location=location,
        by_draft=values["rules"] == "draft",
    )


def _moment(sheet: Sheet, zone: ZoneInfo) -> datetime | None:
    if not sheet.values["at"]:
        return None
    try:
        at = datetime.fromisoformat(sheet.values["at"])
    except ValueError:
        at = datetime.min  # noqa: DTZ901 - compared by its year alone
    if not YEARS[0] <= at.year <= YEARS[1]:  # calendars end there, and moments near their own ends overflow
        sheet.problems["at"] = _("Give the day and the time, such as 2026-05-31T14:30, or leave it empty for now.")
        return None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _location(sheet: Sheet) -> Point | None:
    lat, lon = sheet.values["lat"], sheet.values["lon"]
    if not lat and not lon:
        return None
    try:
        point = Point(float(lon.replace(",", ".")), float(lat.replace(",", ".")), srid=4326)
    except ValueError:
        point = Point(999, 999, srid=4326)
    if not (-180 <= point.x <= 180 and -90 <= point.y <= 90):
        sheet.problems["place"] = _("Give latitude and longitude in degrees, such as 44.231 and -76.486.")
        return None
    return point


# --- Showing it ------------------------------------------------------------------------------------------------------


def _context(administration: Administration, sheet: Sheet) -> dict[str, Any]:
    place = administration.place
    services = offered_services(place)
    return {
        "sheet": sheet,
        "services": [(one.code, one.name) for one in services],
        "questions": _questions(sheet),
        "channels": [(code, CHANNEL[code]) for code in CHANNELS if code != "import"],
        "has_draft": draft_set(place) is not None,
        "list_address": administration.address("administration:rules"),
        "try_address": administration.address("administration:rules_try"),
    }


def _questions(sheet: Sheet) -> list[tuple[Question, list[tuple[str, str]], str]]:
    """The questions of the service with what may be chosen (nothing where it is typed) and what was."""
    if sheet.service is None:
        return []
    asked = asked_now(sheet.service)
    return [(one, _choices(one), sheet.answers.get(one.code, "")) for one in asked]


def _choices(question: Question) -> list[tuple[str, str]]:
    if question.datatype == Question.Datatype.YES_NO:
        return [(key, question.spoken(key)) for key in ("yes", "no")]
    if question.datatype == Question.Datatype.CHOICE:
        return [(choice["key"], question.spoken(choice["key"])) for choice in question.choices]
    return []


def _told(administration: Administration, sheet: Sheet, would: WouldHappen) -> dict[str, Any]:
    place, routing = administration.place, would.routing
    live, draft = book_of(live_set(place)), book_of(draft_set(place))
    book: RuleBook = draft if sheet.values["rules"] == "draft" else live
    speaker = speaker_for(place, book)
    workflow = sheet.service.workflow if sheet.service else None
    steps = {step["code"]: step.get("names", {}) for step in workflow.steps} if workflow else {}
    further = offices_of(routing.further_ids)
    facts: Mapping[str, Any] = {
        "would": would,
        "office": routing.office.name if routing.office else "",
        "really": sheet.case.office.name if sheet.case and sheet.case.office else "",
        "priority": PRIORITY[would.priority],
        "step": localized(steps[would.step]) if would.step in steps else would.step,
        "further": [office.name for office in further],
        "tags": routing.tags,
        "matched": [
            (one, localized(dict(one.rule.names)), speaker.condition(one.rule.when), speaker.actions(one.rule.then))
            for one in would.matched
        ],
    }
    return dict(facts)
