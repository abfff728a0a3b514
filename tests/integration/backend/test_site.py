"""What every request meets: its size, its language, the site's own safety checks."""

import pytest
from django.core.checks import run_checks
from django.db import connection
from django.test import Client, override_settings

from backend.jobs import LOCK, only_runner

pytestmark = pytest.mark.django_db


def test_a_body_of_65_megabytes_is_refused_before_it_is_read(client: Client) -> None:
    answer = client.generic("POST", "/health/", b"", CONTENT_LENGTH=str(65 * 1024 * 1024))
    assert answer.status_code == 413
    assert "64 MB" in answer.content.decode()


def test_the_refusal_speaks_the_readers_language(client: Client) -> None:
    answer = client.generic("POST", "/health/?lang=fr", b"", CONTENT_LENGTH=str(65 * 1024 * 1024))
    assert "64 Mo" in answer.content.decode()


def test_a_language_asked_for_is_spoken_and_remembered(client: Client) -> None:
    assert client.get("/health/?lang=fr").headers["Content-Language"] == "fr"
    assert client.get("/health/").headers["Content-Language"] == "fr"


def test_the_browsers_language_is_spoken_until_another_is_chosen(client: Client) -> None:
    answer = client.get("/health/", headers={"accept-language": "fr-CA,fr;q=0.9"})
    assert answer.headers["Content-Language"] == "fr"
    assert "language" not in answer.cookies
    assert client.get("/health/?lang=en", headers={"accept-language": "fr-CA"}).headers["Content-Language"] == "en"


def test_a_language_that_the_site_does_not_speak_changes_nothing(client: Client) -> None:
    answer = client.get("/health/?lang=%00xx")
    assert answer.headers["Content-Language"] == "en"
    assert "language" not in answer.cookies


def test_a_developers_site_is_left_alone() -> None:
    assert [found for found in run_checks() if found.id and found.id.startswith("clearway")] == []


@override_settings(PRODUCTION=True, DEBUG=True, DEMO=True, ALLOWED_HOSTS=["*"], INSECURE_COOKIES=True)
def test_a_production_site_names_every_unsafe_setting() -> None:
    words = " ".join(found.hint or "" for found in run_checks() if found.id and found.id.startswith("clearway"))
    for name in ("CLEARWAY_DEBUG", "CLEARWAY_DEMO", "CLEARWAY_ALLOWED_HOSTS", "CLEARWAY_INSECURE_COOKIES"):
        assert name in words


def locks_held() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE l.locktype = 'advisory' AND l.objid = %s AND d.datname = current_database()",
            [LOCK],
        )
        return int(cursor.fetchone()[0])


def test_the_job_runner_holds_its_lock_and_gives_it_back() -> None:
    with only_runner() as held:
        assert held
        assert locks_held() == 1
    assert locks_held() == 0
