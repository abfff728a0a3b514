"""Codes made from names."""

from collections.abc import Container
from itertools import count

from django.utils.text import slugify

LONGEST = 80


def free_code(name: str, taken: Container[str]) -> str:
    """The slug of a name, at most 80 long, with a number when another name has it already."""
    slug = slugify(name)[:LONGEST].strip("-") or "unnamed"
    return numbered(slug, taken)


def numbered(wanted: str, taken: Container[str], longest: int = LONGEST + 10) -> str:
    """`wanted` if it is free, else cut and numbered from 2 until it is."""
    if wanted not in taken:
        return wanted
    tries = (f"{wanted[: longest - len(str(n))]}{n}" for n in count(2))
    return next(code for code in tries if code not in taken)
