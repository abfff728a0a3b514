"""Run the city: web server, job runner and demo player under one supervisor that leaves nothing behind."""

import argparse
import ctypes
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TextIO

from backend.launcher import cluster
from backend.launcher.places import LOCAL, ROOT

USE_FILE = LOCAL / "in-use"
SECRET_FILE = LOCAL / "secret"
HOST = "127.0.0.1"
PATIENCE_S = 60.0
PARENT_DIED = 1  # PR_SET_PDEATHSIG


class ServeError(RuntimeError):
    """The city cannot be started, or one of its parts stopped. The message says what to do."""


@dataclass(frozen=True)
class Options:
    """What the caller asked for."""

    port: int
    empty: bool
    still: bool


class Stopped(Exception):
    """Someone asked the supervisor to stop."""


def read_options(words: list[str]) -> Options:
    """Read the words after `serve`."""
    parser = argparse.ArgumentParser(prog="./clearway up")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--empty", action="store_true")
    parser.add_argument("--still", action="store_true")
    given = parser.parse_args(words)
    if not 0 < given.port < 65536:
        raise ServeError(f"Port {given.port} does not exist: choose one between 1 and 65535 with --port.")
    return Options(given.port, given.empty, given.still)


def refuse_taken_port(port: int) -> None:
    """Say so at once when another program listens there."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except PermissionError:
            raise ServeError(f"Port {port} is for the system: choose one above 1023 with --port.") from None
        except OSError:
            remedy = f"choose another one: ./clearway up --port {port + 1}"
            raise ServeError(f"Port {port} is taken by another program; {remedy}") from None


def pid_file(port: int) -> Path:
    """Return where the supervisor of one port writes its number."""
    return LOCAL / f"up-{port}.pid"


def running(file: Path) -> int | None:
    """Return the number of the supervisor that wrote a file, if it still runs in this checkout."""
    try:
        process = int(file.read_text(encoding="utf-8"))
        command = Path(f"/proc/{process}/cmdline").read_bytes()
        here = Path(f"/proc/{process}/cwd").resolve() == ROOT
    except (OSError, ValueError):
        return None
    return process if here and b"backend.launcher" in command else None


def secret_key() -> None:
    """Make this checkout's own secret key once."""
    if not SECRET_FILE.exists():
        SECRET_FILE.touch(mode=0o600)
        SECRET_FILE.write_text(f"CLEARWAY_SECRET_KEY={secrets.token_urlsafe(48)}\n", encoding="utf-8")


def parts(options: Options) -> dict[str, list[str]]:
    """Return the command of each part of the city, the web server first."""
    manage = [sys.executable, str(ROOT / "manage.py")]
    web = [sys.executable, "-m", "uvicorn", "backend.asgi:application", "--host", HOST, "--port", str(options.port)]
    commands = {"web server": [*web, "--log-level", "warning", "--no-access-log", "--no-server-header"]}
    commands["job runner"] = [*manage, "run_jobs"]
    if not (options.still or options.empty):
        commands["demo player"] = [*manage, "play_demo_city"]
    return commands


def die_with_parent() -> None:
    """Ask the kernel to end this child if the supervisor is killed outright."""
    ctypes.CDLL(None).prctl(PARENT_DIED, signal.SIGTERM)


