"""Whole numbers as addresses and forms send them: anything else, or one too long to be meant, is none."""

LONGEST = 18
"""Digits of the largest id a database column holds, less one."""


def number_sent(text: str, most: int = LONGEST) -> int | None:
    """Read a number of at most `most` ASCII digits; None for every other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most else None


def numbers_sent(texts: list[str]) -> list[int]:
    """Read those of the texts that are numbers."""
    return [number for text in texts if (number := number_sent(text)) is not None]
