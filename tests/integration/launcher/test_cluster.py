"""Private clusters, made for real in throw-away checkouts."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from backend.env import parse_database_url, read_file

ROOT = Path(__file__).resolve().parents[3]


def launcher(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    command = [sys.executable, "-m", "backend.launcher", *words]
    return subprocess.run(command, cwd=checkout, env=environment, text=True, capture_output=True, check=False)


def make_checkout(folder: Path) -> Path:
    (folder / "backend").mkdir(parents=True)
    shutil.copyfile(ROOT / "backend" / "__init__.py", folder / "backend" / "__init__.py")
    shutil.copytree(ROOT / "backend" / "launcher", folder / "backend" / "launcher")
    return folder


def places(checkout: Path) -> dict[str, Path]:
    lines = (checkout / ".local" / "where").read_text(encoding="utf-8").splitlines()
    return {line.split()[0]: Path(line.split()[1]) for line in lines}


def remove(checkout: Path) -> None:
    """Stop a checkout's cluster and remove what it keeps outside."""
    launcher(checkout, "down")
    if (checkout / ".local" / "where").exists():
        for folder in (places(checkout)["data"].parent, places(checkout)["socket"]):
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    made = make_checkout(tmp_path / "one")
    yield made
    remove(made)


def ask(checkout: Path, name: str, statement: str) -> object:
    url = parse_database_url(name, read_file(checkout / ".local" / "env")[name])
    reach = psycopg2.connect(dbname=url.name, user=url.user, password=url.password, host=url.host, port=url.port)
    try:
        with reach, reach.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        reach.close()


def start(checkout: Path) -> None:
    done = launcher(checkout, "start-cluster")
    assert done.returncode == 0, done.stderr


def server_number(checkout: Path) -> int:
    return int((places(checkout)["data"] / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])


def test_a_cluster_is_made_kept_and_recovered(checkout: Path) -> None:
    start(checkout)
    assert (checkout / ".local" / "env").stat().st_mode & 0o077 == 0
    assert str(ask(checkout, "DATABASE_URL", "SELECT postgis_version()")).startswith("3")
    assert ask(checkout, "DATABASE_URL", "SHOW listen_addresses") == ""
    ask(checkout, "DATABASE_OWNER_URL", "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")

    before = (checkout / ".local" / "env").read_text(encoding="utf-8")
    start(checkout)
    assert (checkout / ".local" / "env").read_text(encoding="utf-8") == before, "a second start changes nothing"

    os.kill(server_number(checkout), signal.SIGKILL)
    start(checkout)
    assert ask(checkout, "DATABASE_URL", "SELECT n FROM kept") == 7


def test_a_number_left_by_a_crash_does_not_keep_the_server_from_starting(checkout: Path) -> None:
    start(checkout)
    launcher(checkout, "down")
    file = places(checkout)["data"] / "postmaster.pid"
    file.write_text(f"{os.getpid()}\n{places(checkout)['data']}\n", encoding="utf-8")
    start(checkout)
    assert ask(checkout, "DATABASE_URL", "SELECT 1") == 1


def test_the_product_cannot_make_tables_or_databases(checkout: Path) -> None:
    start(checkout)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(checkout, "DATABASE_URL", "CREATE TABLE mine (n int)")
    assert ask(checkout, "DATABASE_URL", "SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user") is False


def test_a_copied_checkout_has_a_database_of_its_own(checkout: Path, tmp_path: Path) -> None:
    start(checkout)
    copy = tmp_path / "two"
    shutil.copytree(
        checkout, copy, symlinks=True, ignore=lambda folder, _: ["run", "pg"] if folder.endswith(".local") else []
    )
    if places(checkout)["data"].is_relative_to(checkout):
        shutil.copytree(places(checkout)["data"].parent, copy / ".local" / "pg")
    else:
        (copy / ".local" / "env").unlink()
    try:
        start(copy)
        ask(copy, "DATABASE_OWNER_URL", "CREATE TABLE only_here (n int)")
        assert ask(checkout, "DATABASE_URL", "SELECT to_regclass('only_here')") is None
        assert places(copy)["socket"] != places(checkout)["socket"]
    finally:
        remove(copy)
