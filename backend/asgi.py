"""The site as one ASGI process: pages on a fixed pool of threads, sockets on the event loop (docs/adr/0001)."""

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.conf import settings

from backend.pages import Pages
from backend.wsgi import application as site  # before the sockets: it makes Django ready

from backend.sockets import addresses  # isort: skip

application = ProtocolTypeRouter(
    {
        "http": Pages(
            site,
            threads=settings.PAGE_THREADS,
            body_limit=settings.MAX_BODY_BYTES,
            bodies_limit=settings.MAX_BODIES_BYTES,
        ),
        "websocket": AllowedHostsOriginValidator(URLRouter(addresses)),
    }
)
