"""Times, durations and numbers in words, in both languages."""

from datetime import UTC, date, datetime, timedelta

import pytest

from requests_app.text.spoken import (
    spoken_date,
    spoken_decimal,
    spoken_duration,
    spoken_iso_date,
    spoken_number,
    spoken_time,
)

EVENING = datetime(2026, 11, 3, 19, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Tuesday, November 3, 2026 at 2:05 pm"),
        ("fr", "mardi 3 novembre 2026 à 14\u202fh\u202f05"),
        ("fr-ca", "mardi 3 novembre 2026 à 14\u202fh\u202f05"),
    ],
)
def test_a_moment_is_said_on_the_clocks_of_the_place(language: str, words: str) -> None:
    assert spoken_time(EVENING, "America/Toronto", language) == words


def test_midnight_and_noon_are_twelve_in_english() -> None:
    assert spoken_time(datetime(2026, 7, 1, 4, 0, tzinfo=UTC), "America/Toronto", "en").endswith("12:00 am")
    assert spoken_time(datetime(2026, 7, 1, 16, 0, tzinfo=UTC), "America/Toronto", "en").endswith("12:00 pm")


def test_the_first_of_a_month_is_premier_in_french() -> None:
    assert spoken_date(date(2026, 7, 1), "fr") == "mercredi 1er juillet 2026"
    assert spoken_date(date(2026, 7, 1), "en", weekday=False) == "July 1, 2026"


@pytest.mark.parametrize(
    ("span", "english", "french"),
    [
        (timedelta(seconds=-5), "less than a minute", "moins d’une minute"),
        (timedelta(seconds=59), "less than a minute", "moins d’une minute"),
        (timedelta(minutes=1), "1 minute", "1 minute"),
        (timedelta(minutes=61), "1 hour 1 minute", "1 heure 1 minute"),
        (timedelta(hours=2), "2 hours", "2 heures"),
        (timedelta(hours=7, minutes=50), "8 hours", "8 heures"),
        (timedelta(hours=23, minutes=50), "24 hours", "24 heures"),
        (timedelta(days=2, hours=5, minutes=40), "2 days 5 hours", "2 jours 5 heures"),
        (timedelta(days=9, hours=23), "10 days", "10 jours"),
        (timedelta(days=1234), "1,234 days", "1\u202f234 jours"),
    ],
)
def test_a_duration_is_said_in_the_units_that_matter(span: timedelta, english: str, french: str) -> None:
    assert spoken_duration(span, "en").replace("\u00a0", " ") == english
    assert spoken_duration(span, "fr").replace("\u00a0", " ") == french


def test_numbers_follow_the_language() -> None:
    assert spoken_number(12345.678, "en", 1) == "12,345.7"
    assert spoken_number(12345.678, "fr", 1) == "12\u202f345,7"


def test_an_answer_is_said_as_the_language_writes_it() -> None:
    assert spoken_iso_date("2026-05-31", "fr") == "dimanche 31 mai 2026"
    assert spoken_iso_date("soon", "fr") == "soon"
    assert (spoken_decimal("2.5", "fr"), spoken_decimal("2.5", "en")) == ("2,5", "2.5")
