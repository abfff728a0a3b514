"""The fields of an office's page."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from requests_app.actions.setting_up import offices as acts
from requests_app.models import Jurisdiction
from requests_app.reads.setting_up import named_calendars, named_offices
from requests_app.web.administration.fields import Field


def office_fields(place: Jurisdiction) -> Sequence[Field]:
    """The fields of an office."""
    kinds = sorted(acts.kinds_of(place).items(), key=lambda pair: str(pair[1]).casefold())
    return (
        Field("names", acts.LABELS["names"], "words", _("Citizens read it: who has their request.")),
        Field("kind", acts.LABELS["kind"], "select", _("Workflows ask for an office of a kind."), options=kinds),
        Field("external", acts.LABELS["external"], "check", _("A utility, a county, a contractor: not our own staff.")),
        Field(
            "fallback", acts.LABELS["fallback"], "check", _("One office has it; ticking it takes it from the other."),
        ),
        Field(
            "parent", acts.LABELS["parent"], "select", optional=True,
            options=[("", _("None")), *named_offices(place)],
        ),
        Field(
            "calendar", acts.LABELS["calendar"], "select",
            _("Its promises count by it where a service has none."), True,
            options=[("", _("The hours it came with, or those of the place")), *named_calendars(place)],
        ),
        Field(
            "email", acts.LABELS["email"], "email", _("News of its requests goes there."), True,
            heading=_("How to reach it"),
        ),
        Field("phone", acts.LABELS["phone"], "text", optional=True),
        Field(
            "accept_within_hours", acts.LABELS["accept_within_hours"], "number",
            _("What is handed to it and not accepted by then goes back to the sender."), True,
        ),
        Field(
            "opens_on", acts.LABELS["opens_on"], "date", _("Before that day nothing can be sent to it."), True,
            heading=_("From when until when"),
        ),
        Field(
            "closes_on", acts.LABELS["closes_on"], "date",
            _("An office is not deleted: it closes. First give what comes to it to another one."), True,
        ),
    )  # fmt: skip


def beginning(place: Jurisdiction) -> dict[str, object]:
    """What the page of a new office holds."""
    return {"kind": "office"}
