"""A report comes by mail at its times, once, to those who may read it, and stops when they say so or may not."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker

from analytics.mailing.issuing import end_lost, issue_due
from analytics.models import FrozenReport, SharedLink, Subscription, SubscriptionIssue, SubscriptionReader
from requests_app.actions.bulk import write_cases
from requests_app.clock import frozen_at
from requests_app.models import Membership, OutboxEntry, User
from requests_app.notify.letters import one_line
from requests_app.permissions import Role
from tests.integration.analytics.mailed import (
    MADE,
    MONDAY,
    Mailed,
    browser,
    built_once,
    run_jobs,
)
from tests.integration.analytics.town import alike

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
FORM = {"every": "month", "weekday": "1", "monthday": "31", "language": "fr", "link_days": "0"}


@pytest.fixture(scope="module")
def mailed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Mailed]:
    with built_once(django_db_blocker) as made:
        yield made


def test_at_its_time_the_report_is_frozen_as_it_is_then_and_mailed_once(mailed: Mailed) -> None:
    subscription = mailed.has_mailed()
    assert run_jobs(MONDAY - timedelta(minutes=2)) == []
    (mail,) = run_jobs(MONDAY)
    report = FrozenReport.objects.get()
    assert report.as_of == report.frozen_at == MONDAY
    assert (mail.to, report.frozen_by) == ([mailed.owner.email], mailed.owner)
    assert one_line(report.content["headline"]) in mail.body
    assert f"/evaluate/frozen/{report.pk}/" in mail.body
    assert one_line(report.content["headline"]) in mail.alternatives[0].content
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.extra_headers["List-Unsubscribe"].strip("<>") in mail.body
    assert run_jobs(MONDAY + timedelta(hours=3)) == []
    subscription.refresh_from_db()
    assert subscription.next_at == MONDAY.replace(minute=0) + WEEK


def test_the_mail_carries_the_form_for_people_without_an_account_as_pdf(mailed: Mailed) -> None:
    mailed.has_mailed()
    (mail,) = run_jobs(MONDAY)
    ((name, content, media_type),) = mail.attachments
    assert (name[-11:], media_type) == ("-public.pdf", "application/pdf")
    assert content.startswith(b"%PDF")


def test_a_report_of_few_cases_says_nothing_in_a_mail(mailed: Mailed) -> None:
    mailed.has_mailed(asked={"office": "review", "to": "2026-03-06"})
    (mail,) = run_jobs(MONDAY)
    assert "sign in to read this report" in mail.body
    assert one_line(FrozenReport.objects.get().content["headline"]) not in mail.body


def test_times_that_were_missed_are_made_up_once(mailed: Mailed) -> None:
    subscription = mailed.has_mailed()
    assert len(run_jobs(MONDAY + 3 * WEEK + timedelta(hours=5))) == 1
    subscription.refresh_from_db()
    assert subscription.next_at == MONDAY.replace(minute=0) + 4 * WEEK


def test_each_mail_says_what_the_one_before_said(mailed: Mailed) -> None:
    mailed.has_mailed()
    (first,) = run_jobs(MONDAY)
    assert "last time" not in first.body.lower()
    (second,) = run_jobs(MONDAY + WEEK)
    assert "The headline is the same as last time (April 6, 2026)." in second.body
    write_cases(
        mailed.town.place.pk, [alike(mailed.town, 50 + n, "roads", lasting=9) for n in range(9)], check_moves=True
    )
    (third,) = run_jobs(MONDAY + 2 * WEEK)
    told = [one_line(issue.report.content["headline"]) for issue in SubscriptionIssue.objects.all()]
    assert told[0] != told[1]
    assert f"Last time (April 13, 2026): {told[1]}" in third.body


def test_who_lost_the_right_gets_no_mail_and_an_administrator_sees_why(mailed: Mailed) -> None:
    subscription = mailed.has_mailed()
    Membership.objects.filter(user=mailed.owner).delete()
    assert run_jobs(MONDAY) == []
    assert not FrozenReport.objects.exists()
    subscription.refresh_from_db()
    assert subscription.ended_because == "no_right"
    administrator = mailed.town.evaluator()
    Membership.objects.filter(user=administrator).update(role=Role.ADMINISTRATOR)
    shown = browser(administrator).get("/evaluate/mails/").content.decode()
    assert "the right to read these reports ended" in shown
    assert "Owner" in shown


def test_the_right_is_looked_at_again_when_the_mail_is_sent(mailed: Mailed) -> None:
    mailed.has_mailed()
    with frozen_at(MONDAY):
        assert issue_due()
    Membership.objects.filter(user=mailed.owner).delete()
    assert run_jobs(MONDAY) == []
    assert OutboxEntry.objects.get().result == "nobody"


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": ""}])
def test_a_closed_account_ends_it_before_it_is_due(mailed: Mailed, change: dict) -> None:
    subscription, other = mailed.has_mailed(), mailed.reader("Other")
    User.objects.filter(pk=mailed.owner.pk).update(**change)
    with frozen_at(MADE):
        assert end_lost() == 1
    subscription.refresh_from_db()
    assert subscription.ended_because == "closed"
    assert other.is_active


def test_an_erased_account_takes_its_reports_along(mailed: Mailed) -> None:
    mailed.has_mailed()
    User.objects.get(pk=mailed.owner.pk).delete()
    assert not Subscription.objects.exists()
    assert run_jobs(MONDAY) == []


def test_filters_that_name_something_gone_end_it(mailed: Mailed) -> None:
    subscription = mailed.has_mailed(asked={"service": "gone"})
    assert run_jobs(MONDAY) == []
    subscription.refresh_from_db()
    assert subscription.ended_because == "filters"


def test_a_report_that_cannot_be_made_is_tried_a_few_times_and_the_next_time_anew(
    mailed: Mailed, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    subscription = mailed.has_mailed()

    def broken(*_given: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr("analytics.mailing.issuing.kept_page", broken)
        assert run_jobs(MONDAY) == []
        assert run_jobs(MONDAY + timedelta(minutes=5)) == []
        subscription.refresh_from_db()
        assert subscription.tries == 1
        for hour in range(1, 6):
            run_jobs(MONDAY + timedelta(hours=hour))
    subscription.refresh_from_db()
    assert (subscription.missed_at, subscription.tries) == (MONDAY.replace(minute=0), 0)
    assert "could not be made" in caplog.text
    assert "could not be made" in browser(mailed.owner).get("/evaluate/mails/").content.decode()
    assert len(run_jobs(MONDAY + WEEK)) == 1


# --- Colleagues, and people without an account -----------------------------------------------------------------------


def test_a_colleague_has_it_in_their_own_language(mailed: Mailed) -> None:
    other = mailed.reader("Autre", "fr")
    mailed.has_mailed(colleagues=(other.pk,))
    by_reader = {mail.to[0]: mail for mail in run_jobs(MONDAY)}
    french = FrozenReport.objects.get(language="fr")
    assert one_line(french.content["headline"]) in by_reader[other.email].body
    assert "Ouvrir le rapport" in by_reader[other.email].body
    english = FrozenReport.objects.get(language="en")
    assert one_line(english.content["headline"]) in by_reader[mailed.owner.email].body


def test_a_colleague_who_may_not_read_it_any_more_gets_none_and_the_owner_does(mailed: Mailed) -> None:
    other = mailed.reader("Other")
    mailed.has_mailed(colleagues=(other.pk,))
    Membership.objects.filter(user=other).update(service=mailed.town.services["pothole"])
    assert [mail.to for mail in run_jobs(MONDAY)] == [[mailed.owner.email]]
    assert SubscriptionReader.objects.get(user=other).ended_because == "no_right"
    assert "No more to Other" in browser(mailed.owner).get("/evaluate/mails/").content.decode()


def test_the_link_of_the_mail_shows_at_first_and_stops_when_sent(mailed: Mailed) -> None:
    other = mailed.reader("Other")
    subscription = mailed.has_mailed(colleagues=(other.pk,))
    mail = next(mail for mail in run_jobs(MONDAY) if mail.to == [other.email])
    link = re.search(r"/evaluate/mails/stop/[^>]+/", mail.extra_headers["List-Unsubscribe"])[0]
    stranger = Client(enforce_csrf_checks=True)
    assert "Stop this report?" in stranger.get(link).content.decode()
    assert SubscriptionReader.objects.get(user=other).ended_at is None
    for _twice in range(2):
        assert stranger.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert [mail.to for mail in run_jobs(MONDAY + WEEK)] == [[mailed.owner.email]]
    assert stranger.get(link[:-3] + "aa/").status_code == 404
    again = {**FORM, "every": "week", "colleagues": [str(other.pk)]}
    assert browser(mailed.owner).post(f"/evaluate/mails/{subscription.pk}/", again).status_code == 302
    assert SubscriptionReader.objects.get(user=other).ended_because == "stopped"


def test_the_last_reader_who_stops_it_ends_it(mailed: Mailed) -> None:
    subscription = mailed.has_mailed()
    (mail,) = run_jobs(MONDAY)
    Client().post(re.search(r"/evaluate/mails/stop/[^>]+/", mail.extra_headers["List-Unsubscribe"])[0])
    subscription.refresh_from_db()
    assert subscription.ended_because == "stopped"


def test_people_without_an_account_get_a_link_that_ends_and_no_mail(mailed: Mailed) -> None:
    mailed.has_mailed(link_days=30)
    (mail,) = run_jobs(MONDAY)
    link = SharedLink.objects.get()
    assert link.expires_at == MONDAY + timedelta(days=30)
    address = re.search(r"/evaluate/shared/[^/]+/", mail.body)[0]
    with frozen_at(MONDAY):
        assert Client().get(address).status_code == 200
        assert Client().get(f"{address}report.pdf").content.startswith(b"%PDF")
    with frozen_at(MONDAY + timedelta(days=31)):
        assert Client().get(f"{address}report.pdf").status_code == 410


# --- The pages -------------------------------------------------------------------------------------------------------


def test_a_page_is_asked_for_with_its_filters_and_stands_in_the_list(mailed: Mailed) -> None:
    with frozen_at(MADE):
        client = browser(mailed.owner)
        report = client.get("/evaluate/permit-town/ageing/?service=pothole").content.decode()
        link = re.search(r'href="(/evaluate/permit-town/mail/[^"]+)"', report)[1].replace("&amp;", "&")
        form = client.get(link).content.decode()
        hidden = dict(re.findall(r'type="hidden" name="(page|query)" value="([^"]*)"', form))
        assert hidden == {"page": "ageing", "query": "service=pothole"}
        assert client.post("/evaluate/permit-town/mail/", {**FORM, **hidden}).status_code == 302
        made = Subscription.objects.get()
        assert (made.page, made.asked, made.language) == ("ageing", {"service": "pothole"}, "fr")
        shown = client.get("/evaluate/mails/").content.decode()
        assert "on the last day of every month, next: April 30, 2026" in shown
        assert client.post(f"/evaluate/mails/{made.pk}/end/").status_code == 302
        assert client.post(f"/evaluate/mails/{made.pk}/end/").status_code == 404
    made.refresh_from_db()
    assert made.ended_because == "asked"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"every": "hour"}, "“How often”"),
        ({"monthday": "32"}, "“Day of the month”"),
        ({"every": "week", "weekday": "0"}, "“Day of the week”"),
        ({"language": "tlh"}, "“Language”"),
        ({"link_days": "4000"}, "“Link for people without an account”"),
        ({"colleagues": ["999999"]}, "“Also to”"),
        ({"query": "from=yesterday"}, "is not a day"),
        ({"query": "service=none"}, "There is no service"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_that_names_it(mailed: Mailed, changed: dict, said: str) -> None:
    response = browser(mailed.owner).post("/evaluate/permit-town/mail/", {**FORM, "page": "", **changed})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Subscription.objects.exists()


def test_who_measures_a_part_of_the_place_names_no_colleague(mailed: Mailed) -> None:
    whole = mailed.reader("Whole")
    part = mailed.reader("Part", service=mailed.town.services["pothole"])
    assert "Whole" not in browser(part).get("/evaluate/permit-town/mail/").content.decode()
    sent = {**FORM, "colleagues": [str(whole.pk)]}
    assert browser(part).post("/evaluate/permit-town/mail/", sent).status_code == 422
    assert "Part" not in browser(whole).get("/evaluate/permit-town/mail/").content.decode()


def test_an_account_without_a_mail_address_is_told_so(mailed: Mailed) -> None:
    silent = mailed.town.evaluator()
    response = browser(silent).post("/evaluate/permit-town/mail/", FORM)
    assert response.status_code == 422
    assert "no mail address" in response.content.decode()


def test_what_is_others_can_neither_be_changed_nor_ended(mailed: Mailed) -> None:
    subscription, other = mailed.has_mailed(), mailed.reader("Other")
    for address in (f"/evaluate/mails/{subscription.pk}/", f"/evaluate/mails/{subscription.pk}/end/"):
        assert browser(other).post(address, FORM).status_code == 404
    subscription.refresh_from_db()
    assert subscription.ended_at is None


def test_nobody_has_more_than_twenty(mailed: Mailed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics.mailing.orders.MOST", 1)
    mailed.has_mailed()
    response = browser(mailed.owner).post("/evaluate/permit-town/mail/", FORM)
    assert response.status_code == 422
    assert Subscription.objects.count() == 1


def test_days_of_filing_move_along_where_that_was_asked(mailed: Mailed) -> None:
    mailed.has_mailed(asked={"from": "2026-03-01", "to": "2026-04-01"}, moves=True)
    run_jobs(MONDAY)
    assert FrozenReport.objects.get().asked == {"from": "2026-03-06", "to": "2026-04-06"}
