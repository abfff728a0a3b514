"""Every door starts from the one visibility rule: judged on the syntax tree, so that a new read cannot forget it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import ROOT, name_of, python_files, tree

DOORS = ("requests_app/reads", "requests_app/web", "requests_app/open311", "requests_app/live.py", "maps", "backend")
RULES = {"visible_to", "in_reach_of"}

ELSEWHERE_DECIDED = {
    "requests_app/reads/one_request.py:find_by_secret": "the secret link is the right, compared in constant time",
    "requests_app/reads/one_request.py:find_by_person": "the signed link of a mail is the right, checked before",
    "requests_app/reads/desk_case.py:touched_by": "only cases that this clerk has filed, told by their own events",
    "requests_app/reads/chosen.py:_open_held": "how much work a colleague has; only the count leaves",
    "requests_app/reads/past_cases.py:period_of": "rules are rehearsed on every case of a place; only the count leaves",
    "requests_app/reads/past_cases.py:_last_filed": "the same: only a moment leaves",
}
"""Where a query over requests does not start from the rule, and why it may not."""

PERSONAL = {"Person", "PersonRead"}
MAY_TOUCH_PERSONS = ("requests_app/privacy/", "requests_app/actions/", "fixtures/")  # who reads, who writes


def files() -> list[Path]:
    return [p for p in python_files() if name_of(p).startswith(DOORS)]


def queries(path: Path, model: str) -> Iterator[tuple[str, set[str]]]:
    """Each chain that begins `Model.objects`, with its function and the names of what it calls."""
    for function in [n for n in ast.walk(tree(path)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]:
        parents = {child: node for node in ast.walk(function) for child in ast.iter_child_nodes(node)}
        for node in ast.walk(function):
            if is_objects_of(node, model):
                yield function.name, called_on(node, parents)


def is_objects_of(node: ast.AST, model: str) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "objects"
        and isinstance(node.value, ast.Name)
        and node.value.id == model
    )


def called_on(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> set[str]:
    """The attributes that are taken from a chain, one after another."""
    names = set()
    while isinstance(above := parents.get(node), ast.Attribute | ast.Call) and getattr(above, "func", node) is node:
        if isinstance(above, ast.Attribute):
            names.add(above.attr)
        node = above
    return names


def test_every_query_over_requests_starts_from_the_visibility_rule() -> None:
    unruled = {
        f"{name_of(path)}:{function}"
        for path in files()
        for function, called in queries(path, "ServiceRequest")
        if not RULES & called
    }
    assert unruled == set(ELSEWHERE_DECIDED)


def test_the_check_sees_what_it_should(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(
        "def good(v):\n    return ServiceRequest.objects.visible_to(v).filter(a=1).count()\n"
        "def bad(v):\n    return list(ServiceRequest.objects.filter(a=visible_to(v)))\n",
        encoding="utf-8",
    )
    found = {function: bool(RULES & called) for function, called in queries(planted, "ServiceRequest")}
    assert found == {"good": True, "bad": False}


def test_personal_data_is_read_in_one_place() -> None:
    touched = {
        name_of(path)
        for path in python_files()
        for model in PERSONAL
        for _function, _called in queries(path, model)
        if not name_of(path).startswith(MAY_TOUCH_PERSONS)
    }
    assert touched == set()
    assert (ROOT / "requests_app/privacy/people.py").is_file()
