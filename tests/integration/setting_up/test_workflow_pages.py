"""Pages of workflows: seen, written, previewed, refused, saved by two at once, put back; cases moved from the page."""

import pytest
from django.test import Client

from requests_app.actions.workflow_versions import save_workflow
from requests_app.models import RequestEvent, User, Workflow
from requests_app.permissions import Viewer
from requests_app.workflows.shipped import shipped
from tests import factories
from tests.permits import SOURCE, Permits, move

pytestmark = pytest.mark.django_db


@pytest.fixture
def permits() -> Permits:
    return Permits.begin()


def signed_in(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


@pytest.fixture
def client(permits: Permits) -> Client:
    return signed_in(permits.world.administrator)


def edit(permits: Permits, **fields: str) -> tuple[str, dict[str, str]]:
    return f"/manage/workflows/{permits.workflow.pk}/edit/", {"version": "1", "source": SOURCE, **fields}


def versions() -> list[int]:
    return sorted(Workflow.objects.filter(code="permit").values_list("version", flat=True))


RENAMED = SOURCE.replace('en = "Intake"', 'en = "Front counter"')
DEAD_END = SOURCE.replace("joins = true", 'to = "plans_again"')
UNKNOWN_OFFICE = SOURCE.replace('office = "parks"', 'office = "nowhere"')


def test_the_list_names_versions_services_and_open_requests(permits: Permits, client: Client) -> None:
    permits.filed()
    page = client.get("/manage/workflows/").content.decode()
    row = page[page.index(f"/manage/workflows/{permits.workflow.pk}/") :]
    assert row.index("Permit") < row.index("Permit</td>") < row.index('<td class="number">1</td>')


@pytest.mark.parametrize(
    ("language", "name", "office"), [("en", "Site visit", "Roads office"), ("fr", "Visite", "Bureau roads")]
)
def test_a_workflow_is_drawn_and_told_in_the_readers_language(
    permits: Permits, client: Client, language: str, name: str, office: str
) -> None:
    page = client.get(f"/manage/workflows/{permits.workflow.pk}/", {"lang": language}).content.decode()
    assert page.count('class="flow__box"') == len(page.split("<h3>")) - 1 == 7
    assert f">{name}</text>" in page
    assert f">{office}</text>" in page
    assert "flow__bar" in page
    assert "flow__end" in page


def test_strangers_and_other_roles_are_kept_out(permits: Permits) -> None:
    for tail in ("", "edit/", "move/"):
        address = f"/manage/workflows/{permits.workflow.pk}/{tail}"
        assert Client().get(address).status_code == 302
        assert signed_in(permits.world.manager).get(address).status_code == 403
        assert signed_in(factories.world().administrator).get(address).status_code == 404


def test_a_changed_text_is_previewed_and_then_saved_as_the_next_version(permits: Permits, client: Client) -> None:
    permits.filed()
    address, form = edit(permits, source=RENAMED, preview="1")
    page = client.post(address, form).content.decode()
    assert "Front counter" in page
    assert "nothing is saved yet" in page
    assert "The one open request could be moved" in page
    assert versions() == [1]
    answer = client.post(*edit(permits, source=RENAMED))
    assert answer.status_code == 302
    assert versions() == [1, 2]
    page = client.get(answer.headers["Location"]).content.decode()
    assert "Saved as version 2." in page
    assert "+ names = { en = &quot;Front counter&quot;" in page


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (DEAD_END, "The branch never ends"),
        (UNKNOWN_OFFICE, "There is no office, or kind of office, “nowhere” here."),
        (SOURCE.replace('to = "site"', 'to = "moon"'), "Step “intake”, move “pass_on”: There is no step “moon”."),
        ("code = ", "The text is not valid TOML"),
        ("", "“code” is missing"),
        (SOURCE.replace('code = "permit"', 'code = "other"', 1), "The code of a workflow cannot change"),
    ],
)
def test_what_is_wrong_is_told_and_the_text_is_kept(permits: Permits, client: Client, source: str, told: str) -> None:
    for button in ({}, {"preview": "1"}):
        if "cannot change" in told and button:
            continue
        address, form = edit(permits, source=source)
        answer = client.post(address, {**form, **button})
        assert answer.status_code == 422
        assert told in answer.content.decode()
        assert answer.context["sheet"].source == source
    assert versions() == [1]


