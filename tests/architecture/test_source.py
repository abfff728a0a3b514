"""Habits that no linter knows: judged on the syntax tree of every file."""

import ast
import subprocess
import sys
from importlib.util import find_spec

from tests.architecture.source import ROOT, code_lines, functions_of, imports_in, name_of, python_files, tree

MOST_LINES = 400
MOST_MEGABYTES = 130
PAGES = [path for path in python_files() if "web" in path.parts or path.is_relative_to(ROOT / "maps")]
# Slow to import, so a package may fetch them inside functions of one module called `heavy`.
HEAVY = {"duckdb", "folium", "nltk", "pandas", "pyarrow", "scipy", "sklearn"}


def test_no_file_is_longer_than_400_lines_of_code() -> None:
    too_long = {name_of(path): code_lines(path) for path in python_files() if code_lines(path) > MOST_LINES}
    assert too_long == {}


def test_no_script_is_longer_than_400_lines() -> None:
    scripts = [path for app in ("analytics", "backend", "maps", "requests_app") for path in (ROOT / app).rglob("*.js")]
    assert {name_of(p): n for p in scripts if (n := len(p.read_text(encoding="utf-8").splitlines())) > MOST_LINES} == {}


def test_imports_stand_at_the_top() -> None:
    found = {
        f"{name_of(path)}:{line} imports {module} inside {function.name}"
        for path in python_files()
        for function in functions_of(path)
        for module, line in imports_in(function)
        if not (path.stem == "heavy" and module.split(".")[0] in HEAVY)
    }
    assert found == set()


def test_models_are_imported_and_never_looked_up_by_a_string() -> None:
    found = {
        f"{name_of(path)}:{node.lineno}"
        for path in python_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr == "get_model"
    }
    assert found == set()


def test_pages_write_nothing_themselves() -> None:
    writing = {"save", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
    found = {
        f"{name_of(path)}:{node.lineno}"
        for path in PAGES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in writing
    }
    assert found == set()


def test_no_page_asks_the_tables_itself() -> None:
    """A page calls one action or one read."""
    asking = {
        name_of(path)
        for path in PAGES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr == "objects"
    }
    assert asking == set()


def test_nothing_flows_through_signals() -> None:
    banned = ("django.dispatch", "django.db.models.signals", "django.core.signals", "django.contrib.auth.signals")
    found = {
        f"{name_of(path)}:{line}"
        for path in python_files()
        for module, line in imports_in(tree(path))
        if module.startswith(banned)
    }
    assert found == set()


def test_django_cannot_find_psycopg_3() -> None:
    """Django would prefer it silently; COPY and LISTEN are written for psycopg2."""
    assert find_spec("psycopg") is None
    assert find_spec("psycopg2") is not None


def test_lock_files_name_no_registry() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "package-lock.json"):
        words = (ROOT / name).read_text(encoding="utf-8")
        assert "--index-url" not in words
        assert '"resolved"' not in words
        assert "pypi.org" not in words


def test_a_web_worker_starts_small() -> None:
    """Citizen pages, tiles and sockets need no slow library; a worker that loads them starts late and large."""
    script = (
        "import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'backend.settings'; import backend.asgi; "
        "from django.urls import get_resolver; get_resolver().url_patterns; "
        f"print(*sorted({HEAVY!r} & set(sys.modules))); "
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded, kilobytes = done.stdout.split("\n")[:2]
    assert loaded == ""
    assert int(kilobytes) / 1024 < MOST_MEGABYTES
