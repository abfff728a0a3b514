"""The backend application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackendConfig(AppConfig):
    """Site-wide commands, checks and templates."""

    name = "backend"
    verbose_name = _("Site")
