"""A feed as JSON Feed 1.1 (jsonfeed.org); what is only ours stands under `_clearway`."""

import json
from typing import Any

from requests_app.web.feeds.atom import written
from requests_app.web.feeds.feed import Entry, Feed

MEDIA_TYPE = "application/feed+json; charset=utf-8"
VERSION = "https://jsonfeed.org/version/1.1"


def as_json(feed: Feed) -> str:
    """The feed as a document."""
    known: dict[str, Any] = {
        "version": VERSION,
        "title": feed.title,
        "home_page_url": feed.addresses.page,
        "feed_url": feed.addresses.own,
        "description": feed.subtitle,
        "language": feed.language,
        "authors": [{"name": feed.author}],
    }
    if feed.addresses.next_page:
        known["next_url"] = feed.addresses.next_page
    known["items"] = [_item(entry) for entry in feed.entries]
    return json.dumps(known, ensure_ascii=False, separators=(",", ":"))


def _item(entry: Entry) -> dict[str, Any]:
    ours: dict[str, Any] = dict(entry.facts)
    if entry.place is not None:
        ours["place"] = {"lon": round(entry.place[0], 5), "lat": round(entry.place[1], 5)}
    return {
        "id": entry.ident,
        "url": entry.url,
        "title": entry.title,
        "content_text": entry.text,
        "date_published": written(entry.published_at),
        "date_modified": written(entry.updated_at),
        "tags": [words for _code, words in entry.tags],
        "_clearway": ours,
    }
