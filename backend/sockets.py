"""The addresses of live sockets."""

from django.urls import URLPattern, path

from requests_app.web.consumers import LiveUpdates

# The consumer finds its session by itself: it reads it again and again, so that a sign-out counts.
addresses: list[URLPattern] = [path("ws/live/", LiveUpdates.as_asgi())]
