"""The site itself."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from backend import checks  # noqa: F401 (importing them registers them)


class BackendConfig(AppConfig):
    """Site-wide commands, checks and templates."""

    name = "backend"
    verbose_name = _("Site")
