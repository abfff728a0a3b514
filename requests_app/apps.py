"""The requests_app application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RequestsConfig(AppConfig):
    """Requests, offices, people and the ledger."""

    name = "requests_app"
    verbose_name = _("Requests")
