"""System checks: what a production site must not be, and what this one must not contain."""

import re
from collections.abc import Sequence
from importlib.util import find_spec

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register


def unsafe_settings() -> list[tuple[bool, str, str]]:
    """Return each unsafe setting as (is it so, what is wrong, what to do)."""
    return [
        (settings.DEBUG, "Debug pages are on.", "Set CLEARWAY_DEBUG=off."),
        (settings.DEMO, "Demo mode is on: anyone may sign in with one click.", "Set CLEARWAY_DEMO=off."),
        (
            settings.SECRET_KEY == settings.UNSAFE_SECRET_KEY,
            "The secret key is the one in the source.",
            "Set CLEARWAY_SECRET_KEY to a long random word.",
        ),
        (
            not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS,
            "The site answers to any host name.",
            "Set CLEARWAY_ALLOWED_HOSTS to the site's names.",
        ),
        (
            settings.INSECURE_COOKIES,
            "Cookies travel over plain HTTP.",
            "Set CLEARWAY_INSECURE_COOKIES=off and serve HTTPS.",
        ),
        (
            settings.APP_DATABASE.user == settings.OWNER_DATABASE.user,
            "The site runs as the owner of its tables, who can rewrite the ledger.",
            "Give DATABASE_URL a role without that right and DATABASE_OWNER_URL the owner.",
        ),
        (
            not settings.EMAIL_HOST,
            "Mail to citizens is only written to files.",
            "Set CLEARWAY_SMTP_HOST, CLEARWAY_MAIL_FROM and CLEARWAY_SITE_URL.",
        ),
    ]


@register
def production_is_safe(app_configs: Sequence[AppConfig] | None, **_kwargs: object) -> list[CheckMessage]:
    """Refuse to run a production site with a setting that is only right on a developer's machine."""
    if not settings.PRODUCTION:
        return []
    found = enumerate(unsafe_settings(), start=1)
    return [Error(words, hint=remedy, id=f"clearway.E{n:03}") for n, (is_so, words, remedy) in found if is_so]


@register
def database_driver_is_psycopg2(app_configs: Sequence[AppConfig] | None, **_kwargs: object) -> list[CheckMessage]:
    """Refuse psycopg 3: Django would prefer it silently, and COPY and LISTEN are written for psycopg2."""
    if find_spec("psycopg") is None:
        return []
    return [Error("psycopg 3 is installed.", hint="Uninstall it: Clearway uses psycopg2.", id="clearway.E020")]


@register
def known_limits(app_configs: Sequence[AppConfig] | None, **_kwargs: object) -> list[CheckMessage]:
    """Refuse a limit that does not exist: with a slip in its name the limit that was meant would not hold."""
    known = {f"CLEARWAY_RATE_{name}" for name in (*settings.RATE_DEFAULTS, "ME_TOO")}
    return [
        Error(f"{name} is no limit.", hint=f"Write one of {', '.join(sorted(known))}.", id="clearway.E021")
        for name in sorted(settings.RATE_NAMES_SET)
        if name not in known
    ]


@register
def known_who_asks(app_configs: Sequence[AppConfig] | None, **_kwargs: object) -> list[CheckMessage]:
    """Refuse a proxy that does not say who asks, a header that anybody could write, and one that is no header."""
    header = settings.CLIENT_ADDRESS_HEADER
    if settings.BEHIND_PROXY and not header:
        return [
            Error(
                "Behind the proxy everybody would count as one network.",
                hint="Set CLEARWAY_CLIENT_ADDRESS_HEADER to the header it writes, such as X-Forwarded-For.",
                id="clearway.E022",
            )
        ]
    if header and not settings.BEHIND_PROXY:
        return [
            Error(
                "CLEARWAY_CLIENT_ADDRESS_HEADER is believed although there is no proxy: anybody could write it.",
                hint="Set CLEARWAY_BEHIND_PROXY=on where a proxy writes it, or leave it out.",
                id="clearway.E023",
            )
        ]
    if header and not re.fullmatch(r"[A-Za-z0-9-]+", header):
        return [
            Error(
                f"CLEARWAY_CLIENT_ADDRESS_HEADER is {header!r}, which is no name of a header.",
                hint="Set CLEARWAY_CLIENT_ADDRESS_HEADER to letters, digits and dashes, such as X-Forwarded-For.",
                id="clearway.E024",
            )
        ]
    return []
