"""The fields of a service's page, in its parts: what it is, who answers, what is promised, the data, the questions."""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from requests_app.actions.setting_up.service_checks import QUESTION_LABELS, STOPPER_LABELS
from requests_app.actions.setting_up.service_definition import FORM_FIELDS, LABELS
from requests_app.labels import SERVICE_KIND
from requests_app.models import DataTag, Jurisdiction, Question
from requests_app.permissions import Publicity
from requests_app.promises import Count
from requests_app.reads.setting_up import groups_of_services, named_calendars, named_offices, named_workflows
from requests_app.web.administration.fields import Document, Field

Label = str | Promise
ICONS: list[tuple[str, Label]] = [
    ("dot", pgettext_lazy("picture", "Dot")),
    ("pothole", pgettext_lazy("picture", "Pothole")),
    ("sidewalk", pgettext_lazy("picture", "Sidewalk")),
    ("snow", pgettext_lazy("picture", "Snow")),
    ("streetlight", pgettext_lazy("picture", "Streetlight")),
    ("sign", pgettext_lazy("picture", "Street sign")),
    ("tree", pgettext_lazy("picture", "Tree")),
    ("park", pgettext_lazy("picture", "Park")),
    ("bin", pgettext_lazy("picture", "Bin")),
    ("dumping", pgettext_lazy("picture", "Dumped waste")),
    ("graffiti", pgettext_lazy("picture", "Graffiti")),
    ("drain", pgettext_lazy("picture", "Drain")),
    ("water", pgettext_lazy("picture", "Water")),
    ("noise", pgettext_lazy("picture", "Noise")),
    ("property", pgettext_lazy("picture", "House")),
    ("permit", pgettext_lazy("picture", "Permit")),
    ("event", pgettext_lazy("picture", "Event")),
    ("housing", pgettext_lazy("picture", "Home")),
    ("bus", pgettext_lazy("picture", "Bus")),
    ("complaint", pgettext_lazy("picture", "Complaint")),
    ("praise", pgettext_lazy("picture", "Praise")),
    ("idea", pgettext_lazy("picture", "Idea")),
    ("records", pgettext_lazy("picture", "Records")),
]
TAG: dict[str, Label] = {
    DataTag.PERSONAL: pgettext_lazy("data", "Personal: about a person, seen only by those who handle it"),
    DataTag.BUSINESS: pgettext_lazy("data", "Business: about a company or organisation"),
    DataTag.DERIVED: pgettext_lazy("data", "Derived: worked out from other data"),
    DataTag.OPEN: pgettext_lazy("data", "Open: anybody may have it"),
}
TAGS: list[tuple[str, Label]] = [("", _("Not said yet")), *TAG.items()]
PUBLICITY: list[tuple[str, Label]] = [
    (Publicity.PUBLIC.value, _("Public: everybody sees them; words and photos after somebody released them")),
    (Publicity.PLACE_ONLY.value, _("Place only: everybody sees where, never words or photos")),
    (Publicity.PRIVATE.value, _("Private: only the citizen and the offices that handle it")),
]
DATATYPES: list[tuple[str, Label]] = [
    (Question.Datatype.TEXT.value, pgettext_lazy("datatype", "In words")),
    (Question.Datatype.NUMBER.value, pgettext_lazy("datatype", "With a number")),
    (Question.Datatype.YES_NO.value, pgettext_lazy("datatype", "Yes or no")),
    (Question.Datatype.CHOICE.value, pgettext_lazy("datatype", "One of several choices")),
    (Question.Datatype.DATE.value, pgettext_lazy("datatype", "With a date")),
]
COUNTS: list[tuple[str, Label]] = [
    (Count.WORKING.value, _("Working hours of the calendar")),
    (Count.CALENDAR.value, _("All hours, day and night")),
]


def service_fields(place: Jurisdiction) -> Sequence[Field]:
    """Every field of a service."""
    return (*_what_it_is(place), *_who_answers(place), *_what_is_promised(place), *_data(), _questions(), _stoppers())


def _what_it_is(place: Jurisdiction) -> tuple[Field, ...]:
    return (
        Field("names", LABELS["names"], "words", _("What citizens choose it by."), heading=_("What it is")),
        Field("descriptions", LABELS["descriptions"], "words", _("One sentence under the name.")),
        Field(
            "group", LABELS["group"], "words",
            _("Services with the same group are shown together: choose one that is there, or write a new one."),
            suggestions=groups_of_services(place),
        ),
        Field("keywords", LABELS["keywords"], "long", _("Citizens’ own words in both languages, a line each."), True),
        Field("kind", LABELS["kind"], "radios", options=list(SERVICE_KIND.items())),
        Field("needs_place", LABELS["needs_place"], "check"),
        Field("takes_photo", LABELS["takes_photo"], "check"),
        Field("icon", LABELS["icon"], "select", optional=True, options=[("", _("None")), *ICONS]),
    )  # fmt: skip