def test_the_second_of_two_administrators_keeps_their_text_and_sees_the_difference(
    permits: Permits, client: Client
) -> None:
    address, form = edit(permits, source=RENAMED)
    client.post(address, form)
    mine = SOURCE.replace('en = "Fire"', 'en = "Fire safety"')
    answer = client.post(address, {**form, "source": mine})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody else was faster" in page
    assert answer.context["sheet"].source == mine
    assert "− names = { en = &quot;Front counter&quot;" in page
    assert versions() == [1, 2]
    assert client.post(address, {"version": "2", "source": mine}).status_code == 302
    assert versions() == [1, 2, 3]


def test_an_older_version_is_put_back_as_a_new_one(permits: Permits, client: Client) -> None:
    address, form = edit(permits, source=RENAMED)
    client.post(address, form)
    answer = client.post(f"/manage/workflows/{permits.workflow.pk}/restore/", {"version": "2"})
    assert answer.status_code == 302
    assert Workflow.objects.get(code="permit", version=3).source == SOURCE
    assert client.post(f"/manage/workflows/{permits.workflow.pk}/restore/", {"version": "2"}).status_code == 409
    opened = client.get(f"/manage/workflows/{permits.workflow.pk}/restore/")  # the language was changed on a refusal
    assert opened.headers["Location"] == f"/manage/workflows/{permits.workflow.pk}/edit/"


def test_a_new_workflow_begins_from_one_of_the_shipped_ones(permits: Permits, client: Client) -> None:
    page = client.get("/manage/workflows/new/", {"from": "feedback"})
    assert page.context["sheet"].source == shipped()["feedback"]
    answer = client.post("/manage/workflows/new/", {"source": SOURCE, "version": "0"})
    assert answer.status_code == 422
    assert "a workflow “permit” already" in answer.content.decode()
    other = SOURCE.replace('code = "permit"', 'code = "licence"', 1)
    assert client.post("/manage/workflows/new/", {"source": other, "version": "0"}).status_code == 302
    assert Workflow.objects.get(code="licence").version == 1


# --- Moving open cases -----------------------------------------------------------------------------------------------

WITHOUT_SITE = SOURCE.replace('code = "site"', 'code = "look"').replace('to = "site"', 'to = "look"')


def test_open_cases_are_tried_and_then_moved_and_those_that_do_not_fit_stay(permits: Permits, client: Client) -> None:
    at_intake, at_site = permits.filed(), move(permits.filed().started(), "pass_on")
    newest = save_workflow(
        permits.world.administrator,
        jurisdiction_id=permits.world.jurisdiction.pk,
        source=WITHOUT_SITE,
        seen_version=1,
    )
    address = f"/manage/workflows/{newest.pk}/move/"
    before = RequestEvent.objects.count()
    page = client.get(address).content.decode()
    assert "One request fits and would go on with it." in page
    assert "One does not fit" in page
    assert at_site.request.reference in page
    assert "has no step “site”" in page
    tried = client.get(address, {"step-site": "look"}).content.decode()
    assert "2 requests fit" in tried
    assert RequestEvent.objects.count() == before
    assert "1 request was moved." in client.post(address, follow=True).content.decode()
    assert "1 request was moved." in client.post(address, {"step-site": "look"}, follow=True).content.decode()
    for play in (at_intake, at_site):
        play.request.refresh_from_db()
        assert play.request.workflow_id == newest.pk
    assert at_site.request.step == "look"


def test_a_step_that_the_version_does_not_have_is_never_a_target(permits: Permits, client: Client) -> None:
    move(permits.filed().started(), "pass_on")
    newest = save_workflow(
        permits.world.administrator,
        jurisdiction_id=permits.world.jurisdiction.pk,
        source=WITHOUT_SITE,
        seen_version=1,
    )
    page = client.get(f"/manage/workflows/{newest.pk}/move/", {"step-site": "moon", "step-": "x", "step-intake": ""})
    assert page.status_code == 200
    assert "One does not fit" in page.content.decode()


def test_the_pages_cost_few_statements(permits: Permits, client: Client, django_assert_max_num_queries) -> None:
    for _ in range(3):
        permits.filed()
    with django_assert_max_num_queries(10):
        client.get("/manage/workflows/")
    with django_assert_max_num_queries(12):
        client.get(f"/manage/workflows/{permits.workflow.pk}/")
