"""Strict readers of feeds: every rule of RFC 4287 and of JSON Feed 1.1 that a feed of ours could break."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

ATOM = "{http://www.w3.org/2005/Atom}"
GEORSS = "{http://www.georss.org/georss}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

FEED = {"id": "1", "title": "1", "updated": "1", "subtitle": "?", "author": "*", "link": "*", "entry": "*"}
ENTRY = {
    "id": "1",
    "title": "1",
    "updated": "1",
    "published": "?",
    "content": "?",
    "summary": "?",
    "author": "*",
    "link": "*",
    "category": "*",
}
"""How often a child may stand: once, at most once, any number of times (RFC 4287, 4.1)."""

RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")


def atom_problems(document: str) -> list[str]:
    """What is wrong with an Atom feed, in sentences."""
    root = fromstring(document.encode())
    if root.tag != f"{ATOM}feed":
        return [f"the root is {root.tag}"]
    problems = list(_children(root, FEED, "feed"))
    if not root.get(LANG):
        problems.append("the feed names no language")
    if not any(link.get("rel") == "self" for link in root.findall(f"{ATOM}link")):
        problems.append("the feed has no link to itself")
    entries = root.findall(f"{ATOM}entry")
    for entry in entries:
        problems += _entry(entry, has_author=root.find(f"{ATOM}author") is not None)
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    if len(set(ids)) != len(ids):
        problems.append("two entries have one id")
    for one in root.iter():
        problems += _element(one)
    return problems


def _entry(entry: Element, *, has_author: bool) -> Iterator[str]:
    yield from _children(entry, ENTRY, "entry")
    links = [
        (one.get("rel", "alternate"), one.get("type"), one.get("hreflang")) for one in entry.findall(f"{ATOM}link")
    ]
    if len(set(links)) != len(links):
        yield "an entry has two links of one relation, type and language"
    if entry.find(f"{ATOM}content") is None and not any(rel == "alternate" for rel, *_rest in links):
        yield "an entry has neither content nor an alternate link"
    if not has_author and entry.find(f"{ATOM}author") is None:
        yield "an entry has no author"


def _children(parent: Element, allowed: dict[str, str], name: str) -> Iterator[str]:
    counted: dict[str, int] = {}
    for child in parent:
        if child.tag.startswith(ATOM):
            counted[child.tag.removeprefix(ATOM)] = counted.get(child.tag.removeprefix(ATOM), 0) + 1
        elif not child.tag.startswith(GEORSS):
            yield f"{name} has {child.tag}"
    yield from (f"{name} has {child}" for child in counted if child not in allowed)
    yield from (f"{name} has no {child}" for child, times in allowed.items() if times == "1" and child not in counted)
    yield from (f"{name} has {n} of {child}" for child, n in counted.items() if n > 1 and allowed.get(child) in "1?")


def _element(one: Element) -> Iterator[str]:
    name, words = one.tag.removeprefix(ATOM), one.text or ""
    if name in ("updated", "published") and not is_date(words):
        yield f"{words} is no date"
    if name == "id" and not is_iri(words):
        yield f"{words} is no absolute address"
    if name == "link" and not (is_iri(one.get("href", "")) and one.get("rel")):
        yield f"a link leads to {one.get('href')}"
    if name in ("title", "subtitle", "name", "content") and not words.strip():
        yield f"{name} is empty"
    if name == "category" and not one.get("term"):
        yield "a category has no term"
    if one.tag == f"{GEORSS}point" and not re.fullmatch(r"-?\d+\.\d+ -?\d+\.\d+", words):
        yield f"{words} is no point"


def is_date(words: str) -> bool:
    """Whether it is a moment as RFC 3339 writes it."""
    return RFC_3339.fullmatch(words) is not None and datetime.fromisoformat(words).tzinfo is not None


def is_iri(words: str) -> bool:
    """Whether it is an absolute address."""
    parts = urlsplit(words)
    return bool(parts.scheme) and " " not in words and (parts.scheme == "tag" or bool(parts.netloc))


JSON_FEED: dict[str, tuple[type, bool]] = {
    "version": (str, True),
    "title": (str, True),
    "home_page_url": (str, False),
    "feed_url": (str, False),
    "description": (str, False),
    "language": (str, False),
    "authors": (list, False),
    "next_url": (str, False),
    "items": (list, True),
}
ITEM: dict[str, tuple[type, bool]] = {
    "id": (str, True),
    "url": (str, False),
    "title": (str, False),
    "content_text": (str, True),
    "date_published": (str, False),
    "date_modified": (str, False),
    "tags": (list, False),
}
"""The members a feed and an item may have, what each is, and whether it must be there (jsonfeed.org, version 1.1)."""


def json_problems(document: str) -> list[str]:
    """What is wrong with a JSON Feed, in sentences."""
    known = json.loads(document)
    problems = list(_members(known, JSON_FEED, "the feed"))
    if known.get("version") != "https://jsonfeed.org/version/1.1":
        problems.append("the version is not 1.1")
    items = known.get("items", [])
    for item in items:
        problems += _members(item, ITEM, "an item")
        problems += [
            f"{item[name]} is no date" for name in ("date_published", "date_modified") if not is_date(item[name])
        ]
    if len({item["id"] for item in items}) != len(items):
        problems.append("two items have one id")
    return problems


def _members(known: dict[str, Any], allowed: dict[str, tuple[type, bool]], name: str) -> Iterator[str]:
    for member, value in known.items():
        if member.startswith("_"):
            continue
        if member not in allowed:
            yield f"{name} has {member}"
        elif not isinstance(value, allowed[member][0]):
            yield f"{member} of {name} is a {type(value).__name__}"
        elif member.endswith("url") and not is_iri(value):
            yield f"{member} of {name} is {value}"
    yield from (f"{name} has no {member}" for member, (_kind, must) in allowed.items() if must and member not in known)
