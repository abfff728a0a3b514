import csv
from pathlib import Path

import pytest

from requests_app.imports.references import public_reference, source_reference
from requests_app.imports.rejects import Reject, RejectsFile, neutral


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "|calc", "%0"])
def test_no_spreadsheet_runs_what_stood_in_a_cell(evil: str) -> None:
    assert neutral(evil).startswith("'")


def test_a_value_is_shown_without_control_characters_and_not_too_long() -> None:
    assert neutral("a\x00b\nc") == "a b c"
    assert len(neutral("x" * 10_000)) == 200


def test_rejects_are_a_table_of_row_column_reason_and_value(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    with RejectsFile(path) as rejects:
        rejects.add(Reject(7, "opened", "This time is in the future.", "=2099"))
        rejects.add(Reject(9, "opened", "This time is in the future.", "2098"))
    assert list(csv.reader(path.open(encoding="utf-8"))) == [
        ["row", "column", "reason", "value"],
        ["7", "opened", "This time is in the future.", "'=2099"],
        ["9", "opened", "This time is in the future.", "2098"],
    ]
    assert rejects.by_reason == {"opened: This time is in the future.": 2}


def test_no_rejects_leave_no_file_not_even_the_one_of_an_earlier_run(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    path.write_text("old")
    with RejectsFile(path):
        pass
    assert not path.exists()


def test_a_public_reference_can_be_typed_and_is_never_too_long() -> None:
    assert public_reference("BOS", "101000295613") == "BOS-101000295613"
    for odd in ("a b", "case_1", "x" * 60, "É"):
        reference = public_reference("BOS", odd)
        assert len(reference) <= 24
        assert reference == reference.upper() == public_reference("BOS", odd)
    assert public_reference("BOS", "a b") != public_reference("BOS", "a c")


def test_a_long_name_of_a_case_is_cut_and_still_its_own() -> None:
    one, other = source_reference("x" * 200), source_reference("x" * 201)
    assert len(one) <= 120
    assert one != other
