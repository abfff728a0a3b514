"""Values of settings as they are said in a history: short, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

LONGEST = 300


def said(value: Any) -> str:
    """A value of a document in words; "–" for nothing."""
    words = _said(value)
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


def _said(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Mapping):
        if set(value) <= {"en", "fr"}:
            return " / ".join(str(value[code]) for code in ("en", "fr") if value.get(code)) or "–"
        return "; ".join(f"{key}: {_said(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_said(inner) for inner in value)
    return str(value)
