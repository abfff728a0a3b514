"""Rows that a document names by their codes."""

from typing import Any

from django.db import models

from requests_app.text.normalise import is_text


def by_code(rows: models.QuerySet[Any], code: object) -> Any:
    """The row of that code, None when there is none or none was named."""
    text = str(code or "")
    return rows.filter(code=text).first() if text and is_text(text) else None
