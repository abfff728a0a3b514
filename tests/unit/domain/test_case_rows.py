"""The rows of a list of cases are written without a template: nothing that people typed is read as markup."""

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from django.template import Context, Template
from django.utils import translation

from requests_app.labels import STATUS_AT_DESK
from requests_app.models import Jurisdiction
from requests_app.reads.queue import Key, QueueRow
from requests_app.states import Kind, Status

NOW = datetime(2026, 5, 14, 15, 30, tzinfo=UTC)
TYPED = "\"'<script>alert(1)</script>&"


class Desk:
    place = Jurisdiction(time_zone="America/Toronto")


class Tags(HTMLParser):
    """The tags, and the text outside of them, as a browser reads both."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def row(**facts: object) -> QueueRow:
    usual: dict[str, object] = {
        "request_id": 7, "version": 3, "reference": "TF-ABC123", "service": TYPED, "where": TYPED,
        "status": STATUS_AT_DESK[Status.ASSIGNED], "kind": Kind.WORK, "office": TYPED, "handler": TYPED,
        "submitted_at": NOW - timedelta(days=3), "due_at": NOW - timedelta(days=1), "clock_at": NOW, "closed_at": None,
        "planned_at": NOW, "planned_late": True, "is_late": True, "priority": 2, "supporters": 2, "channel": TYPED,
        "language": TYPED, "excerpt": TYPED, "lon": -79.05, "lat": 44.0, "key": Key(()), "long_since": NOW,
        "parts_done": (1, 3),
    }  # fmt: skip
    return QueueRow(**{**usual, **facts})  # type: ignore[arg-type]


def written(*rows: QueueRow, query: str = "place=a&tab=b", **context: object) -> str:
    page = Template("{% load case_rows %}{% case_rows rows query prefix %}")
    given = {"rows": rows, "query": query, "prefix": "", "desk": Desk, "present": NOW, "many_moves": [1]}
    return page.render(Context({**given, **context}))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_people_typed_is_text_wherever_it_stands(language: str) -> None:
    with translation.override(language):
        read = Tags(written(row(), query=TYPED, prefix=TYPED))
    assert set(read.tags) <= {"li", "label", "input", "span", "a", "q"}
    assert read.text.count(TYPED) == 7, "service twice, place, office, handler, channel and words"


def test_a_row_says_what_stands_against_it_and_leads_to_its_case() -> None:
    with translation.override("en"):
        read = written(row(service="Pothole", due_at=NOW - timedelta(days=3)))
    assert 'href="/desk/requests/TF-ABC123/?place=a&amp;tab=b"' in read
    assert "3\xa0days late" in read
    assert "planned" in read
    assert "after the promise" in read
    assert "longer here than 9 in 10 of its kind" in read
    assert "1 of 3 parts done" in read
    assert 'value="7-3"' in read


def test_what_is_not_known_leaves_nothing_behind() -> None:
    bare = row(
        where="", office="", handler="", excerpt="", channel="web", lon=None, lat=None, due_at=None, planned_at=None,
        is_late=False, priority=0, supporters=0, long_since=None, parts_done=None,
    )  # fmt: skip
    with translation.override("en"):
        read = written(bare, many_moves=[])
    assert "None" not in read
    assert "No office yet" in read
    assert "No promise" in read
    assert "checkbox" not in read
