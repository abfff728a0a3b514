"""Choosing a text in the reader's language."""

from collections.abc import Mapping


def pick(texts: Mapping[str, str], language: str | None) -> str:
    """The text in `language` ("fr-ca" falls back to "fr"), else English, else any; "" when there is none."""
    wanted = (language or "en").split("-")[0]
    return texts.get(wanted) or texts.get("en") or next(iter(texts.values()), "")
