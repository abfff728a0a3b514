"""A service from nothing to live to retired: what going live asks, and which questions a case keeps."""

from functools import partial
from typing import Any

import pytest

from requests_app import actions
from requests_app.actions.config import SettingConflict
from requests_app.actions.errors import Forbidden, Refused
from requests_app.actions.setting_up.calendars import make_calendar
from requests_app.actions.setting_up.service_checks import gaps
from requests_app.actions.setting_up.service_definition import live_definition, service_document
from requests_app.actions.setting_up.services import NotYetLive, go_live, make_service, retire, save_service
from requests_app.models import Answer, ConfigChange, Question, Service, WorkCalendar
from requests_app.permissions import ANONYMOUS, Viewer
from requests_app.reads.config import version_of
from requests_app.reads.services import service_of, services_of
from tests import factories
from tests.factories import World, names
from tests.races import losers, race

pytestmark = pytest.mark.django_db

PURPOSE = names("To help.", "Pour aider.")
QUESTION = {
    "code": "", "names": names("Is it loud?", "Est-ce bruyant?"), "hints": {}, "datatype": "yes_no", "choices": [],
    "required": True, "tag": "open", "purposes": PURPOSE,
}  # fmt: skip
COLOUR = {
    **QUESTION, "names": names("Colour", "Couleur"), "datatype": "choice", "required": False,
    "choices": [{"key": "", "names": names("Red", "Rouge")}, {"key": "", "names": names("Blue", "Bleu")}],
}  # fmt: skip
WHOLE: dict[str, Any] = {
    "names": names("Rats", "Rats (fr)"), "descriptions": names("Rats seen.", "Rats vus."),
    "group": names("Health", "Santé"),
    "keywords": "rat\nmouse\nrat", "kind": "street", "needs_place": True, "takes_photo": False, "icon": "dot",
    "owner": "roads", "workflow": "", "publicity": "public", "calendar": "city",
    "resolve_hours": 16, "resolve_count": "working", "resolve_high": None, "resolve_urgent": 4,
    "acknowledge_hours": 8, "acknowledge_count": "calendar", "retention_days": 730,
    "words_tag": "personal", "words_purposes": PURPOSE, "place_tag": "open", "place_purposes": PURPOSE,
    "photo_tag": "", "photo_purposes": {}, "contact_tag": "personal", "contact_purposes": PURPOSE,
    "questions": [QUESTION, COLOUR], "stoppers": [],
}  # fmt: skip


@pytest.fixture
def world() -> World:
    world = factories.world()
    given = {"names": names("City", "Ville"), "time_zone": "America/Toronto", "slots": {"0": "8-16"}}
    make_calendar(world.jurisdiction, given, viewer=world.administrator)
    return world


def seen(service: Service) -> int:
    return version_of("service", service.pk)


def live(world: World, **fields: Any) -> Service:
    service = make_service(world.jurisdiction, {**WHOLE, **fields}, viewer=world.administrator)
    return go_live(service.pk, viewer=world.administrator, seen=1)


def change(world: World, service: Service, **fields: Any) -> Service:
    service.refresh_from_db()
    given = {**service_document(service), **fields}
    return save_service(service.pk, given, viewer=world.administrator, seen=seen(service))


def publish(world: World, service: Service) -> Service:
    return go_live(service.pk, viewer=world.administrator, seen=seen(service))


def test_a_draft_is_kept_however_little_it_says_and_citizens_do_not_see_it(world: World) -> None:
    little = {"names": {"en": "Rats"}, "kind": "street"}
    service = make_service(world.jurisdiction, little, viewer=world.administrator)
    assert (service.state, service.is_active, service.code) == ("draft", False, "rats")
    assert service not in services_of(world.jurisdiction)
    assert service_of(world.jurisdiction, "rats") is None
    with pytest.raises(Refused):
        actions.submit(factories.submission(service), viewer=ANONYMOUS)


def test_going_live_is_refused_with_everything_that_is_missing_by_name(world: World) -> None:
    service = make_service(world.jurisdiction, {"names": {"en": "Rats"}, "kind": "street"}, viewer=world.administrator)
    with pytest.raises(Refused) as refused:
        publish(world, service)
    assert set(refused.value.fields) == {
        "names-fr", "descriptions-en", "descriptions-fr", "group-en", "group-fr", "owner", "publicity", "calendar",
        "resolve_hours", "retention_days", "words_tag", "words_purposes-en", "words_purposes-fr", "contact_tag",
        "contact_purposes-en", "contact_purposes-fr",
    }  # fmt: skip
    service.refresh_from_db()
    assert service.state == "draft"
    assert ConfigChange.objects.filter(what="service").count() == 1


