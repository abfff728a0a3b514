"""The fields of a calendar's page."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from requests_app.actions.setting_up import calendars as acts
from requests_app.models import Jurisdiction
from requests_app.web.administration.fields import Field

ZONES = ("America/Toronto", "America/Winnipeg", "America/Atikokan")


def calendar_fields(place: Jurisdiction) -> Sequence[Field]:
    """The fields of a calendar."""
    zones = sorted({*ZONES, place.time_zone})
    return (
        Field("names", acts.LABELS["names"], "words", _("What offices and services choose it by.")),
        Field("time_zone", acts.LABELS["time_zone"], "select", options=[(zone, zone) for zone in zones]),
        Field(
            "slots", acts.LABELS["slots"], "week",
            _("In local time: 08:30–12:00, 13:00–16:30. Leave a day empty when it is closed."),
        ),
        Field(
            "holidays", acts.LABELS["holidays"], "check",
            _("Those of Ontario, year after year, by themselves."),
        ),
        Field(
            "closures", acts.LABELS["closures"], "rows",
            _("Days it is closed besides, with the reason citizens read."),
            optional=True, row_label=_("Closure"),
            columns=(
                Field("from", _("From"), "date"),
                Field("to", _("Until and with"), "date", optional=True),
                Field("names", _("Why"), "words"),
            ),
        ),
        Field("active", acts.LABELS["active"], "check", _("Offices and services can choose it.")),
    )  # fmt: skip
