"""Django's WSGI application inside an ASGI server, on a fixed pool of threads (docs/adr/0001).

Each thread keeps its database connection. A request takes a thread only when its body has arrived whole, so slow
uploads hold up nobody; an ordinary answer goes back in one step, a long one in pieces at the pace of its reader.
"""

import asyncio
import contextvars
import sys
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Environ = dict[str, Any]

PIECE_BYTES = 64 * 1024
IN_MEMORY_BYTES = 1024 * 1024
# After refusing a body, how much of the rest we let go by so that its sender can read why.
DRAIN_BYTES = 128 * 1024 * 1024
DRAIN_S = 30.0
COME_AGAIN = (
    "Many large files are arriving just now. Go back and send it again in a minute.\n"
    "Beaucoup de gros fichiers arrivent en ce moment. Revenez en arrière et renvoyez le vôtre dans une minute.\n"
)
PLAIN_HEADERS = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}


def environ_of(scope: Message, body: BinaryIO) -> Environ:
    """Return the WSGI environment of an HTTP scope.

    A header with an underscore is dropped: in this spelling it could pass for one that only a proxy may set.
    """
    host, port = scope.get("server") or ("localhost", 80)
    client, _port = scope.get("client") or ("", 0)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "REMOTE_ADDR": client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        if b"_" not in name:
            key = PLAIN_HEADERS.get(name) or f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}"
            words = value.decode("latin-1")
            separator = "; " if key == "HTTP_COOKIE" else ","
            environ[key] = f"{environ[key]}{separator}{words}" if key in environ else words
    return environ


def declared_length(scope: Message) -> int | None:
    """Return the body length in bytes that a request announces: 0 for none, None when it does not say how much."""
    headers = dict(scope["headers"])
    if b"transfer-encoding" in headers:
        return None
    word = headers.get(b"content-length", b"0")
    return int(word) if word.isdigit() else 0


class Room:
    """The disk that all bodies share while they wait; only the event loop counts, so it needs no lock."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.taken = 0


class Gone(Exception):
    """The client left before its body had arrived."""


class NoRoom(Exception):
    """Other bodies take all the disk that bodies may take."""


class Body:
    """The body of one request: in memory while it is small, on disk when it is not, gone when the request is over."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.size = 0
        self.spool = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 (closed by __exit__)

    def __enter__(self) -> "Body":
        return self

    def __exit__(self, *_error: object) -> None:
        self.room.taken -= self.size
        self.spool.close()

    async def read(self, receive: Receive, limit: int) -> None:
        """Copy it, up to the first piece above the limit. Gone or NoRoom when it cannot be had whole."""
        while self.size <= limit:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Gone
            self._add(message.get("body", b""))
            if not message.get("more_body", False):
                break
        self.spool.seek(0)

    def _add(self, piece: bytes) -> None:
        self.size += len(piece)
        self.room.taken += len(piece)
        if self.room.taken > self.room.most_bytes:
            raise NoRoom
        self.spool.write(piece)


async def drain(receive: Receive) -> None:
    """Let the rest of a refused body go by: closing on a sender would lose the answer on its way to him."""
    left = DRAIN_BYTES
    try:
        async with asyncio.timeout(DRAIN_S):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
    except TimeoutError:
        return


async def come_again(receive: Receive, send: Send) -> None:
    """Ask the sender to try again when other bodies have gone; in both languages, since no page can be made yet."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", b"60"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": COME_AGAIN.encode(), "more_body": True})
    await drain(receive)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


class Answer:
    """One answer on its way from a thread to the client."""

    def __init__(self, send: Send, loop: asyncio.AbstractEventLoop) -> None:
        self.send = send
        self.loop = loop
        self.start: Message | None = None

    def start_response(self, status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
        """Keep status and headers until there is something to send with them (WSGI's callback)."""
        pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self.start = {"type": "http.response.start", "status": int(status[:3]), "headers": pairs}

    async def push(self, piece: bytes, *, more: bool) -> None:
        """Send a piece of the body, after the headers."""
        if self.start:
            await self.send(self.start)
            self.start = None
        await self.send({"type": "http.response.body", "body": piece, "more_body": more})

    def push_from_thread(self, piece: bytes) -> None:
        """Send a piece and wait until the client has room for the next."""
        asyncio.run_coroutine_threadsafe(self.push(piece, more=True), self.loop).result()


class Pages:
    """An ASGI application that runs a WSGI application on threads of its own."""

    def __init__(
        self, application: Callable[..., Iterable[bytes]], *, threads: int, body_limit: int, bodies_limit: int
    ) -> None:
        self.application = application
        self.body_limit = body_limit
        self.room = Room(bodies_limit)
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="pages")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        try:
            await self.serve(scope, receive, send)
        except Gone:
            return
        except NoRoom:  # what it took is free again before the sender is answered
            await come_again(receive, send)

    async def serve(self, scope: Message, receive: Receive, send: Send) -> None:
        """Take the body and answer. Gone or NoRoom when it cannot be had whole."""
        declared = declared_length(scope)
        with Body(self.room) as body:
            if declared is None or 0 < declared <= self.body_limit:
                await body.read(receive, self.body_limit)
            size = body.size if declared is None else max(body.size, declared)
            await self.answer(scope, cast("BinaryIO", body.spool), size, receive, send)

    async def answer(self, scope: Message, body: BinaryIO, size: int, receive: Receive, send: Send) -> None:
        """Run the application on a thread. One too large is shown its size only: a middleware refuses it in words."""
        environ = {**environ_of(scope, body), "CONTENT_LENGTH": str(size)}
        loop = asyncio.get_running_loop()
        answer = Answer(send, loop)
        # Its own context: nothing that a request sets, such as its language, is seen by the thread's next one.
        context = contextvars.copy_context()
        rest = await loop.run_in_executor(self.pool, context.run, self.work, environ, answer)
        refused = size > self.body_limit
        await answer.push(rest, more=refused)
        if refused:
            await drain(receive)
            await answer.push(b"", more=False)

    def work(self, environ: Environ, answer: Answer) -> bytes:
        """Run the application; send what is long in pieces and return the rest."""
        held: list[bytes] = []
        iterable = self.application(environ, answer.start_response)
        try:
            for chunk in iterable:
                held.append(chunk)
                if sum(map(len, held)) >= PIECE_BYTES:
                    answer.push_from_thread(b"".join(held))
                    held.clear()
        finally:
            getattr(iterable, "close", lambda: None)()
        return b"".join(held)
