"""Pages on threads inside an ASGI server: whole bodies, long answers in pieces, early refusals."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from backend.pages import PIECE_BYTES, Pages

Application = Callable[..., Iterable[bytes]]
LIMIT = 1000


def scope(method: str = "GET", *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {
        "type": "http", "method": method, "path": "/café/", "query_string": b"a=1", "http_version": "1.1",
        "scheme": "http", "headers": list(headers), "server": ("localhost", 8000), "client": ("127.0.0.1", 5000),
    }  # fmt: skip


def play(application: Application, given: dict[str, Any], *pieces: bytes) -> tuple[list[dict[str, Any]], int]:
    """Serve one request whose body comes in pieces; return what was sent and how many pieces were taken."""
    sent: list[dict[str, Any]] = []
    waiting = [{"type": "http.request", "body": b, "more_body": n + 1 < len(pieces)} for n, b in enumerate(pieces)]
    taken = 0

    async def receive() -> dict[str, Any]:
        nonlocal taken
        taken += 1
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append({**message, "taken": taken})

    asyncio.run(Pages(application, threads=2, body_limit=LIMIT, bodies_limit=10 * LIMIT)(given, receive, send))
    return sent, taken


def echo(environ: dict[str, Any], start_response: Callable[..., None]) -> Iterator[bytes]:
    words = environ["wsgi.input"].read()
    start_response("200 OK", [("X-Length", environ["CONTENT_LENGTH"]), ("X-Path", environ["PATH_INFO"])])
    yield words


def body_of(sent: list[dict[str, Any]]) -> bytes:
    return b"".join(message.get("body", b"") for message in sent)


def test_a_body_reaches_the_application_whole() -> None:
    sent, _ = play(echo, scope("POST", (b"content-length", b"6")), b"abc", b"def")
    assert sent[0]["status"] == 200
    assert (b"x-length", b"6") in sent[0]["headers"]
    assert (b"x-path", "/café/".encode()) in sent[0]["headers"]
    assert body_of(sent) == b"abcdef"


def test_a_request_without_a_body_is_not_waited_for() -> None:
    sent, taken = play(echo, scope())
    assert taken == 0
    assert body_of(sent) == b""


def test_a_body_of_unknown_length_is_counted() -> None:
    sent, _ = play(echo, scope("POST", (b"transfer-encoding", b"chunked")), b"abc", b"def")
    assert (b"x-length", b"6") in sent[0]["headers"]


def test_a_body_announced_too_large_is_answered_before_any_of_it_is_read() -> None:
    sent, taken = play(echo, scope("POST", (b"content-length", b"5000")), b"x" * 2500, b"x" * 2500)
    assert (b"x-length", b"5000") in sent[0]["headers"]
    assert sent[0]["taken"] == 0
    assert taken == 2, "the rest goes by, so that the answer is not lost"


def test_a_body_that_grows_too_large_is_answered_at_the_limit() -> None:
    sent, _ = play(echo, scope("POST", (b"transfer-encoding", b"chunked")), *[b"x" * 400] * 10)
    assert sent[0]["taken"] == 3


def test_a_client_that_leaves_half_way_costs_no_thread() -> None:
    called = threading.Event()

    def application(_environ: dict[str, Any], _start: Callable[..., None]) -> list[bytes]:
        called.set()
        return []

    sent, _ = play(application, scope("POST", (b"content-length", b"600")))
    assert sent == []
    assert not called.is_set()


def test_what_finds_no_room_beside_other_bodies_is_asked_to_come_again_and_gives_its_room_back() -> None:
    pages = Pages(echo, threads=1, body_limit=LIMIT, bodies_limit=700)
    statuses: list[int] = []

    async def post(*pieces: bytes) -> None:
        waiting = [{"type": "http.request", "body": p, "more_body": n + 1 < len(pieces)} for n, p in enumerate(pieces)]

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(0)
            return waiting.pop(0) if waiting else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if "status" in message:
                statuses.append(message["status"])

        await pages(scope("POST", (b"transfer-encoding", b"chunked")), receive, send)

    async def both() -> None:
        await asyncio.gather(post(*[b"x" * 200] * 3), post(*[b"x" * 200] * 3))
        await post(b"x" * 600)

    asyncio.run(both())
    assert sorted(statuses) == [200, 200, 503]
    assert pages.room.taken == 0


def test_a_short_answer_goes_in_one_step_and_a_long_one_in_pieces() -> None:
    def long(_environ: dict[str, Any], start_response: Callable[..., None]) -> Iterator[bytes]:
        start_response("200 OK", [])
        for _turn in range(4):
            yield b"x" * PIECE_BYTES
        yield b"end"

    sent, _ = play(echo, scope())
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    sent, _ = play(long, scope())
    assert [len(message["body"]) for message in sent[1:]] == [PIECE_BYTES] * 4 + [3]
    assert [message["more_body"] for message in sent[1:]] == [True] * 4 + [False]


def test_a_header_cannot_pass_for_one_that_only_a_proxy_sets() -> None:
    seen: dict[str, Any] = {}

    def application(environ: dict[str, Any], start_response: Callable[..., None]) -> list[bytes]:
        seen.update(environ)
        start_response("200 OK", [])
        return []

    play(application, scope("GET", (b"x_forwarded_proto", b"https"), (b"x-good", b"1"), (b"x-good", b"2")))
    assert "HTTP_X_FORWARDED_PROTO" not in seen
    assert seen["HTTP_X_GOOD"] == "1,2"


def test_the_iterable_is_closed_when_the_answer_is_done() -> None:
    closed = threading.Event()

    class Chunks(list[bytes]):
        def close(self) -> None:
            closed.set()

    def application(_environ: dict[str, Any], start_response: Callable[..., None]) -> Chunks:
        start_response("200 OK", [])
        return Chunks([b"x"])

    play(application, scope())
    assert closed.is_set()
