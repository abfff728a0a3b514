"""Settings read from the environment, typed, and refused by name when they make no sense."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off", ""})
SCHEMES = frozenset({"postgis", "postgres", "postgresql"})

UNIT_SECONDS = {"min": 60, "minute": 60, "hour": 3600, "day": 86_400}
RATE = re.compile(r"([0-9]{1,9})/([0-9]{0,4})(min|minute|hour|day)s?", re.ASCII)


class BadSetting(ValueError):
    """An environment variable has a value that cannot be used. The message names the variable and the remedy."""


class Rate(NamedTuple):
    """How often something may be done in a window of time."""

    most: int
    seconds: int


@dataclass(frozen=True)
class DatabaseUrl:
    """The parts of `postgis://user:password@host:port/name`; a socket folder goes in `?host=/folder`."""

    name: str
    user: str
    password: str
    host: str
    port: str

    def as_django(self) -> dict[str, str]:
        """Return the entries that Django's DATABASES setting expects."""
        return {"NAME": self.name, "USER": self.user, "PASSWORD": self.password, "HOST": self.host, "PORT": self.port}


def read_file(path: Path) -> dict[str, str]:
    """Return the `NAME=value` lines of a file as a dict; an absent file is an empty one."""
    if not path.is_file():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


class Env:
    """Typed readers over the environment; every failure names its variable."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values: Mapping[str, str] = os.environ if values is None else values

    def text(self, name: str, default: str = "") -> str:
        """Return the variable as it stands."""
        return self.values.get(name, default)

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a yes-or-no variable."""
        word = self.values.get(name)
        if word is None:
            return default
        if word.strip().lower() in TRUE_WORDS:
            return True
        if word.strip().lower() in FALSE_WORDS:
            return False
        raise BadSetting(f"{name} is {word!r}: write on or off.")

    def whole(self, name: str, default: int, *, least: int = 0) -> int:
        """Return a whole number of at least `least`."""
        word = self.values.get(name, str(default))
        try:
            number = int(word)
        except ValueError:
            raise BadSetting(f"{name} is {word!r}: write a whole number.") from None
        if number < least:
            raise BadSetting(f"{name} is {number}: write {least} or more.")
        return number

    def rate(self, name: str, default: str) -> Rate | None:
        """Return a limit such as `60/hour` or `10/15min`; None for `off`."""
        word = self.values.get(name, default).strip().lower()
        if word == "off":
            return None
        match = RATE.fullmatch(word)
        if match is None or int(match[1]) < 1 or match[2] in {"0", "00", "000", "0000"}:
            raise BadSetting(f"{name} is {word!r}: write how often in what time, such as 60/hour or 10/15min, or off.")
        return Rate(int(match[1]), int(match[2] or 1) * UNIT_SECONDS[match[3]])

    def words(self, name: str, default: tuple[str, ...] = ()) -> list[str]:
        """Return a comma-separated list, without empty entries."""
        word = self.values.get(name)
        if word is None:
            return list(default)
        return [part.strip() for part in word.split(",") if part.strip()]

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        """Return one of the allowed words."""
        word = self.values.get(name, default)
        if word not in allowed:
            raise BadSetting(f"{name} is {word!r}: write one of {', '.join(allowed)}.")
        return word

    def database(self, name: str, default: str = "") -> DatabaseUrl:
        """Return the database that a URL names; refuse other engines, and a URL without a database."""
        return parse_database_url(name, self.values.get(name) or default)


def parse_database_url(variable: str, url: str) -> DatabaseUrl:
    """Split a database URL. Raise BadSetting, never showing the password, when a part is missing."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadSetting(
            f"{variable} cannot be read as a URL; percent-encode special characters in the password."
        ) from None
    if parts.scheme not in SCHEMES:
        raise BadSetting(f"{variable} must begin with postgis://; Clearway runs on PostgreSQL with PostGIS only.")
    database = unquote(parts.path.lstrip("/"))
    if not database:
        raise BadSetting(f"{variable} names no database: end it with /name.")
    options = parse_qs(parts.query)
    host = options.get("host", [parts.hostname or ""])[0]
    given_port = str(port) if port else options.get("port", [""])[0]
    return DatabaseUrl(
        database, unquote(parts.username or ""), unquote(parts.password or ""), unquote(host), given_port
    )
