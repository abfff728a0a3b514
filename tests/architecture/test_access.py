"""Every address, activity and command has its row in docs/access.md; tests/integration/access tries the rows."""

from django.core.management import get_commands

from requests_app.states import Activity
from tests.integration.access.acts import ACTS_OF_PEOPLE, NOT_BY_PEOPLE
from tests.integration.access.site import doors
from tests.integration.access.table import PAGE, rows, waiting

HOW = (
    "CLEARWAY_DOOR=part-of-its-name ./clearway test tests/integration/access -n 0 prints the rows. "
    "Read them as somebody who wants to get in, then paste them."
)


def test_every_address_has_a_row() -> None:
    without = {door for door, _arguments in doors()} - {name.split(" ")[-1] for name in rows("Addresses")} - waiting()
    assert not without, f"Who may open {', '.join(sorted(without))}? docs/access.md does not say. {HOW}"


def test_every_activity_is_somebodys_act_with_a_row() -> None:
    nobodys = set(Activity) - set(ACTS_OF_PEOPLE) - set(NOT_BY_PEOPLE)
    assert not nobodys, f"Give {sorted(nobodys)} the real action in tests/integration/access/acts.py. {HOW}"
    without = set(ACTS_OF_PEOPLE) - set(rows("Acts")) - waiting()
    assert not without, f"Who may do this: {sorted(without)}? docs/access.md does not say. {HOW}"


def test_every_command_says_whose_rights_it_uses() -> None:
    ours = {name for name, app in get_commands().items() if app in ("backend", "requests_app", "analytics", "maps")}
    told = rows("Commands")
    assert ours == set(told), f"docs/access.md, “Commands”, differs by {sorted(ours ^ set(told))}."
    assert all(row["acts as"] for row in told.values())
    assert "the operator’s shell" in PAGE.read_text(encoding="utf-8")
