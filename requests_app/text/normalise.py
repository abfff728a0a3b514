"""Bringing text into one form before it is kept."""

import re
import unicodedata

_INVISIBLE = re.compile(r"[\u200b\u200c\u2060\ufeff\u00ad]")
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BLANK_RUN = re.compile(r"\n{3,}")
_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """Text in NFC with plain line ends, without control, invisible and direction-override characters."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    bare = _BIDI.sub("", _CONTROL.sub("", _INVISIBLE.sub("", composed)))
    return _BLANK_RUN.sub("\n\n", bare).strip()


def has_nul(text: str) -> bool:
    """Whether the text holds a NUL, which no database takes and nobody types."""
    return "\x00" in text


def is_text(text: str) -> bool:
    """Whether the text can be kept: no NUL, and no half of a surrogate pair, which JSON can spell out."""
    return "\x00" not in text and (text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text))


def legible(text: str) -> str:
    """The text with a replacement character for what can be neither kept nor shown (`is_text`)."""
    return text if is_text(text) else "".join(c if is_text(c) else "\ufffd" for c in text)


def fold(text: str) -> str:
    """Text for searching: lower case, no accents, single spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w]+", " ", plain).split())
