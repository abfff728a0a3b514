"""The moves of the desk in groups: none is lost, none stands twice, the usual one is in the open."""

from types import SimpleNamespace
from typing import Any

import pytest

from requests_app.web.desk.move_groups import GROUP, TITLES, grouped
from requests_app.web.desk.moves import MOVES


def offered(usual: str) -> list[dict[str, Any]]:
    return [{"move": move, "is_usual": move.slug == usual} for move in MOVES]


def slugs(entries: Any) -> list[str]:
    return [entry["move"].slug for entry in entries]


@pytest.mark.parametrize("has_steps", [True, False])
@pytest.mark.parametrize("usual", ["accept", "start", "close"])
def test_every_move_stands_once(has_steps: bool, usual: str) -> None:
    found = grouped(offered(usual), has_steps=has_steps)
    everywhere = slugs(found.shown) + [slug for group in found.folded for slug in slugs(group.entries)]
    assert sorted(everywhere) == sorted(move.slug for move in MOVES)


def test_beside_the_moves_of_a_step_only_the_one_before_them_is_in_the_open() -> None:
    assert slugs(grouped(offered("start"), has_steps=True).shown) == ["start"]
    assert slugs(grouped(offered("close"), has_steps=True).shown) == [], "a step closes by a move of its own"


def test_without_steps_the_work_is_in_the_open_and_the_rest_is_folded() -> None:
    found = grouped(offered("accept"), has_steps=False)
    assert {"accept", "close", "schedule"} <= set(slugs(found.shown))
    assert [group.code for group in found.folded] == ["offices", "citizen", "file"]


def test_the_group_of_a_form_that_was_not_taken_is_open() -> None:
    found = grouped(offered("accept"), has_steps=True, tried="comment")
    assert [group.code for group in found.folded if group.is_open] == ["citizen"]


def test_groups_are_of_moves_there_are_or_of_the_file() -> None:
    assert set(GROUP.values()) < set(TITLES)
    unknown = {"move": SimpleNamespace(slug="something-new"), "is_usual": False}
    (group,) = grouped([unknown], has_steps=False).folded
    assert group.code == "file"
