"""The analytics application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    """Reports over the ledger of events."""

    name = "analytics"
    verbose_name = _("Analytics")