LACKING = [
    ({"owner": ""}, "owner"),
    ({"publicity": ""}, "publicity"),
    ({"calendar": ""}, "calendar"),
    ({"resolve_hours": None, "resolve_urgent": None}, "resolve_hours"),
    ({"retention_days": None}, "retention_days"),
    ({"place_tag": ""}, "place_tag"),
    ({"takes_photo": True, "photo_tag": "personal"}, "photo_purposes-en"),
    ({"questions": [{**QUESTION, "tag": ""}]}, "questions-0-tag"),
    ({"questions": [QUESTION, {**QUESTION, "purposes": {"en": "x"}}]}, "questions-1-purposes-fr"),
    ({"questions": [{**QUESTION, "names": {"fr": "x"}}]}, "questions-0-names-en"),
    ({"questions": [{**COLOUR, "choices": COLOUR["choices"][:1]}]}, "questions-0-choices"),
    ({"questions": [{**COLOUR, "choices": [{"key": "", "names": {"en": "x"}}] * 2}]}, "questions-0-choices"),
    (
        {"stoppers": [{"names": names("Wire?"), "advice": names("Run"), "organisation": {}}]},
        "stoppers-0-organisation-en",
    ),
]


@pytest.mark.parametrize(("fields", "missing"), LACKING)
def test_each_thing_a_service_needs_is_missed_when_it_is_not_there(
    world: World, fields: dict[str, Any], missing: str
) -> None:
    assert gaps(world.jurisdiction, service_document(live(world))) == []
    service = make_service(world.jurisdiction, {**WHOLE, **fields}, viewer=world.administrator)
    with pytest.raises(Refused) as refused:
        publish(world, service)
    assert missing in refused.value.fields


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"names": {}}, "names-en"),
        ({"kind": "spell"}, "kind"),
        ({"owner": "nobody"}, "owner"),
        ({"owner": "x\x00"}, "owner"),
        ({"calendar": "never"}, "calendar"),
        ({"workflow": "nowhere"}, "workflow"),
        ({"publicity": "secret"}, "publicity"),
        ({"resolve_hours": "soon"}, "resolve_hours"),
        ({"resolve_hours": 0}, "resolve_hours"),
        ({"resolve_hours": None}, "resolve_hours"),
        ({"retention_days": "1e9"}, "retention_days"),
        ({"questions": [{**QUESTION, "datatype": "dance"}]}, "questions-0-datatype"),
        ({"questions": [{**COLOUR, "choices": "Red\nBlue | Bleu"}]}, "questions-0-choices"),
        ({"stoppers": [{"names": {}, "phone": "call me"}]}, "stoppers-0-phone"),
        ({"stoppers": [{"names": {}, "url": "javascript:alert(1)"}]}, "stoppers-0-url"),
        ({"keywords": "a\x00b"}, "keywords"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(world: World, fields: dict[str, Any], wrong: str) -> None:
    with pytest.raises(Refused) as refused:
        make_service(world.jurisdiction, {**WHOLE, **fields}, viewer=world.administrator)
    assert set(refused.value.fields) == {wrong}


def test_a_live_service_takes_cases_as_its_definition_says(world: World) -> None:
    service = live(world)
    assert live_definition(service) | {"state": "live"} == service_document(service)
    assert [(q.code, q.data_tag, q.is_personal) for q in service.questions.all()] == [
        ("is-it-loud", "open", False), ("colour", "open", False),
    ]  # fmt: skip
    case = factories.file_request(service, answers={"is-it-loud": "yes", "colour": "blue"})
    assert case.office_id == world.roads.pk
    terms = case.promise["terms"][0]
    assert (terms["resolve"]["hours"], terms["resolve"]["by_priority"]) == (16, {"2": 4})
    assert terms["calendar"]["slots"] == {"0": [["08:00", "16:00"]]}
    assert service.keywords == ["rat", "mouse"]


def test_a_draft_of_a_live_service_changes_nothing_until_it_goes_live(world: World) -> None:
    service = live(world)
    service = change(world, service, names=names("Rodents", "Rongeurs"), publicity="private")
    assert Service.objects.get(pk=service.pk).names == names("Rats", "Rats (fr)")
    assert service_document(service)["names"] == names("Rodents", "Rongeurs")
    service = publish(world, service)
    assert (service.names["fr"], service.publicity, service.draft) == ("Rongeurs", "private", None)
    assert service.form_version == 1, "no question changed"
    acts = list(ConfigChange.objects.filter(what="service").order_by("version").values_list("act", flat=True))
    assert acts == ["made", "went_live", "saved", "went_live"]


def test_a_case_keeps_the_questions_it_was_filed_with(world: World) -> None:
    service = live(world)
    before = factories.file_request(service, answers={"is-it-loud": "yes", "colour": "red"})
    questions = service_document(service)["questions"]
    reworded = {**questions[0], "names": names("How loud is it?", "Quel bruit?"), "datatype": "number"}
    added = {**QUESTION, "names": names("Since when?", "Depuis quand?"), "datatype": "date", "required": False}
    service = publish(world, change(world, service, questions=[added, reworded]))
    after = factories.file_request(service, answers={"is-it-loud": "3"})

    def asked(case: Any) -> list[tuple[str, int]]:
        return [(q.code, q.version) for q in service.questions_of(case.form_version)]

    assert (before.form_version, after.form_version) == (1, 2)
    assert asked(before) == [("is-it-loud", 1), ("colour", 1)]
    assert asked(after) == [("since-when", 1), ("is-it-loud", 2)]
    answered = Answer.objects.filter(request=before, question__code="is-it-loud").get()
    assert (answered.question.name, answered.question.spoken(answered.value)) == ("Is it loud?", "Yes")


def test_a_form_that_was_open_while_questions_changed_is_judged_by_one_version(world: World) -> None:
    service = live(world)
    stale = Service.objects.get(pk=service.pk)
    publish(world, change(world, service, questions=[{**QUESTION, "names": names("New?", "Neuf?")}]))
    codes = {q.code for q in stale.questions_of(stale.form_version)}
    assert codes == {"is-it-loud", "colour"}


def test_a_retired_service_is_not_offered_and_its_cases_go_on(world: World) -> None:
    service = live(world)
    case = factories.file_request(service, answers={"is-it-loud": "no"})
    with pytest.raises(SettingConflict):
        retire(service.pk, viewer=world.administrator, seen=1)
    retire(service.pk, viewer=world.administrator, seen=2)
    with pytest.raises(Refused):
        factories.file_request(service, answers={"is-it-loud": "no"})
    actions.accept(factories.command(case, world.handler))
    case.refresh_from_db()
    assert case.is_open
    with pytest.raises(NotYetLive):
        retire(service.pk, viewer=world.administrator, seen=3)
    service = publish(world, service)
    assert (service.state, service.is_active) == ("live", True)
    factories.file_request(service, answers={"is-it-loud": "no"})


def test_only_administrators_of_the_place_touch_a_service(world: World) -> None:
    service = live(world)
    others: list[Viewer] = [world.manager, world.handler, world.evaluator, factories.world().administrator]
    for viewer in others:
        for act in (
            lambda v: make_service(world.jurisdiction, WHOLE, viewer=v),
            lambda v: save_service(service.pk, WHOLE, viewer=v, seen=2),
            lambda v: go_live(service.pk, viewer=v, seen=2),
            lambda v: retire(service.pk, viewer=v, seen=2),
        ):
            with pytest.raises(Forbidden):
                act(viewer)


def test_a_service_whose_calendar_or_owner_ended_cannot_go_live(world: World) -> None:
    service = live(world)
    WorkCalendar.objects.filter(code="city").update(slots={})
    world.roads.closes_on = "2020-01-01"
    world.roads.save()
    service = change(world, service, takes_photo=False, icon="tree")
    with pytest.raises(Refused) as refused:
        publish(world, service)
    assert set(refused.value.fields) == {"owner", "calendar"}


@pytest.mark.django_db(transaction=True)
def test_two_administrators_let_a_service_go_live_at_once_and_it_happens_once(world: World) -> None:
    service = make_service(world.jurisdiction, WHOLE, viewer=world.administrator)
    both = race(*(partial(go_live, service.pk, viewer=world.administrator, seen=1) for _ in range(2)))
    assert [type(one) for one in losers(both)] == [SettingConflict]
    assert Question.objects.filter(service=service).count() == 2
