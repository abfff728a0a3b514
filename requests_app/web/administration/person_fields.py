"""The fields of a person's page."""

from collections.abc import Collection, Sequence

from django.utils.translation import gettext_lazy as _

from requests_app.actions.setting_up.people import GRANT_LABELS, LABELS, STAY
from requests_app.labels import ROLE
from requests_app.models import Jurisdiction, User
from requests_app.permissions import Role
from requests_app.reads.setting_up import areas_with_requests, named_areas, named_offices, named_services
from requests_app.web.administration.fields import BOTH, Field


def person_fields(place: Jurisdiction, held: Collection[int] = ()) -> Sequence[Field]:
    """The fields of somebody who has an account; `held` are the areas that their roles are limited to."""
    return (
        *_account(),
        Field(
            "active", LABELS["active"], "check",
            _("Untick it to close the account. It is not deleted: what the person did stays in the histories."),
        ),
        _roles(place, areas_with_requests(place, held)),
    )  # fmt: skip


def new_fields(place: Jurisdiction) -> Sequence[Field]:
    """The fields of somebody who is invited."""
    username = Field(
        "username", LABELS["username"], "text", _("To sign in with. Leave it empty for one made of the address."), True
    )
    return (*_account(), username, _roles(place, areas_with_requests(place)))


def history_fields(place: Jurisdiction) -> Sequence[Field]:
    """What the history tells of a person: roles by their words; of name and address only that they changed."""
    roles = _roles(place, named_areas(place))
    return (Field("contact", LABELS["contact"], "sealed"), Field("active", LABELS["active"], "check"), roles)


def takers_field(takers: Sequence[User]) -> Field:
    """Who may take what somebody has in hand."""
    stay: list[tuple[str, object]] = [
        ("", _("Choose")),
        (STAY, _("Nobody yet: they stay in this person’s name until their office gives them out")),
    ]
    return Field(
        "cases_to", LABELS["cases_to"], "select",
        _("Needed only where a change puts open requests that they have in hand out of their reach."), True,
        options=[*stay, *((str(one.pk), str(one)) for one in takers)],  # type: ignore[list-item]
    )  # fmt: skip


def _account() -> tuple[Field, ...]:
    return (
        Field("seen_contact", "", "hidden"),
        Field("name", LABELS["name"]),
        Field("email", LABELS["email"], "email", _("News of requests and the link to choose a password go there.")),
        Field("language", LABELS["language"], "select", options=BOTH),
    )


def _roles(place: Jurisdiction, areas: Sequence[tuple[str, str]]) -> Field:
    everywhere = ("", _("All"))
    limits = (("office", named_offices(place)), ("service", named_services(place)), ("area", areas))
    return Field(
        "grants", LABELS["grants"], "rows",
        _("What the person may do here. A handler works in an office; who works in two has a role for each."),
        row_label=_("Role"),
        columns=(
            Field(
                "role", GRANT_LABELS["role"], "select", is_key=True,
                options=[("", _("Choose")), *((role.value, ROLE[role]) for role in Role)],
            ),
            *(
                Field(name, GRANT_LABELS[name], "select", optional=True, options=[everywhere, *named])
                for name, named in limits
            ),
            Field("starts_on", GRANT_LABELS["starts_on"], "date", optional=True),
            Field("ends_on", GRANT_LABELS["ends_on"], "date", optional=True),
        ),
    )  # fmt: skip
