"""The site as a WSGI application: ordinary pages and files."""

import os

from django.conf import settings
from django.core.checks import Error, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")


def refuse_unsafe_settings() -> None:
    """Stop a server before it answers anything when a system check finds an error; commands check by themselves."""
    errors = [found for found in run_checks() if isinstance(found, Error)]
    if errors:
        raise ImproperlyConfigured("\n".join(f"{e.msg} {e.hint or ''}".strip() for e in errors))


application = get_wsgi_application()
refuse_unsafe_settings()
str(settings.CODE_VERSION)  # asked for now: what runs is what was checked out when it started
