"""Which web server arrangement keeps database connections, and what that is worth (docs/adr/0001).

Three servers run side by side on one database and are asked in turn, so that a busy machine troubles all alike.
"""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median, quantiles

from tests.bench.rows import Row
from tests.bench.servers import THREADS
from tests.conftest import ROOT, free_port, server_environment

ARRANGEMENTS = {"asgi": "Django's ASGI handler", "mounted": "WSGI mounted in ASGI", "plain": "plain WSGI threads"}
CLIENTS = 8
PAGES = {"read": "GET", "write": "POST"}


@dataclass
class Heard:
    """What the clients of one server and page saw: seconds per request, connections met, seconds per round."""

    times: list[float] = field(default_factory=list)
    connections: set[int] = field(default_factory=set)
    rounds: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests per second, over all rounds."""
        return len(self.times) / sum(self.rounds)


def ask(port: int, page: str, times: int) -> list[tuple[float, int]]:
    """Send one client's requests over one kept connection; return seconds and database connection of each."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    heard = []
    for _turn in range(times):
        began = time.perf_counter()
        body = "what=streetlight&where=here" if PAGES[page] == "POST" else None
        client.request(PAGES[page], f"/{page}/", body, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = client.getresponse()
        words = answer.read()
        assert answer.status == 200, words[:500]
        heard.append((time.perf_counter() - began, json.loads(words)["connection"]))
    client.close()
    return heard


@contextmanager
def running(arrangement: str) -> Iterator[int]:
    """Run one server in a process of its own and yield its port."""
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.servers", arrangement, str(port)]
    server = subprocess.Popen(command, cwd=ROOT, env=server_environment())
    try:
        wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def wait_for(port: int) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            ask(port, "read", 1)
        except OSError:
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.1)
        else:
            return


def play_round(port: int, page: str, times: int, heard: Heard) -> None:
    """Let eight clients ask at once."""
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [answer for client in pool.map(lambda _: ask(port, page, times), range(CLIENTS)) for answer in client]
    heard.rounds.append(time.perf_counter() - began)
    heard.times += [seconds for seconds, _ in answers]
    heard.connections |= {number for _, number in answers}


def measure(quick: bool) -> Iterator[Row]:
    """Yield connections per request, requests per second and times, for each arrangement and page."""
    rounds, times = (2, 15) if quick else (6, 50)
    heard = {(name, page): Heard() for name in ARRANGEMENTS for page in PAGES}
    with ExitStack() as stack:
        ports = {name: stack.enter_context(running(name)) for name in ARRANGEMENTS}
        for _round in range(rounds):
            for (name, page), listener in heard.items():
                play_round(ports[name], page, times, listener)
    for page in PAGES:
        raw = heard["plain", page].rate
        for name, title in ARRANGEMENTS.items():
            yield from rows(title, page, heard[name, page], raw=raw, ours=name == "mounted")


def rows(title: str, page: str, heard: Heard, *, raw: float, ours: bool) -> Iterator[Row]:
    """Yield what one server did with one page. Goals bind only the arrangement that we use."""
    label = f"{title}, {PAGES[page]}"
    requests = len(heard.times)
    most = THREADS / requests if ours else None
    yield Row(
        "server", f"{label}: connections per request", len(heard.connections) / requests, "connections", goal=most
    )
    goal = 0.8 if ours else None
    yield Row("server", f"{label}: 8 clients", heard.rate, "requests/s", limit=raw, goal=goal, better="higher")
    yield Row("server", f"{label}: p50", 1000 * median(heard.times), "ms")
    yield Row("server", f"{label}: p95", 1000 * quantiles(heard.times, n=20)[-1], "ms")
