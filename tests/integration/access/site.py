"""A city with a public and a private case, and everybody who may stand before one of its doors."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.test import Client
from django.test.client import ClientHandler
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from PIL import Image

from analytics.freezing import token_of
from analytics.mailing.orders import stop_token
from analytics.models import FrozenReport, SharedLink, Subscription, SubscriptionReader
from requests_app import actions
from requests_app.actions.setting_up.areas import Offered, Outline, draft_areas
from requests_app.actions.setting_up.replies import make_reply
from requests_app.clock import now
from requests_app.models import (
    Absence,
    AreaSet,
    BulkRun,
    ConfigChange,
    Document,
    Membership,
    Photo,
    Rehearsal,
    ReplyTemplate,
    RequestEvent,
    Route,
    Service,
    ServiceRequest,
    SignInLink,
    User,
    Visit,
    WorkCalendar,
)
from requests_app.notify.addressees import PERSON
from requests_app.notify.links import Purpose, sign
from requests_app.notify.writing import STOPPABLE
from requests_app.permissions import ANONYMOUS, Publicity, Role, Viewer
from requests_app.privacy import documents
from requests_app.privacy.photos import ready_photo
from requests_app.reads.grants import grants_of
from tests import factories
from tests.factories import World
from tests.integration.access.furniture import (
    follower_of,
    furnish_register,
    furnish_report,
    furnish_rules,
    furnish_visit,
    partner_token,
)

IN_WARD_1 = Point(-79.04321, 43.98765, srid=4326)

READERS = (
    "anyone",
    "reporter",
    "holder",
    "deputy",
    "other office",
    "other service",
    "other area",
    "manager",
    "evaluator",
    "administrator",
    "elsewhere",
    "left",
)
"""The columns of docs/access.md, which says who each of them is."""


@dataclass
class Site:
    """The city. `cases` are the public and the private one, both held by the roads office in ward 1."""

    world: World
    cases: dict[str, ServiceRequest]
    links: dict[str, str]
    users: dict[str, User]
    cookies: dict[str, Any] = field(default_factory=dict)
    partner_links: dict[str, str] = field(default_factory=dict)
    followers: dict[str, int] = field(default_factory=dict)
    events: int = 0
    """How many events there are before anybody does anything."""
    addresses: dict[tuple[str, str], str] = field(default_factory=dict)
    """Those that were worked out, by door and kind of case: a test asks for each twelve times and more."""
    handler: ClientHandler = field(default_factory=lambda: ClientHandler(enforce_csrf_checks=False))
    """The site's middleware, which every new browser would start again."""

    def viewer(self, reader: str) -> Viewer:
        """The reader as the domain knows them."""
        if reader == "reporter":
            return replace(ANONYMOUS, tracked_request_ids=frozenset(case.pk for case in self.cases.values()))
        user = self.users.get(reader)
        return Viewer(user.pk, grants_of(user.pk)) if user else ANONYMOUS

    def browser(self, reader: str) -> Client:
        """The reader's browser, as it was before it did anything."""
        if reader not in self.cookies:
            self.cookies[reader] = self._prepared(reader).cookies
        browser = Client(raise_request_exception=False)
        browser.handler = self.handler
        for name, morsel in self.cookies[reader].items():
            browser.cookies[name] = morsel.value
        return browser

    def _prepared(self, reader: str) -> Client:
        browser = Client()
        if reader == "reporter":
            for kind, case in self.cases.items():
                browser.get(reverse("citizen:track", args=[case.reference, self.links[kind]]))
        if reader in self.users:
            browser.force_login(self.users[reader])
        return browser


def build_site() -> Site:
    """The city, with two cases, their photos and documents, and everybody."""
    world = factories.world("testford", is_default=True)
    complaint = factories.service(world.jurisdiction, "complaint", Publicity.PRIVATE, workflow=world.pothole.workflow)
    Route.objects.create(service=complaint, office=world.roads)
    filed = {"public": file(world.pothole), "private": file(complaint)}
    for done in filed.values():
        give_document(done.request)
    site = Site(
        world,
        {kind: ServiceRequest.objects.get(pk=done.request.pk) for kind, done in filed.items()},
        {kind: done.tracking_token for kind, done in filed.items()},
        everybody(world),
    )
    for reader in READERS:
        site.browser(reader)
    furnish(site)
    furnish_rules(world)
    furnish_register(world, site.users["evaluator"].pk)
    furnish_visit(world, list(site.cases.values()))
    furnish_report(world, site.users["evaluator"])
    for kind, service in (("public", world.pothole), ("private", complaint)):
        handed = file(service).request
        site.partner_links[kind] = partner_token(world, handed)
        site.followers[kind] = follower_of(handed)
    site.events = RequestEvent.objects.count()
    return site


def file(service: Service) -> actions.Submitted:
    """File a case with a photo and a contact."""
    contact = actions.Contact("Ana Secret", "ana@secret.example")
    form = factories.submission(service, location=IN_WARD_1, contact=contact, photos=(photo(),))
    return actions.submit(form, viewer=ANONYMOUS)