def _who_answers(place: Jurisdiction) -> tuple[Field, ...]:
    none = ("", _("Not chosen yet"))
    return (
        Field(
            "owner", LABELS["owner"], "select", _("New requests go to it unless a routing rule says otherwise."),
            options=[none, *named_offices(place)], heading=_("Who answers for it"),
        ),
        Field(
            "workflow", LABELS["workflow"], "select", optional=True,
            options=[("", _("None: it ends when the office closes it")), *named_workflows(place)],
        ),
        Field("publicity", LABELS["publicity"], "radios", options=PUBLICITY),
    )  # fmt: skip


def _what_is_promised(place: Jurisdiction) -> tuple[Field, ...]:
    return (
        Field(
            "calendar", LABELS["calendar"], "select", _("If none fits, add one under Calendars first."),
            options=[("", _("Not chosen yet")), *named_calendars(place)],
            heading=_("What is promised"),
        ),
        Field("resolve_hours", LABELS["resolve_hours"], "number", _("A day of eight hours, five days: 40.")),
        Field("resolve_count", LABELS["resolve_count"], "radios", options=COUNTS),
        Field("resolve_high", LABELS["resolve_high"], "number", _("Hours, where they differ."), True),
        Field("resolve_urgent", LABELS["resolve_urgent"], "number", _("Hours, where they differ."), True),
        Field("acknowledge_hours", LABELS["acknowledge_hours"], "number", optional=True),
        Field("acknowledge_count", LABELS["acknowledge_count"], "radios", options=COUNTS),
    )  # fmt: skip


def _data() -> tuple[Field, ...]:
    standard: list[Field] = []
    for name, label in FORM_FIELDS.items():
        standard.append(Field(f"{name}_tag", label, "select", options=TAGS))
        standard.append(Field(f"{name}_purposes", LABELS[f"{name}_purposes"], "words"))
    return (
        Field(
            "retention_days", LABELS["retention_days"], "number", _("Two years: 730. Then it is erased."),
            heading=_("Data standard"),
        ),
        *standard,
    )  # fmt: skip


def _questions() -> Field:
    return Field(
        "questions", LABELS["questions"], "rows",
        _("Asked besides the citizen’s own words. Ask only what the office needs."), optional=True,
        heading=_("Questions"), row_label=_("Question"), is_ordered=True,
        columns=(
            Field("code", "", "hidden"),
            Field("names", QUESTION_LABELS["names"], "words"),
            Field("hints", QUESTION_LABELS["hints"], "words", optional=True),
            Field("datatype", QUESTION_LABELS["datatype"], "select", options=DATATYPES),
            Field(
                "choices", QUESTION_LABELS["choices"], "choices",
                _("A line each, English | French. The word before = is its key; leave it as it is."), True,
            ),
            Field("required", QUESTION_LABELS["required"], "check"),
            Field("tag", QUESTION_LABELS["tag"], "select", options=TAGS),
            Field("purposes", QUESTION_LABELS["purposes"], "words", _("Citizens and auditors can read it.")),
        ),
    )  # fmt: skip


def _stoppers() -> Field:
    return Field(
        "stoppers", LABELS["stoppers"], "rows",
        _("Shown before the form where somebody else must be called at once: a wire down, a smell of gas."),
        optional=True, heading=_("Dangers"), row_label=_("Danger"),
        columns=(
            Field("names", STOPPER_LABELS["names"], "words"),
            Field("advice", STOPPER_LABELS["advice"], "words"),
            Field("organisation", STOPPER_LABELS["organisation"], "words"),
            Field("phone", STOPPER_LABELS["phone"]),
            Field("url", STOPPER_LABELS["url"], optional=True),
        ),
    )  # fmt: skip


def beginning(place: Jurisdiction) -> Document:
    """What the page of a new service holds: the usual purposes of what every form asks, to be read and changed."""
    return {
        "kind": "street",
        "needs_place": True,
        "takes_photo": True,
        "resolve_count": Count.WORKING.value,
        "acknowledge_count": Count.WORKING.value,
        **USUAL_STANDARD,
    }


USUAL_STANDARD: Document = {
    "words_tag": DataTag.PERSONAL.value,
    "words_purposes": {
        "en": "To understand what is asked for and to act on it.",
        "fr": "Comprendre ce qui est demandé et y donner suite.",
    },
    "place_tag": DataTag.OPEN.value,
    "place_purposes": {
        "en": "To send the request to the right office and find the place.",
        "fr": "Envoyer la demande au bon bureau et trouver l’endroit.",
    },
    "photo_tag": DataTag.PERSONAL.value,
    "photo_purposes": {
        "en": "To see what the work is before going there.",
        "fr": "Voir de quel travail il s’agit avant de s’y rendre.",
    },
    "contact_tag": DataTag.PERSONAL.value,
    "contact_purposes": {
        "en": "To ask back and to tell the citizen what was done.",
        "fr": "Poser une question et dire à la personne ce qui a été fait.",
    },
}
