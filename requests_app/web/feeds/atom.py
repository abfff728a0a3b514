"""A feed as Atom 1.0 (RFC 4287), with pages (RFC 5005) and places (GeoRSS Simple)."""

import unicodedata
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from requests_app.web.feeds.feed import Entry, Feed

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
ATOM, GEORSS, XML = (
    "http://www.w3.org/2005/Atom",
    "http://www.georss.org/georss",
    "http://www.w3.org/XML/1998/namespace",
)
register_namespace("", ATOM)
register_namespace("georss", GEORSS)


def as_atom(feed: Feed) -> str:
    """The feed as a document."""
    root = Element(f"{{{ATOM}}}feed", {f"{{{XML}}}lang": feed.language})
    _text(root, "id", feed.ident)
    _text(root, "title", feed.title)
    _text(root, "subtitle", feed.subtitle)
    _text(root, "updated", written(feed.updated_at))
    _text(SubElement(root, f"{{{ATOM}}}author"), "name", feed.author)
    _link(root, "self", feed.addresses.own, MEDIA_TYPE.partition(";")[0])
    _link(root, "alternate", feed.addresses.page, "text/html")
    _link(root, "alternate", feed.addresses.other_form, "application/feed+json")
    for language, address in feed.addresses.languages:
        if language != feed.language:
            _link(root, "alternate", address, MEDIA_TYPE.partition(";")[0], language)
    if feed.addresses.next_page:
        _link(root, "next", feed.addresses.next_page, MEDIA_TYPE.partition(";")[0])
    for entry in feed.entries:
        _entry(root, entry)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _entry(root: Element, entry: Entry) -> None:
    one = SubElement(root, f"{{{ATOM}}}entry")
    _text(one, "id", entry.ident)
    _text(one, "title", entry.title)
    _text(one, "published", written(entry.published_at))
    _text(one, "updated", written(entry.updated_at))
    _link(one, "alternate", entry.url, "text/html")
    for code, words in entry.tags:
        SubElement(one, f"{{{ATOM}}}category", {"term": code, "label": printable(words)})
    _text(one, "content", entry.text)
    if entry.place is not None:
        SubElement(one, f"{{{GEORSS}}}point").text = f"{entry.place[1]:.5f} {entry.place[0]:.5f}"


def _text(parent: Element, name: str, words: str) -> None:
    SubElement(parent, f"{{{ATOM}}}{name}").text = printable(words)


def _link(parent: Element, relation: str, address: str, media_type: str, language: str = "") -> None:
    spoken = {"hreflang": language} if language else {}
    SubElement(parent, f"{{{ATOM}}}link", {"rel": relation, "href": address, "type": media_type, **spoken})


def written(moment: datetime) -> str:
    """A moment as RFC 3339, in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def printable(words: str) -> str:
    """Words without the characters that no XML document can hold."""
    return "".join(letter for letter in words if letter in "\t\n" or unicodedata.category(letter) not in ("Cc", "Cs"))
