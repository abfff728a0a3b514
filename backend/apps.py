"""The site itself."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from backend import checks  # noqa: F401 (importing them registers them)


class BackendConfig(AppConfig):
    """Site-wide commands, checks and templates."""

    name = "backend"
    verbose_name = _("Site")

    def ready(self) -> None:
        """Join the floors, now that all models are there."""
        import_module("backend.wiring").wire()
