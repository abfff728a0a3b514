"""Two servers at the same due time: one report, one mail."""

from collections.abc import Callable

import pytest
from django.utils import translation

from analytics.mailing import issuing
from analytics.models import FrozenReport, Subscription
from requests_app.clock import frozen_at
from requests_app.models import OutboxEntry
from tests.integration.analytics.mailed import MADE, MONDAY, build_mailed
from tests.races import race


@pytest.fixture
def due(transactional_db: None) -> Subscription:
    with frozen_at(MADE), translation.override("en"):
        return build_mailed(5).has_mailed()


def at_its_time(run: Callable[[], object]) -> Callable[[], object]:
    def ran() -> object:
        with frozen_at(MONDAY), translation.override("en"):
            return run()

    return ran


def test_two_jobs_at_once_make_it_once(due: Subscription) -> None:
    assert sorted(race(*[at_its_time(issuing.issue_due)] * 3)) == [0, 0, 1]
    assert (FrozenReport.objects.count(), OutboxEntry.objects.count()) == (1, 1)


def test_a_claim_that_ran_out_while_it_was_made_still_gives_one(due: Subscription) -> None:
    made = race(*[at_its_time(lambda: issuing._issue(Subscription.objects.get(pk=due.pk)))] * 2)
    assert sorted(made) == [False, True]
    assert (FrozenReport.objects.count(), OutboxEntry.objects.count()) == (1, 1)
