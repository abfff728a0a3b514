"""The site as one ASGI process: pages on a fixed pool of threads, sockets on the event loop (docs/adr/0001)."""

import os

from a2wsgi import WSGIMiddleware
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator

from backend.wsgi import application as pages

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

from backend.sockets import addresses  # noqa: E402  (Django must be ready first: backend.wsgi sees to it)

# Each thread keeps its own database connection, so this is also the number of connections that pages use.
THREADS = 8

application = ProtocolTypeRouter(
    {
        "http": WSGIMiddleware(pages, workers=THREADS),
        "websocket": AllowedHostsOriginValidator(URLRouter(addresses)),
    }
)
