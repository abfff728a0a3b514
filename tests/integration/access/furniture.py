"""What stands in the city of the access table besides its two cases: what some doors lead to."""

from datetime import timedelta

from analytics.freezing import share
from analytics.mailing.orders import Wish, subscribe
from analytics.models import FrozenReport
from analytics.register import Draft, register_change
from requests_app import actions
from requests_app.actions.rehearsals import ask_rehearsal
from requests_app.clock import now
from requests_app.models import Follower, ServiceRequest, User, Visit, VisitCase, VisitPart
from requests_app.notify.partners import link_for, token_of
from requests_app.routing.write_toml import toml_of
from tests import factories
from tests.factories import World
from tests.rules import document, make_live, mark, rule

DAYS = 30


def furnish_rules(world: World) -> None:
    """Two versions of the rules, and a rehearsal of a third."""
    for office in ("parks", "roads"):
        make_live(world, rule("holes", {"service": "compliment"}, office=office))
    source = toml_of(document(rule("holes", {"service": "compliment"}, office="parks")))
    seen = mark(world.jurisdiction)
    ask_rehearsal(world.jurisdiction, world.administrator, source, seen=seen, days=DAYS)


def furnish_register(world: World, user_id: int) -> None:
    """A change in the evaluators' register."""
    draft = Draft(
        what="Two more inspectors",
        kind="staffing",
        offices=(world.roads.code,),
        comparison=("a", "b"),
        happens_on=now().date(),
        weeks_after=12,
    )
    register_change(world.jurisdiction, draft, user_id)


def furnish_visit(world: World, cases: list[ServiceRequest]) -> None:
    """A joint visit of roads and parks to the cases, which roads has not answered."""
    moment = now()
    visit = Visit.objects.create(
        jurisdiction=world.jurisdiction, starts_at=moment, ends_at=moment + timedelta(hours=1), proposed_at=moment
    )
    for office in (world.roads, world.parks):
        VisitPart.objects.create(visit=visit, office=office)
    for case in cases:
        VisitCase.objects.create(visit=visit, request=case, office=world.roads)


def furnish_report(world: World, reader: User) -> None:
    """A report that was frozen, a link to it, and one that comes by mail."""
    moment = now()
    basis = {"n": "", "cohort": "", "clock": "", "as_of": "", "left_out": [], "definition": ""}
    table = {"caption": "", "columns": [{"title": "Office", "kind": "text", "key": "office"}], "rows": []}
    offices = {"id": "offices", "title": "Offices", "sentence": "", "notes": [], "basis": basis, "table": table}
    content = {
        "title": "Where cases wait", "place": "Testford", "headline": "", "cohort": "", "as_of": "", "n": 0,
        "sections": [offices],
    }  # fmt: skip
    report = FrozenReport.objects.create(
        jurisdiction=world.jurisdiction,
        content=content,
        digest="",
        as_of=moment,
        cut={"cases": 0, "events": 0, "settings": 0},
        code_version="",
        frozen_at=moment,
        is_whole=True,
        frozen_by=reader,
    )
    share(report, 30, user_id=reader.pk)
    subscribe(world.jurisdiction, reader.pk, "", {}, Wish("week", 1, "en"))


def follower_of(case: ServiceRequest) -> int:
    """Somebody who asked to follow a case and has not confirmed it yet."""
    return int(Follower.objects.create(request=case, person_id=case.person_id or 0, asked_at=now()).pk)


def partner_token(world: World, case: ServiceRequest) -> str:
    """The link by which a partner answers for a case that was handed to it."""
    partner = factories.office(world.jurisdiction, f"hydro-{case.pk}", is_external=True, email="p@partner.example")
    accepted = actions.accept(factories.command(case, world.manager)).request
    done = actions.hand_off(factories.command(accepted, world.manager), office_id=partner.pk)
    link = link_for(done.request, done.event)
    assert link is not None
    return token_of(link, done.request.version)
