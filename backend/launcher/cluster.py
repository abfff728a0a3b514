"""The project-private PostGIS cluster: made once, started when needed, reached by its socket only."""

import os
import re
import secrets
import shutil
import time
from dataclasses import replace
from pathlib import Path

from backend.launcher.places import LOCAL, Places, choose, ids_of, run_as, tell

ADMIN, OWNER, APP = "clearway_admin", "clearway_owner", "clearway_app"
DATABASE = "clearway"
ENV_FILE = LOCAL / "env"
EXTENSIONS = ("postgis", "pg_trgm", "unaccent", "btree_gist")
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "120",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "logging_collector": "off",
}


class ClusterError(RuntimeError):
    """The cluster cannot be made or started. The message says what to do."""


def binaries() -> Path:
    """Return the folder of the newest installed server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    if not found:
        raise ClusterError("PostgreSQL is not installed: install postgresql and postgis (README, first command).")
    return found[-1].parent


def binaries_for(data: Path) -> Path:
    """Return the programs of the version that made the data; they do not open another version's."""
    version = (data / "PG_VERSION").read_text(encoding="utf-8").strip()
    folder = Path("/usr/lib/postgresql") / version / "bin"
    if not (folder / "postgres").exists():
        raise ClusterError(f"{data} was made by PostgreSQL {version}, which is no longer installed: install it again.")
    return folder


def make_folder(path: Path, user: str | None, mode: int) -> None:
    """Make a folder that belongs to the cluster's user, or refuse one that belongs to someone else."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=mode, exist_ok=True)
    expected = ids_of(user)[0] if user else os.getuid()
    if user and not any(path.iterdir()):
        os.chown(path, *ids_of(user))
    if path.is_symlink() or path.stat().st_uid != expected:
        raise ClusterError(f"{path} belongs to another user: use the account that made this checkout's cluster.")
    path.chmod(mode)


def remembered() -> dict[str, str]:
    """Return what `.local/env` holds: passwords and addresses made at the first start."""
    if not ENV_FILE.exists():
        return {}
    lines = ENV_FILE.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def remember(places: Places, passwords: dict[str, str]) -> None:
    """Write the addresses of both roles, for this user only."""

    def url(role: str) -> str:
        return f"postgis://{role}:{passwords[role]}@/{DATABASE}?host={places.socket}&port=5432"

    lines = [
        "# Written by ./clearway. The private cluster's addresses; a DATABASE_URL in the environment wins.",
        f"DATABASE_URL={url(APP)}",
        f"DATABASE_OWNER_URL={url(OWNER)}",
        f"CLUSTER_ADMIN_PASSWORD={passwords[ADMIN]}",
    ]
    write_privately("\n".join(lines) + "\n")


def point_at(places: Places) -> None:
    """Let the remembered addresses name this checkout's socket: a moved or copied checkout brings another's."""
    text = ENV_FILE.read_text(encoding="utf-8")
    here = re.sub(r"host=[^&\n]*", lambda _: f"host={places.socket}", text)
    if here != text:
        write_privately(here)


def write_privately(text: str) -> None:
    """Replace `.local/env` in one move, readable by this user only."""
    fresh = ENV_FILE.with_suffix(f".{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(ENV_FILE)


def create(places: Places) -> None:
    """Make the cluster, its roles and its database. Interrupted half-way, the next attempt begins again."""
    make_folder(places.home, places.user, 0o700)
    half_made = replace(places, folder="half-made")
    stop_server(half_made)
    shutil.rmtree(half_made.data, ignore_errors=True)
    make_folder(half_made.data, places.user, 0o700)
    passwords = {role: secrets.token_urlsafe(24) for role in (ADMIN, OWNER, APP)}
    initialise(half_made, passwords[ADMIN])
    start_server(half_made)
    try:
        furnish(half_made, passwords)
    finally:
        stop_server(half_made)
    remember(places, passwords)
    half_made.data.rename(places.data)


def initialise(places: Places, password: str) -> None:
    """Run initdb. The password goes through a file of the server user's own: other routes fail across users."""
    word_file = places.home / "first-password"
    word_file.unlink(missing_ok=True)
    word_file.touch(mode=0o600)
    word_file.write_text(password, encoding="utf-8")
    if places.user:
        os.chown(word_file, *ids_of(places.user))
    try:
        done = run_as(
            places.user,
            binaries() / "initdb",
            f"--pgdata={places.data}",
            f"--username={ADMIN}",
            f"--pwfile={word_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        )
    finally:
        word_file.unlink()
    if done.returncode:
        raise ClusterError(f"The cluster could not be made: {done.stderr.strip()}")


def furnish(places: Places, passwords: dict[str, str]) -> None:
    """Make both roles, give every new database PostGIS, and make the site's database.

    The template carries the application's rights on tables made later by the owner, so test databases have them too.
    """
    roles = [
        f"CREATE ROLE {OWNER} LOGIN CREATEDB PASSWORD '{passwords[OWNER]}'",
        f"CREATE ROLE {APP} LOGIN PASSWORD '{passwords[APP]}'",
    ]
    template = [f"CREATE EXTENSION {name}" for name in EXTENSIONS] + [
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP}",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT USAGE, SELECT ON SEQUENCES TO {APP}",
    ]
    query(places, passwords[ADMIN], "postgres", *roles)
    query(places, passwords[ADMIN], "template1", *template)
    query(places, passwords[ADMIN], "postgres", f"CREATE DATABASE {DATABASE} OWNER {OWNER}")


