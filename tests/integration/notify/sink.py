"""A mail server in miniature for tests: speaks SMTP on a real socket and keeps what it accepted."""

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

Hook = Callable[[], None]


@dataclass
class Sink:
    """What the server has accepted, and what it is told to answer.

    `refuses` maps an address to the answer it gets; `on_data` runs after a mail has come in whole and before it is
    answered, `on_answer` after the answer was sent.
    """

    port: int = 0
    accepted: list[tuple[str, EmailMessage]] = field(default_factory=list)
    refuses: dict[str, bytes] = field(default_factory=dict)
    on_data: Hook | None = None
    on_answer: Hook | None = None
    answers_data: bool = True
    lines: list[bytes] = field(default_factory=list)

    @property
    def receivers(self) -> list[str]:
        return [to for to, _mail in self.accepted]

    @property
    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for _to, mail in self.accepted]


class _Talk(socketserver.StreamRequestHandler):
    """One client."""

    sink: Sink

    def handle(self) -> None:
        self.say(b"220 sink ready")
        to: list[str] = []
        for raw in self.rfile:
            line = raw.rstrip(b"\r\n")
            self.sink.lines.append(line)
            verb = line[:4].upper()
            if verb == b"QUIT":
                self.say(b"221 bye")
                return
            if verb == b"RCPT":
                address = line.split(b"<")[1].split(b">")[0].decode()
                answer = self.sink.refuses.get(address, b"250 ok")
                to += [address] if answer.startswith(b"250") else []
                self.say(answer)
            elif verb == b"DATA":
                self.say(b"354 go on")
                if not self.take(to):
                    return
                to = []
            else:
                self.say(b"250 ok")

    def take(self, to: list[str]) -> bool:
        body = []
        for raw in self.rfile:
            if raw == b".\r\n":
                break
            body.append(raw[1:] if raw.startswith(b"..") else raw)
        mail = message_from_bytes(b"".join(body), policy=policy.default)
        self.sink.accepted += [(one, mail) for one in to]  # type: ignore[list-item]
        if self.sink.on_data:
            self.sink.on_data()
        if not self.sink.answers_data:
            return False
        self.say(b"250 taken")
        if self.sink.on_answer:
            self.sink.on_answer()
        return True

    def say(self, line: bytes) -> None:
        try:
            self.wfile.write(line + b"\r\n")
            self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            return


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """A client that was killed is what these tests are about."""


@contextmanager
def running_sink() -> Iterator[Sink]:
    """A mail server on a free port of this machine."""
    sink = Sink()
    handler = type("Talk", (_Talk,), {"sink": sink})
    with _Server(("127.0.0.1", 0), handler) as server:
        sink.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield sink
        finally:
            server.shutdown()
            thread.join()