def photo() -> Any:
    """A picture as a form sends it."""
    out = io.BytesIO()
    Image.new("RGB", (9, 9), (200, 10, 10)).save(out, "PNG")
    out.seek(0)
    return ready_photo(out, 100)


def give_document(request: ServiceRequest) -> None:
    """A document of the case, with its file."""
    name = f"{request.pk}-paper.pdf"
    (documents.store() / name).write_bytes(b"%PDF-1.4 secret")
    Document.objects.create(
        request=request, kind="other", status="received", file_name=name, media_type=documents.PDF, size=15,
        by_citizen=True, asked_at=now(), received_at=now(),
    )  # fmt: skip


def everybody(world: World) -> dict[str, User]:
    """Those who sign in. Who comes from elsewhere has every role there, and none here."""
    place, far = world.jurisdiction, factories.jurisdiction("farford")
    narrowed: dict[str, list[dict[str, Any]]] = {
        "holder": [{"role": Role.HANDLER, "jurisdiction": place, "office": world.roads}],
        "deputy": [{"role": Role.HANDLER, "jurisdiction": place, "office": world.parks}],
        "other office": [{"role": Role.HANDLER, "jurisdiction": place, "office": world.parks}],
        "other service": [
            {"role": Role.HANDLER, "jurisdiction": place, "office": world.roads, "service": world.needle},
            {"role": Role.MANAGER, "jurisdiction": place, "service": world.needle},
        ],
        "other area": [
            {"role": Role.HANDLER, "jurisdiction": place, "office": world.roads, "area": world.east},
            {"role": Role.MANAGER, "jurisdiction": place, "area": world.east},
        ],
        "manager": [{"role": Role.MANAGER, "jurisdiction": place}],
        "evaluator": [{"role": Role.EVALUATOR, "jurisdiction": place}],
        "administrator": [{"role": Role.ADMINISTRATOR, "jurisdiction": place}],
        "elsewhere": [
            {"role": Role.HANDLER, "jurisdiction": far, "office": factories.office(far, "roads")},
            *({"role": role, "jurisdiction": far} for role in Role if role is not Role.HANDLER),
        ],
        "left": [{"role": role, "jurisdiction": place} for role in Role if role is not Role.HANDLER],
    }
    users = {}
    for reader, memberships in narrowed.items():
        reads = {"email": f"{reader}@staff.example"} if reader in ("evaluator", "administrator") else {}
        users[reader] = factories.user(reader.replace(" ", "-"), **reads)
        for membership in memberships:
            Membership.objects.create(user=users[reader], **membership)
    return users


def furnish(site: Site) -> None:
    """What an administrator's pages show, and the end of the memberships of who left while signed in."""
    Membership.objects.filter(user=site.users["left"]).delete()
    place = site.world.jurisdiction
    WorkCalendar.objects.create(jurisdiction=place, code="usual", names=factories.names("Usual"))
    wards = Offered([Outline("1", "Ward 1", site.world.west.geometry)], place.today.isoformat())
    draft_areas(place, "ward", wards, viewer=site.viewer("administrator"))
    reply = {
        "names": factories.names("Done"), "kind": "message", "service": "", "office": "",
        "bodies": factories.names("It is done."), "active": True,
    }  # fmt: skip
    make_reply(place, reply, viewer=site.world.administrator)
    today = place.today
    Absence.objects.create(
        jurisdiction=place, user=site.users["holder"], deputy=site.users["deputy"], starts_on=today, ends_on=today,
        entered_at=now(),
    )  # fmt: skip
    BulkRun.objects.create(
        jurisdiction=place, user=site.users["holder"], move="accept", made_at=now(), finished_at=now()
    )


def invitation_of(user: User) -> str:
    """A link with which that user would choose a password."""
    link, _made = SignInLink.objects.get_or_create(
        user=user, defaults={"made_at": now(), "expires_at": now() + timedelta(days=7)}
    )
    return sign(Purpose.INVITE, link.pk)


# --- Addresses -------------------------------------------------------------------------------------------------------


