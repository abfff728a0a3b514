import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from requests_app.imports.errors import ImportRefused
from requests_app.imports.reading import Record, read_records, rejects_path
from requests_app.imports.rejects import Reject
from requests_app.imports.source import Source, source_from
from tests.unit.imports.test_mapping import TOLD

Save = Callable[..., Path]

SMALL = {
    **TOLD,
    "columns": {"reference": "id", "service": ["type.title", "kind"], "opened": "in"},
    "outcomes": {"default": "resolved"},
}
CSV = source_from("town", SMALL)
JSONL = source_from("town", {**SMALL, "format": "jsonl"})


@pytest.fixture
def saved(tmp_path: Path) -> Save:
    def save(raw: bytes | str, name: str = "file.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
        return path

    return save


def read(path: Path, source: Source = CSV) -> list[Record | Reject]:
    return list(read_records(path, source))


def test_rows_are_numbered_as_a_spreadsheet_shows_them(saved: Save) -> None:
    path = saved('id,kind,in\n1,"two\nlines",2020\n\n2,b,2021\n')
    assert read(path) == [
        Record(2, {"id": "1", "kind": "two\nlines", "in": "2020"}),
        Record(4, {"id": "2", "kind": "b", "in": "2021"}),
    ]


def test_a_packed_file_and_a_byte_order_mark_are_read_alike(saved: Save) -> None:
    text = "\ufeffid,kind,in\n1,a,2020\n"
    assert read(saved(text)) == read(saved(gzip.compress(text.encode()), "file.csv.gz"))


def test_a_half_line_at_the_end_is_rejected_and_the_rest_is_read(saved: Save) -> None:
    whole, half = read(saved("id,kind,in\n1,a,2020\n2,b"))
    assert isinstance(whole, Record)
    assert isinstance(half, Reject)
    assert (half.row, "2 cells, the header 3" in half.reason) == (3, True)


def test_a_quote_left_open_at_the_end_is_a_half_line(saved: Save) -> None:
    whole, half = read(saved('id,kind,in\n1,a,2020\n2,"b'))
    assert isinstance(whole, Record)
    assert "cut short" in half.reason


def test_a_quote_never_closed_is_refused_with_its_line(saved: Save) -> None:
    text = 'id,kind,in\n1,a,2020\n2,"b,2020\n' + "3,c,2020\n" * 600
    with pytest.raises(ImportRefused, match="begins on line 3 "):
        read(saved(text))


def test_a_missing_column_is_named_with_those_there_are(saved: Save) -> None:
    with pytest.raises(ImportRefused, match=r"no column “in” \(the opened\).*id, kind, begun"):
        read(saved("id,kind,begun\n1,a,2020\n"))


def test_a_wrong_encoding_is_refused_with_the_line(saved: Save) -> None:
    with pytest.raises(ImportRefused, match="line 3 cannot be read"):
        read(saved(b"id,kind,in\n1,a,2020\n2,caf\xe9,2020\n"))


@pytest.mark.parametrize("raw", [b"", b"\n"])
def test_an_empty_file_is_refused(saved: Save, raw: bytes) -> None:
    with pytest.raises(ImportRefused, match="empty"):
        read(saved(raw))


def test_a_packed_file_that_is_cut_short_is_refused(saved: Save) -> None:
    packed = gzip.compress(b"id,kind,in\n" + b"1,a,2020\n" * 5_000)
    with pytest.raises(ImportRefused, match="cut short or damaged"):
        read(saved(packed[: len(packed) // 2], "file.csv.gz"))
    with pytest.raises(ImportRefused, match="cut short or damaged"):
        read(saved(b"id,kind,in\n1,a,2020\n", "plain.csv.gz"))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="cannot be opened"):
        read(tmp_path / "none.csv")


def test_json_lines_are_read_by_path(saved: Save) -> None:
    path = saved('{"id": 7, "type": {"title": "Pothole"}, "in": "2020", "extra": [1]}\n\n{"id": null}\n', "f.jsonl")
    first, second = read(path, JSONL)
    assert (first.row, first.values) == (1, {"id": "7", "type.title": "Pothole", "kind": "", "in": "2020"})
    assert (second.row, second.values["id"]) == (3, "")


@pytest.mark.parametrize("line", ['{"id": 1, "in": "20', "[1, 2]", '"text"', "not json"])
def test_a_line_that_is_no_whole_object_is_rejected(saved: Save, line: str) -> None:
    (reject,) = read(saved(line, "f.jsonl"), JSONL)
    assert isinstance(reject, Reject)
    assert reject.row == 1


def test_rejects_never_go_over_the_file_that_is_read(saved: Save) -> None:
    path = saved("id\n")
    with pytest.raises(ImportRefused, match="the file itself"):
        rejects_path(path, path.parent / "." / path.name)
