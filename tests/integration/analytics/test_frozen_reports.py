"""A frozen report stays what it was, whoever may read it reads it, and a link to it ends."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from analytics.freezing import readable
from analytics.models import FrozenReport, SharedLink
from analytics.reports.frozen import digest_of
from requests_app.clock import frozen_at
from requests_app.models import Membership
from requests_app.permissions import Grant, Role, Viewer
from tests.integration.analytics.frozen_pages import frozen, link_to
from tests.integration.analytics.town import PRESENT, Town

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("page", ["", "ageing"])
def test_the_page_that_is_shown_is_kept_with_its_tables_filters_version_and_hash(
    evaluator: Client, page: str, settings
) -> None:
    settings.CODE_VERSION = "v9"
    report = frozen(evaluator, page, "from=2026-01-01")
    assert (report.page, report.asked, report.code_version) == (page, {"from": "2026-01-01"}, "v9")
    assert report.as_of == PRESENT
    assert report.cut["cases"] == 5
    assert report.digest == digest_of(report.content)
    assert any(section["table"]["rows"] for section in report.content["sections"] if section["table"])
    shown = evaluator.get(f"/evaluate/frozen/{report.pk}/").content.decode()
    assert report.content["headline"] in shown
    assert report.digest in shown
    assert "v9" in shown


def test_what_happens_later_changes_nothing(town: Town, evaluator: Client) -> None:
    report = frozen(evaluator)
    town.offices["intake"].names = {"en": "Renamed desk"}
    town.offices["intake"].save()
    assert "Renamed desk" not in evaluator.get(f"/evaluate/frozen/{report.pk}/").content.decode()
    report.content = {}
    with pytest.raises(TypeError, match="never changes"):
        report.save()


def test_an_address_with_a_nul_is_kept_without_it(evaluator: Client) -> None:
    kept = evaluator.post("/evaluate/permit-town/freeze/", {"page": "", "query": "from=2026-01-01&x=%00y"})
    assert kept.status_code == 302
    assert FrozenReport.objects.get().asked == {"from": "2026-01-01", "x": "y"}


def test_bad_filters_are_refused_in_a_sentence_and_nothing_is_kept(evaluator: Client) -> None:
    response = evaluator.post("/evaluate/permit-town/freeze/", {"page": "", "query": "from=yesterday"})
    assert response.status_code == 422
    assert "is not a day" in response.content.decode()
    assert not FrozenReport.objects.exists()


def listed(client: Client) -> set[str]:
    return set(re.findall(r"frozen/(\d+)/", client.get("/evaluate/permit-town/frozen/").content.decode()))


def test_who_evaluates_only_a_part_reads_their_own_and_not_what_was_frozen_of_the_whole(
    town: Town, evaluator: Client
) -> None:
    report = frozen(evaluator)
    partly, other = (town.browser(service=town.services["pothole"]) for _ in range(2))
    assert partly.get(f"/evaluate/frozen/{report.pk}/").status_code == 404
    own = frozen(partly)
    assert (report.is_whole, own.is_whole) == (True, False)
    assert (
        "of the part of the place that its author may measure"
        in partly.get(f"/evaluate/frozen/{own.pk}/").content.decode()
    )
    assert other.get(f"/evaluate/frozen/{own.pk}/").status_code == 404
    assert listed(partly) == {str(own.pk)}
    assert listed(evaluator) == {str(own.pk), str(report.pk)}


def test_who_measured_the_whole_once_and_a_part_now_reads_no_longer_what_they_froze(town: Town) -> None:
    user, client = town.evaluator(), Client()
    client.force_login(user)
    report = frozen(client)
    Membership.objects.filter(user=user).update(service=town.services["pothole"])
    assert client.get(f"/evaluate/frozen/{report.pk}/").status_code == 404


def test_who_evaluates_every_place_reads_all_and_who_does_a_part_of_each_only_their_own(
    town: Town, evaluator: Client
) -> None:
    report = frozen(evaluator)
    everywhere = Viewer(1, (Grant(Role.EVALUATOR, None),))
    partly = Viewer(1, (Grant(Role.EVALUATOR, None, service_id=town.services["pothole"].pk),))
    assert list(readable(everywhere)) == [report]
    assert not readable(partly).exists()


def test_a_link_is_read_without_an_account_until_it_ends(evaluator: Client) -> None:
    report = frozen(evaluator)
    address = link_to(evaluator, report)
    response = Client().get(address)
    assert response.status_code == 200
    assert "sign in to read this report" in response.content.decode()
    with frozen_at(PRESENT + timedelta(days=31)):
        assert Client().get(address).status_code == 410


def test_a_link_that_was_taken_back_or_altered_shows_nothing(evaluator: Client) -> None:
    report = frozen(evaluator)
    address = link_to(evaluator, report)
    link = SharedLink.objects.get()
    assert evaluator.post(f"/evaluate/frozen/{report.pk}/share/{link.pk}/end/").status_code == 302
    assert Client().get(address).status_code == 410
    assert Client().get(address[:-3] + "xx/").status_code == 404


@pytest.mark.parametrize("days", ["", "0", "4000", "x"])
def test_a_link_is_good_for_a_time_that_is_offered(evaluator: Client, days: str) -> None:
    report = frozen(evaluator)
    assert evaluator.post(f"/evaluate/frozen/{report.pk}/share/", {"days": days}).status_code == 422
    assert not SharedLink.objects.exists()


def test_the_file_holds_what_the_hash_is_of(evaluator: Client) -> None:
    report = frozen(evaluator)
    said = evaluator.get(f"/evaluate/frozen/{report.pk}.json").json()
    assert digest_of(said["content"]) == said["sha256"] == report.digest
