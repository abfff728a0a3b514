"""The site as one ASGI process: pages on a fixed pool of threads, sockets on the event loop (docs/adr/0001)."""

from typing import cast

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi_typing import WSGIApp
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator

from backend.sockets import addresses
from backend.wsgi import application as pages  # first: it makes Django ready

# Each thread keeps its own database connection, so this is also the number of connections that pages use.
THREADS = 8

# a2wsgi spells the environment as a TypedDict, Django as a plain one.
pages_on_threads = WSGIMiddleware(cast("WSGIApp", pages), workers=THREADS)

application = ProtocolTypeRouter(
    {
        "http": pages_on_threads,
        "websocket": AllowedHostsOriginValidator(URLRouter(addresses)),
    }
)
