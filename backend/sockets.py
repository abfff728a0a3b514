"""The addresses of live sockets."""

from django.urls import URLPattern

addresses: list[URLPattern] = []
