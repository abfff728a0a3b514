"""Settings from the environment are typed, and refused by name."""

from pathlib import Path

import pytest

from backend.env import BadSetting, Env, parse_database_url, read_file


def test_a_flag_reads_common_words() -> None:
    env = Env({"A": "on", "B": "False", "C": " yes "})
    assert [env.flag(name, default=False) for name in "ABC"] == [True, False, True]
    assert env.flag("D", default=True) is True


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("PORT", "many", lambda env: env.whole("PORT", 1)),
        ("PORT", "-1", lambda env: env.whole("PORT", 1)),
        ("DEBUG", "perhaps", lambda env: env.flag("DEBUG", default=False)),
        ("ROLE", "king", lambda env: env.choice("ROLE", "app", ("app", "owner"))),
        ("URL", "mysql://x/y", lambda env: env.database("URL")),
        ("URL", "postgis://user@host/", lambda env: env.database("URL")),
        ("URL", "postgis://user:pa/ss@host:word/name", lambda env: env.database("URL")),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(name: str, value: str, read: object) -> None:
    with pytest.raises(BadSetting, match=name) as refusal:
        read(Env({name: value}))  # type: ignore[operator]
    assert "pa/ss" not in str(refusal.value)


def test_a_database_url_is_taken_apart() -> None:
    url = parse_database_url("URL", "postgis://me:p%40ss@db.example:5433/city")
    assert (url.user, url.password, url.host, url.port, url.name) == ("me", "p@ss", "db.example", "5433", "city")


def test_a_socket_folder_stands_in_the_query() -> None:
    url = parse_database_url("URL", "postgis://me:pass@/city?host=/run/here&port=5432")
    assert (url.host, url.port, url.name) == ("/run/here", "5432", "city")


def test_a_file_of_settings_skips_comments_and_may_be_absent(tmp_path: Path) -> None:
    file = tmp_path / "env"
    assert read_file(file) == {}
    file.write_text("# words\nA=1\n\nB=x=y\n", encoding="utf-8")
    assert read_file(file) == {"A": "1", "B": "x=y"}
