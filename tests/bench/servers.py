"""The arrangements of web server and threads that are compared; each serves `tests.bench.site`."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from socketserver import BaseServer
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import django
import uvicorn
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

from backend.pages import Pages

THREADS = 8


class PooledServer(WSGIServer):
    """The standard library's WSGI server on a fixed pool of threads: the plainest arrangement there is."""

    request_queue_size = 128
    pool = ThreadPoolExecutor(THREADS)

    def process_request(self, request: object, client_address: object) -> None:
        self.pool.submit(self.answer, request, client_address)

    def answer(self, request: object, client_address: object) -> None:
        try:
            BaseServer.finish_request(self, request, client_address)  # type: ignore[arg-type]
        finally:
            self.shutdown_request(request)  # type: ignore[arg-type]


class QuietHandler(WSGIRequestHandler):
    """Say nothing about each request."""

    def log_message(self, *_words: object) -> None:
        return


def serve_plain(port: int) -> None:
    server = PooledServer(("127.0.0.1", port), QuietHandler)
    server.set_app(get_wsgi_application())
    server.serve_forever()


def serve_asgi(application: object, port: int) -> None:
    uvicorn.run(application, host="127.0.0.1", port=port, log_level="warning", access_log=False)  # type: ignore[arg-type]


def main() -> None:
    """`python -m tests.bench.servers ARRANGEMENT PORT`, on the database in the environment."""
    arrangement, port = sys.argv[1], int(sys.argv[2])
    os.environ["DJANGO_SETTINGS_MODULE"] = "backend.settings"
    settings.ROOT_URLCONF = "tests.bench.site"
    if arrangement == "asgi":
        # Kept connections would outlive their threads, unused and unclosed, until the database has none left.
        settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
    django.setup()
    if arrangement == "plain":
        serve_plain(port)
    elif arrangement == "mounted":
        serve_asgi(
            Pages(
                get_wsgi_application(),
                threads=THREADS,
                body_limit=settings.MAX_BODY_BYTES,
                bodies_limit=settings.MAX_BODIES_BYTES,
            ),
            port,
        )
    else:
        serve_asgi(get_asgi_application(), port)


if __name__ == "__main__":
    main()
