"""The fields of a reply template's page."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from requests_app.actions.setting_up import replies as acts
from requests_app.models import Jurisdiction
from requests_app.reads.setting_up import named_offices, named_services
from requests_app.web.administration.fields import Field


def reply_fields(place: Jurisdiction) -> Sequence[Field]:
    """The fields of a template."""
    return (
        Field("names", acts.LABELS["names"], "words", _("What staff choose it by; citizens do not see it.")),
        Field("kind", acts.LABELS["kind"], "radios", options=list(acts.KINDS.items())),
        Field(
            "bodies", acts.LABELS["bodies"], "long_words",
            _("In full sentences. Staff can change it before sending."),
        ),
        Field(
            "service", acts.LABELS["service"], "select", optional=True,
            options=[("", _("Every service")), *named_services(place)],
        ),
        Field(
            "office", acts.LABELS["office"], "select", optional=True,
            options=[("", _("Every office")), *named_offices(place)],
        ),
        Field("active", acts.LABELS["active"], "check", _("Staff can choose it.")),
    )  # fmt: skip