def query(places: Places, password: str, database: str, *statements: str) -> str:
    """Run statements as the cluster's administrator and return what they print."""
    address = f"host={places.socket} port=5432 user={ADMIN} dbname={database}"
    environment = {**os.environ, "PGPASSWORD": password}
    script = ";\n".join(statements) + ";\n"
    psql = binaries_for(places.data) / "psql"
    done = run_as(places.user, psql, "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", address, env=environment, words=script)
    if done.returncode:
        raise ClusterError(f"The database could not be prepared: {done.stderr.strip()}")
    return done.stdout.strip()


def server_process(data: Path) -> int | None:
    """Return the number of the server running on this data folder, judged by the process itself."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        process = int(lines[0])
        same_folder = Path(f"/proc/{process}/cwd").resolve(strict=True) == data.resolve()
    except (OSError, ValueError, IndexError):
        return None
    return process if same_folder else None


def is_ready(places: Places) -> bool:
    """Tell whether the server answers on its socket."""
    program = binaries_for(places.data) / "pg_isready"
    return run_as(places.user, program, "-q", "-h", places.socket, "-p", "5432").returncode == 0


def start_server(places: Places) -> None:
    """Start the server and wait until it answers; it survives the terminal that started it."""
    make_folder(places.socket, places.user, 0o755)
    if server_process(places.data) is None:
        # Left by a crash, or by a copy of the folder: PostgreSQL would refuse to start if its number is in use again.
        (places.data / "postmaster.pid").unlink(missing_ok=True)
        (places.socket / ".s.PGSQL.5432").unlink(missing_ok=True)
        (places.socket / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
    options = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
    options += f" -c unix_socket_directories='{places.socket}'"
    pg_ctl = binaries_for(places.data) / "pg_ctl"
    waiting = ("-s", "-w", "-t", "120", "-l", places.log, "-o", options)
    if run_as(places.user, pg_ctl, "start", "-D", places.data, *waiting, quiet=True).returncode:
        tail = places.log.read_text(encoding="utf-8", errors="replace")[-1500:] if places.log.exists() else ""
        raise ClusterError(f"The database server did not start. Its log, {places.log}, ends:\n{tail}")


def stop_server(places: Places) -> None:
    """Stop the server, ending its connections."""
    if server_process(places.data) is None:
        return
    pg_ctl = binaries_for(places.data) / "pg_ctl"
    done = run_as(places.user, pg_ctl, "stop", "-s", "-w", "-m", "fast", "-D", places.data)
    if done.returncode:
        raise ClusterError(f"The database server did not stop: {done.stderr.strip()}")


def ensure() -> None:
    """Have the cluster running."""
    places = choose()
    tell(places)
    if not (places.data / "PG_VERSION").exists():
        create(places)
    passwords = remembered()
    if "CLUSTER_ADMIN_PASSWORD" not in passwords:
        raise ClusterError(f"{ENV_FILE} is lost, and with it the passwords: remove {places.data} to begin anew.")
    point_at(places)
    if server_process(places.data) and is_ready(places):
        return
    start_server(places)
    wait_until_ready(places)


def wait_until_ready(places: Places, seconds: float = 60) -> None:
    """Wait for a server that is recovering after an unclean stop."""
    end = time.monotonic() + seconds
    while not is_ready(places):
        if time.monotonic() > end:
            raise ClusterError(f"The database server is not ready after {seconds:.0f} s: see {places.log}.")
        time.sleep(0.1)


def stop() -> bool:
    """Stop the cluster; return False when it was not running."""
    places = choose()
    if server_process(places.data) is None:
        return False
    stop_server(places)
    return True


def sessions() -> int:
    """Return how many clients are connected now."""
    places = choose()
    counted = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    return int(query(places, remembered()["CLUSTER_ADMIN_PASSWORD"], "postgres", counted))
