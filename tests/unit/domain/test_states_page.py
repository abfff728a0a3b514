"""The picture of the statuses is the table of moves."""

from django.core.management import call_command

from requests_app.management.states_page import states_page
from requests_app.states import Activity, Status


def test_the_page_is_current() -> None:
    call_command("draw_states", check=True)


def test_the_page_names_every_status_and_activity() -> None:
    page = states_page()
    assert [status for status in Status if status.value not in page] == []
    assert [activity for activity in Activity if activity.value.replace("_", " ") not in page] == []
