"""Values of settings as they are said in a history: short, in the reader's language, by the words of their field."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from requests_app.actions.setting_up.calendars import WEEKDAYS
from requests_app.text.spoken import spoken_date
from requests_app.web.administration.fields import Field, choice_said, slots_said

LONGEST = 300
NOTHING = "–"


def day_said(day: date | None) -> str:
    """A day without its weekday; "" for none."""
    return spoken_date(day, get_language() or "en", weekday=False) if day else ""


def said(value: Any, field: Field | None = None) -> str:
    """A value of a document in words; "–" for nothing."""
    words = _said(value, field)
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


def _said(value: Any, field: Field | None) -> str:
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Mapping):
        return _of_week(value) if field and field.look == "week" else _of_words(value)
    if isinstance(value, list | tuple):
        return _of_many(value, field)
    return _option(value, field)


def _option(value: Any, field: Field | None) -> str:
    """A choice by the words of its option."""
    return next((str(words) for key, words in field.options if key == str(value)), str(value)) if field else str(value)


def _of_words(value: Mapping[str, Any]) -> str:
    return " / ".join(str(value[code]) for code in ("en", "fr") if value.get(code)) or NOTHING


def _of_week(value: Mapping[str, Any]) -> str:
    colon = pgettext("separator", ": ")
    open_days = ((WEEKDAYS[number], value.get(str(number))) for number in range(7))
    return "; ".join(f"{day}{colon}{slots_said(spans)}" for day, spans in open_days if spans) or NOTHING


def _of_many(value: Sequence[Any], field: Field | None) -> str:
    if field and field.look == "choices":
        return "; ".join(choice_said(choice) for choice in value)
    if field and field.columns:
        return " · ".join(_of_row(row, field) for row in value)
    return ", ".join(_option(one, field) for one in value)


def _of_row(row: Mapping[str, Any], field: Field) -> str:
    """A row by its columns that say something; the code that only links its versions is left out."""
    colon = pgettext("separator", ": ")
    told = ((column, row.get(column.name)) for column in field.columns if column.look != "hidden")
    parts = (
        f"{column.label}{colon}{_said(value, column)}" for column, value in told if value not in (None, "", [], {})
    )
    return f"{field.row_label} ({'; '.join(parts)})"