def doors(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every named address of the site with the names of its arguments."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from doors(pattern, f"{before}{pattern.namespace}:" if pattern.namespace else before)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield before + pattern.name, tuple(pattern.pattern.converters)


Part = Callable[[Site, ServiceRequest, str], object]

PARTS: dict[str, Part] = {
    "reference": lambda _site, case, _kind: case.reference,
    "photo_id": lambda _site, case, _kind: Photo.objects.get(request=case).pk,
    "document_id": lambda _site, case, _kind: Document.objects.filter(request=case).earliest("pk").pk,
    "citizen:track token": lambda site, _case, kind: site.links[kind],
    "citizen:from_mail token": lambda _site, case, _kind: sign(Purpose.OPEN, case.pk, case.person_id or 0),
    "citizen:stop_mails token": lambda _site, case, _kind: sign(
        Purpose.STOP, STOPPABLE.index(PERSON), case.person_id or 0
    ),
    "partner:case token": lambda site, _case, kind: site.partner_links[kind],
    "citizen:follow token": lambda site, _case, kind: sign(Purpose.FOLLOW, site.followers[kind]),
    "citizen:mine_open token": lambda _site, case, _kind: sign(Purpose.MINE, case.person_id or 0),
    "citizen:is_it_fixed token": lambda _site, case, _kind: sign(Purpose.FIXED, case.pk, case.person_id or 0),
    "visit_id": lambda _site, _case, _kind: Visit.objects.get().pk,
    "office_id": lambda site, _case, _kind: site.world.roads.pk,
    "rehearsal_id": lambda _site, _case, _kind: Rehearsal.objects.get().pk,
    "version": lambda _site, _case, _kind: 1,
    "pending_photo name": lambda _site, _case, _kind: "nobodys",
    "name": lambda _site, _case, _kind: "nobodys",
    "service": lambda _site, case, _kind: case.service.code,
    "role": lambda _site, _case, _kind: "manager",
    "desk:move slug": lambda _site, _case, _kind: "accept",
    "desk:step code": lambda _site, _case, _kind: "on",
    "code": lambda site, _case, _kind: site.world.jurisdiction.code,
    "slug": lambda _site, _case, _kind: "ageing",
    "evaluate:view_file table": lambda _site, _case, _kind: "ageing",
    "evaluate:view_file form": lambda _site, _case, _kind: "csv",
    "evaluate:waits_file form": lambda _site, _case, _kind: "csv",
    "number": lambda _site, _case, _kind: 1,
    **dict.fromkeys((f"evaluate:change{page}_file form" for page in ("", "_see")), lambda _site, _case, _kind: "csv"),
    **dict.fromkeys(
        (f"evaluate:{door}_form form" for door in ("table", "cases")), lambda _site, _case, _kind: "parquet"
    ),
    "pk": lambda _site, _case, _kind: FrozenReport.objects.get().pk,
    "link": lambda _site, _case, _kind: SharedLink.objects.get().pk,
    **dict.fromkeys(
        (f"evaluate:shared{door} token" for door in ("", "_pdf")),
        lambda _site, _case, _kind: token_of(SharedLink.objects.get()),
    ),
    "evaluate:frozen_table section": lambda _site, _case, _kind: "offices",
    "subscription": lambda _site, _case, _kind: Subscription.objects.get().pk,
    "evaluate:stop_mail token": lambda _site, _case, _kind: stop_token(SubscriptionReader.objects.get()),
    "table": lambda _site, _case, _kind: "offices",
    "news": lambda _site, _case, _kind: "received",
    "audience": lambda _site, _case, _kind: "citizen",
    "change_id": lambda _site, _case, _kind: ConfigChange.objects.earliest("pk").pk,
    "administration:calendar setting_id": lambda _site, _case, _kind: WorkCalendar.objects.get(code="usual").pk,
    "administration:reply setting_id": lambda _site, _case, _kind: ReplyTemplate.objects.get().pk,
    "language": lambda _site, _case, _kind: "en",
    "form": lambda _site, _case, _kind: "atom",
    "place": lambda site, _case, _kind: site.world.jurisdiction.code,
    "area": lambda site, _case, _kind: site.world.west.code,
    "administration:office setting_id": lambda site, _case, _kind: site.world.roads.pk,
    "run_id": lambda _site, _case, _kind: BulkRun.objects.get().pk,
    **dict.fromkeys(
        (f"administration:person{page} setting_id" for page in ("", "_invite")),
        lambda site, _case, _kind: site.users["holder"].pk,
    ),
    "citizen:invitation token": lambda site, _case, _kind: invitation_of(site.users["holder"]),
    "absence_id": lambda _site, _case, _kind: Absence.objects.get().pk,
    **dict.fromkeys(
        (f"administration:workflow{page} setting_id" for page in ("", "_edit", "_restore", "_move")),
        lambda _site, case, _kind: case.workflow_id,
    ),
    "setting_id": lambda _site, case, _kind: case.service_id,
    "area_kind": lambda site, _case, _kind: site.world.west.kind,
    "set_id": lambda _site, _case, _kind: AreaSet.objects.get(state="draft").pk,
}
"""What each argument of an address is in this city: for one door ("door argument"), or wherever it stands."""


def address(site: Site, door: str, arguments: tuple[str, ...], kind: str) -> str:
    """The address of a door, for the public or the private case where it leads to a case; worked out once."""
    if (door, kind) not in site.addresses:
        site.addresses[door, kind] = _address(site, door, arguments, kind)
    return site.addresses[door, kind]


def _address(site: Site, door: str, arguments: tuple[str, ...], kind: str) -> str:
    parts = {}
    for argument in arguments:
        found = PARTS.get(f"{door} {argument}") or PARTS.get(argument)
        assert found, f"Say in tests/integration/access/site.py: PARTS what “{argument}” of {door} is."
        parts[argument] = found(site, site.cases[kind], kind)
    return reverse(door, kwargs=parts)