def start(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a part in a session of its own, so that Ctrl-C reaches only the supervisor, which stops them in order."""
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509 (the supervisor has one thread)
    )


def stop(name: str, child: subprocess.Popen[bytes]) -> None:
    """End a part and everything it started: politely, then not."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            print(f"The {name} does not stop; ending it.", file=sys.stderr)
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    child.wait()


def wait_for_page(port: int, child: subprocess.Popen[bytes]) -> None:
    """Wait until the site answers."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if child.poll() is not None:
            raise ServeError("The web server stopped while starting: its reason stands above.")
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/health/", timeout=5):
                return
        except urllib.error.HTTPError as error:
            raise ServeError(f"The site answers {error.code}: its reason stands above.") from None
        except OSError:
            time.sleep(0.05)
    raise ServeError(f"The web server did not answer within {PATIENCE_S:.0f} s.")


def links(options: Options) -> str:
    """Return the four addresses, one per reader, and how to look around."""
    site = f"http://localhost:{options.port}"
    demo = not options.empty

    def door(role: str, path: str) -> str:
        return f"{site}/demo/as/{role}/" if demo else f"{site}{path}"

    lines = [
        "",
        "Clearway is ready.",
        f"  citizen        {site}/",
        f"  manager        {door('manager', '/desk/')}",
        f"  evaluator      {door('evaluator', '/evaluate/')}",
        f"  administrator  {door('administrator', '/manage/')}",
        "",
    ]
    looking = (
        f"Look around in eight steps: {site}/tour"
        if demo
        else "No one can sign in yet: ./clearway manage createsuperuser makes the first account."
    )
    return "\n".join([*lines, looking, "Ctrl-C stops it; ./clearway down stops the database server too.", ""])


def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
    """Turn a signal into an exception of the supervisor's loop."""
    raise Stopped


def supervise(options: Options, children: dict[str, subprocess.Popen[bytes]], environment: dict[str, str]) -> None:
    """Keep the parts running until someone asks to stop, or the web server ends."""
    commands = parts(options)
    while True:
        time.sleep(1)
        for name, child in list(children.items()):
            if child.poll() is None:
                continue
            if name == "web server":
                raise ServeError("The web server stopped: its reason stands above.")
            print(f"The {name} stopped with code {child.returncode}; starting it again in 5 s.", file=sys.stderr)
            time.sleep(5)
            children[name] = start(commands[name], environment)


def run_city(options: Options) -> None:
    """Start every part, say where to look, and stay until the end."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    if not options.empty and environment.get("CLEARWAY_PRODUCTION", "off") == "off":
        environment.setdefault("CLEARWAY_DEMO", "on")
        environment.setdefault("CLEARWAY_SITE_URL", f"http://localhost:{options.port}")
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in parts(options).items():
            children[name] = start(command, environment)
            if name == "web server":
                wait_for_page(options.port, children[name])
                print(links(options), flush=True)
        supervise(options, children, environment)
    finally:
        for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(asked, signal.SIG_IGN)
        for name, child in reversed(children.items()):
            stop(name, child)


def serve(words: list[str], start_cluster: Callable[[], None], stop_cluster: Callable[[], bool]) -> int:
    """Run the city in the foreground; at the end stop the cluster too, unless another command uses it."""
    options = read_options(words)
    mine = pid_file(options.port)
    if running(mine):
        print(links(options), "It was running already.", sep="\n")
        return 0
    refuse_taken_port(options.port)
    secret_key()
    for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(asked, ask_to_stop)
    with USE_FILE.open("w") as use:
        fcntl.flock(use, fcntl.LOCK_SH)
        start_cluster()
        mine.write_text(f"{os.getpid()}\n", encoding="utf-8")
        try:
            run_city(options)
        except Stopped:
            print("\nStopping …", file=sys.stderr)
        finally:
            mine.unlink(missing_ok=True)
        if is_last_user(use):
            stop_cluster()
    return 0


def is_last_user(use: TextIO) -> bool:
    """Tell whether no other command of this checkout uses the cluster."""
    if os.environ.get("DATABASE_URL"):
        return False
    try:
        fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return cluster.sessions() == 0


def stop_running() -> None:
    """End every city that runs in this checkout, and wait for them."""
    files = [file for file in LOCAL.glob("up-*.pid") if running(file)]
    for process in filter(None, map(running, files)):
        os.kill(process, signal.SIGTERM)
    end = time.monotonic() + 30
    while any(map(running, files)) and time.monotonic() < end:
        time.sleep(0.1)
