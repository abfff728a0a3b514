"""The rules from a row to a case, on a source and rows written for the test."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from requests_app.imports.errors import ImportRefused, Unusable
from requests_app.imports.mapping import ImportedCase, Mapper
from requests_app.imports.naming import naming_from
from requests_app.imports.reading import Record
from requests_app.imports.source import PARTS, read_source, source_from, source_names
from requests_app.states import Outcome

NOW = datetime(2020, 6, 1, tzinfo=UTC)
TOLD: dict[str, Any] = {
    "title": "A town's own list",
    "format": "csv",
    "not_recorded": ["rework"],
    "assumptions": [],
    "jurisdiction": {
        "code": "town", "names": {"en": "Town"}, "time_zone": "America/New_York", "languages": ["en"],
        "reference_prefix": "TN", "area_kind": "ward",
    },
    "columns": {
        "reference": "id", "service": "kind", "office": "queue", "status": "state", "opened": "in", "accepted": "seen",
        "closed": "out", "reopened": "again", "latitude": "lat", "longitude": "lon", "channel": "by",
        "description": "words", "closing_note": "note",
    },
    "status": {"open": ["Open"], "closed": ["Closed"]},
    "channels": {"Call": "phone"},
    "places": {"nowhere": [[0, 0]]},
    "outcomes": {
        "default": "resolved",
        "rules": [
            {"column": "note", "pattern": "^duplicate", "outcome": "duplicate"},
            {"column": "note", "pattern": "fixed", "outcome": "resolved"},
        ],
    },
}  # fmt: skip
ROW = {
    "id": "1", "kind": "Pothole", "queue": "Roads", "state": "Closed", "in": "2020-01-02 08:00", "seen": "",
    "out": "2020-01-03 08:00", "again": "", "lat": "42.3", "lon": "-71.1", "by": "Call", "words": "A hole",
    "note": "Fixed today",
}  # fmt: skip


def case(
    service_counts: dict[str, int] | None = None, told: dict[str, Any] | None = None, **changed: str
) -> tuple[ImportedCase, Counter[str]]:
    mapper = Mapper(source_from("town", {**TOLD, **(told or {})}), NOW, service_counts=service_counts or {})
    return mapper.case(Record(2, {**ROW, **changed})), mapper.facts


def refusal(**changed: str) -> tuple[str, str]:
    with pytest.raises(Unusable) as refused:
        case(**changed)
    return refused.value.column, refused.value.reason


def test_a_whole_row_becomes_a_case() -> None:
    found, facts = case()
    assert (found.reference, found.service, found.office, found.channel) == ("1", "Pothole", "Roads", "phone")
    assert found.life.opened_at == datetime(2020, 1, 2, 13, tzinfo=UTC)
    assert found.life.closed_at == found.life.latest_at == datetime(2020, 1, 3, 13, tzinfo=UTC)
    assert found.point == (-71.1, 42.3)
    assert (found.outcome, found.description, found.closing_note) == (Outcome.RESOLVED, "A hole", "Fixed today")
    assert not +facts


@pytest.mark.parametrize(
    ("changed", "column", "reason"),
    [
        ({"id": " "}, "id", "no reference"),
        ({"kind": ""}, "kind", "names no service"),
        ({"state": "Gone"}, "state", "none of: closed, open"),
        ({"in": ""}, "in", "does not say when the request came in"),
        ({"in": "yesterday"}, "in", "no date and time"),
        ({"in": "2031-01-01 00:00"}, "in", "in the future"),
        ({"out": "2020-01-01 08:00"}, "out", "Closed before it was opened"),
        ({"out": ""}, "out", "does not say when"),
        ({"state": "Open"}, "out", "Open, but the row has a closing time"),
        ({"lat": "423"}, "lat", "between -90 and 90"),
        ({"lon": "east"}, "lon", "not a number"),
        ({"lat": "nan"}, "lat", "between"),
        ({"words": "a\x00b"}, "words", "NUL"),
        ({"kind": "a\ud800b"}, "kind", "half a character"),
    ],
)
def test_a_row_that_is_no_case_is_refused_with_a_reason(changed: dict[str, str], column: str, reason: str) -> None:
    found_column, found_reason = refusal(**changed)
    assert found_column == column
    assert reason in found_reason


def test_a_closing_in_the_repeated_hour_may_be_the_second_one() -> None:
    found, _facts = case(**{"in": "2019-11-03 01:50", "out": "2019-11-03 01:10"})
    assert (found.life.closed_at - found.life.opened_at).total_seconds() == 20 * 60


def test_a_place_that_means_nowhere_is_no_place() -> None:
    found, facts = case(lat="0.0", lon="0.0")
    assert found.point is None
    assert facts["no_place"] == 1


def test_an_open_case_that_was_opened_again_keeps_closing_and_reopening() -> None:
    found, _facts = case(state="Open", again="2020-01-04 08:00")
    assert found.life.closed_at < found.life.reopened_at == found.life.latest_at


def test_a_reopening_before_the_last_closing_is_left_out_and_counted() -> None:
    found, facts = case(again="2020-01-02 12:00")
    assert found.life.reopened_at is None
    assert facts["reopening_left_out"] == 1


def test_an_acceptance_after_the_closing_is_left_out_and_counted() -> None:
    found, facts = case(seen="2020-01-05 08:00")
    assert found.life.accepted_at is None
    assert facts["acceptance_left_out"] == 1


@pytest.mark.parametrize(
    ("note", "outcome", "unknown"),
    [("Duplicate of 7, fixed", "duplicate", 0), ("We FIXED it", "resolved", 0), ("Thank you", "resolved", 1)],
)
def test_the_first_rule_that_fits_the_note_is_the_outcome(note: str, outcome: str, unknown: int) -> None:
    found, facts = case(note=note)
    assert found.outcome == outcome
    assert facts["outcome_unknown"] == unknown


def test_words_that_only_repeat_the_service_are_not_kept() -> None:
    assert case(words=" pothole ")[0].description == ""


def test_a_title_that_few_share_may_be_somebodys_own_words_and_names_no_service() -> None:
    told = {"service": {"fewest": 3, "other": "Other issues"}}
    assert case(told=told, service_counts={"Pothole": 3})[0].service == "Pothole"
    found, facts = case(told=told, service_counts={"Pothole": 2})
    assert found.service == "Other issues"
    assert facts["other_service"] == 1


@pytest.mark.parametrize("name", source_names())
def test_every_source_that_ships_is_complete_in_both_languages(name: str) -> None:
    source = read_source(name)
    assert set(source.columns) <= PARTS
    assert source.assumptions
    assert all(sentence["en"] and sentence["fr"] for sentence in source.assumptions)
    assert source.place.names["en"]


def test_a_source_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ImportRefused, match="boston_2011"):
        read_source("atlantis")


def test_a_source_with_an_unknown_part_is_refused() -> None:
    with pytest.raises(ImportRefused, match="colour"):
        source_from("town", {**TOLD, "columns": {**TOLD["columns"], "colour": "c"}})


@pytest.mark.parametrize(
    ("note", "outcome"),
    [
        ("Case Closed Case Resolved new lamp", "resolved"),
        ("Case Closed. Closed date : 2017-11-27 14:22:39.723 Case Noted", "no_action_needed"),
        ("Case Closed Case Invalid", "invalid"),
        ("Case Closed Duplicate of Existing Case", "duplicate"),
        ("Case Closed Case Resolved duplicate of the case above", "duplicate"),
        ("Case Closed opened in error", "invalid"),
        ("Case Closed ROA: Refer to Other Agency/Division", "not_responsible"),
        ("Case Closed NOVIO: No Violation Found/No Cause", "no_action_needed"),
    ],
)
def test_boston_closing_notes_are_read_by_their_first_words(note: str, outcome: str) -> None:
    source = read_source("boston_2011")
    rule = next(rule for rule in source.outcome_rules if rule.pattern.search(note))
    assert rule.outcome == outcome


@pytest.mark.parametrize("name", source_names())
def test_every_listed_code_has_a_name_of_its_own_in_each_language(name: str) -> None:
    naming = read_source(name).naming
    for listed in (naming.offices, naming.services):
        for language in ("en", "fr"):
            names = [each[language] for each in listed.values()]
            assert len(set(names)) == len(names), f"two codes are called the same in {language}"
            assert not [each for each in names if "_" in each or "  " in each]


@pytest.mark.parametrize(
    ("code", "english", "french"),
    [
        ("PWDx_Street Light Outages", "Public Works: streetlight outages", "Travaux publics : pannes de lampadaires"),
        ("PWDx_Something New_Today", "Public Works: Something New, Today", "Travaux publics : Something New, Today"),
        ("ISD_Elevators (INTERNAL)", "Inspectional Services: Elevators", "Services d’inspection : Elevators"),
    ],
)
def test_a_queue_is_called_as_people_call_it_listed_or_by_a_rule(code: str, english: str, french: str) -> None:
    assert read_source("boston_2011").naming.office(code) == {"en": english, "fr": french}


def test_what_has_no_better_name_keeps_its_own_in_its_own_language() -> None:
    assert read_source("boston_2011").naming.office("Lights") == {"en": "Lights"}
    assert read_source("newport_seeclickfix").naming.service("A new type") == {"en": "A new type"}


def test_a_name_in_one_language_only_is_refused() -> None:
    with pytest.raises(ImportRefused, match="PWDx"):
        naming_from("town.toml", {"offices": {"PWDx": ["Public Works"]}})


@pytest.mark.parametrize(
    ("source", "written", "read"),
    [
        ("boston_2011", "INTERSECTION of Groveland St & River St  Mattapan  MA  ", "Groveland St & River St, Mattapan"),
        ("boston_2011", "39 Lorraine St  Roslindale  MA  02131", "39 Lorraine St, Roslindale"),
        ("boston_2011", "1 Maple Ave", "1 Maple Ave"),
        ("san_francisco", "Not associated with a specific address", ""),
    ],
)
def test_an_address_is_kept_as_people_read_it(source: str, written: str, read: str) -> None:
    assert read_source(source).address(written) == read
