"""The product's source files, read once."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("analytics", "backend", "fixtures", "maps", "requests_app")


def python_files(*packages: str) -> list[Path]:
    """Return every Python file of the packages, without migrations."""
    found = (path for package in packages or PACKAGES for path in (ROOT / package).rglob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports_in(node: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield what is imported anywhere below a node, with its line."""
    for found in ast.walk(node):
        if isinstance(found, ast.Import):
            yield from ((alias.name, found.lineno) for alias in found.names)
        elif isinstance(found, ast.ImportFrom):
            yield found.module or "", found.lineno


def functions_of(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def code_lines(path: Path) -> int:
    """Count the lines that hold code: no blanks, no comments, no docstrings."""
    silent = set()
    for node in ast.walk(tree(path)):
        is_words = (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        )
        if is_words:
            silent.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    return sum(1 for n, line in lines if line.strip() and not line.strip().startswith("#") and n not in silent)
