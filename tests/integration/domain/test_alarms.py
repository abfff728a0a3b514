"""Alarms: raised once, settled, raised again."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from requests_app.actions.alarms import raise_alarm, settle_alarms
from requests_app.models import Alarm, AlarmKind
from tests import factories

BROKEN = AlarmKind.RULE_BROKEN


@pytest.mark.django_db
def test_the_same_alarm_is_raised_once_until_it_is_settled() -> None:
    place = factories.jurisdiction()
    for _ in range(3):
        raise_alarm(BROKEN, place.pk, subject="snow", codes={"problem": "office_closed"})
    raise_alarm(BROKEN, place.pk, subject="trees")
    assert Alarm.objects.filter(settled_at=None).count() == 2
    assert settle_alarms(BROKEN, place.pk, subject="snow") == 1
    raise_alarm(BROKEN, place.pk, subject="snow")
    assert Alarm.objects.filter(subject="snow").count() == 2


@pytest.mark.django_db
def test_an_alarm_of_one_case_is_not_that_of_another() -> None:
    world = factories.world()
    first, second = (factories.file_request(world.pothole) for _ in range(2))
    for request in (first, second, first):
        raise_alarm(AlarmKind.HANDOFF_EXPIRED, world.jurisdiction.pk, request_id=request.pk, office_id=world.roads.pk)
    assert Alarm.objects.count() == 2
    assert settle_alarms(AlarmKind.HANDOFF_EXPIRED, world.jurisdiction.pk, request_id=first.pk) == 1


@pytest.mark.django_db(transaction=True)
def test_many_at_once_raise_one() -> None:
    place = factories.jurisdiction()

    def raise_it(_number: int) -> None:
        raise_alarm(BROKEN, place.pk, subject="snow")
        connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(raise_it, range(12)))
    assert Alarm.objects.count() == 1
