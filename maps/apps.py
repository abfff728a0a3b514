"""The maps application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MapsConfig(AppConfig):
    """Tiles, cells and map pages."""

    name = "maps"
    verbose_name = _("Maps")
