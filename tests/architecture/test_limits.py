"""Limits: each is documented, each door that anybody may open has one, and settings that make no sense are refused."""

import os
import re
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings

from backend.checks import known_limits, known_who_asks
from backend.env import BadSetting, Env, Rate
from requests_app.web.rates import BEHIND_SIGN_IN, DOORS, SAID, WITHOUT, Limit
from tests.conftest import ROOT
from tests.integration.access.site import doors
from tests.integration.access.table import rows

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
NAMES = {f"CLEARWAY_RATE_{name}" for name in (*settings.RATE_DEFAULTS, "ME_TOO")}


def documented() -> dict[str, str]:
    """The limits of docs/operations.md with the default each names."""
    return dict(re.findall(r"^\| `(CLEARWAY_RATE_\w+)` \|.*\| ([^|]+) \|$", PAGE, flags=re.MULTILINE))


def test_every_limit_is_documented_with_its_default() -> None:
    defaults = {f"CLEARWAY_RATE_{name}": usual for name, usual in settings.RATE_DEFAULTS.items()}
    assert documented() == {**defaults, "CLEARWAY_RATE_ME_TOO": "20"}


def test_every_limit_that_is_documented_or_set_in_the_source_exists() -> None:
    written = set(re.findall(r"CLEARWAY_RATE_[A-Z_]+\b", PAGE))
    assert written <= NAMES
    assert set(Limit) == set(settings.RATE_DEFAULTS)


def test_every_limit_stands_at_a_door_and_says_why() -> None:
    used = {limit for door in DOORS.values() for limit in (door.shown, door.sent, *door.acts.values())}
    assert used | {Limit.SIGN_IN_ACCOUNT, Limit.PAGES} == set(Limit)
    assert set(SAID) == set(Limit) - {Limit.SIGN_IN_ACCOUNT}


def test_doors_that_are_named_exist_and_doors_without_a_limit_show_nothing_to_anybody() -> None:
    table = rows("Addresses")
    known = {name for name, _arguments in doors()}
    assert set(DOORS) <= known
    assert {name.split(" ")[1] for name in WITHOUT} <= known
    for name, cells in table.items():
        if (door := name.split(" ")[1]).startswith(BEHIND_SIGN_IN) and name not in WITHOUT and door not in DOORS:
            assert cells["anyone"] in {"in", "302", "403", "404", "405"}, f"{name} is open to anyone and has no limit."


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("60/hour", Rate(60, 3600)),
        ("10/15min", Rate(10, 900)),
        (" 5/2days ", Rate(5, 172_800)),
        ("1/minute", Rate(1, 60)),
        ("off", None),
    ],
)
def test_a_limit_is_read(written: str, read: Rate | None) -> None:
    assert Env({"A": written}).rate("A", "1/hour") == read


@pytest.mark.parametrize(
    "written", ["", "60", "0/hour", "-1/hour", "6/0min", "6/week", "many/hour", "٦/hour", "1e3/hour"]
)
def test_a_limit_that_makes_no_sense_is_refused_by_name(written: str) -> None:
    with pytest.raises(BadSetting, match="CLEARWAY_RATE_FILE"):
        Env({"CLEARWAY_RATE_FILE": written}).rate("CLEARWAY_RATE_FILE", "60/hour")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"RATE_NAMES_SET": ["CLEARWAY_RATE_FIEL"]}, "CLEARWAY_RATE_FIEL is no limit"),
        ({"BEHIND_PROXY": True}, "everybody would count as one network"),
        ({"CLIENT_ADDRESS_HEADER": "X-Real-IP"}, "anybody could write it"),
        ({"BEHIND_PROXY": True, "CLIENT_ADDRESS_HEADER": "X Real"}, "no name of a header"),
    ],
)
def test_settings_by_which_no_limit_would_hold_are_refused(changed: dict[str, Any], said: str, settings: Any) -> None:
    for name, value in changed.items():
        setattr(settings, name, value)
    (error,) = [*known_limits(None), *known_who_asks(None)]
    assert said in error.msg
    assert "CLEARWAY_" in str(error.hint)


def test_good_settings_are_taken(settings: Any) -> None:
    settings.RATE_NAMES_SET = sorted(NAMES)
    settings.BEHIND_PROXY, settings.CLIENT_ADDRESS_HEADER = True, "X-Forwarded-For"
    assert [*known_limits(None), *known_who_asks(None)] == []


def test_a_server_does_not_start_with_a_limit_that_does_not_exist() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "backend.settings", "CLEARWAY_RATE_FIEL": "5/hour"}
    started = subprocess.run(
        [sys.executable, "-c", "import backend.wsgi"],
        cwd=ROOT,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
    )
    assert started.returncode != 0
    assert "CLEARWAY_RATE_FIEL is no limit. Write one of" in started.stderr
