"""System checks: what a production site must not be, and what this one must not contain."""

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
