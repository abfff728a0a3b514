"""Django settings. Every value that differs between machines comes from the environment, or from .local/env."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from backend.env import Env, read_file
from backend.version import code_version

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"

# The launcher writes the private cluster's addresses there; the environment always wins.
env = Env({**read_file(LOCAL / "secret"), **read_file(LOCAL / "env"), **os.environ})
if "DATABASE_URL" in os.environ and "DATABASE_OWNER_URL" not in os.environ:
    # The private cluster's owner knows nothing about a database of the user's own.
    env = Env({**env.values, "DATABASE_OWNER_URL": os.environ["DATABASE_URL"]})

# --- What kind of site this is ---------------------------------------------------------------------------------------
DEBUG = env.flag("CLEARWAY_DEBUG", default=False)
DEMO = env.flag("CLEARWAY_DEMO", default=False)
PRODUCTION = env.flag("CLEARWAY_PRODUCTION", default=False)
UNSAFE_SECRET_KEY = "only-for-a-demo-on-one-machine"  # noqa: S105 (a system check refuses it in production)
SECRET_KEY = env.text("CLEARWAY_SECRET_KEY", UNSAFE_SECRET_KEY)
ALLOWED_HOSTS = env.words("CLEARWAY_ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]"))
CSRF_TRUSTED_ORIGINS = env.words("CLEARWAY_TRUSTED_ORIGINS")

# --- Parts -----------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "backend",
    "maps",
    "analytics",
    "requests_app",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.gis",
    "django.contrib.postgres",
    "channels",
    "csp",
    "django_tasks",
    "django_tasks_db",
]
AUTH_USER_MODEL = "requests_app.User"
AUTHENTICATION_BACKENDS = ["requests_app.web.staff_backend.StaffBackend"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "backend.urls"
WSGI_APPLICATION = "backend.wsgi.application"
ASGI_APPLICATION = "backend.asgi.application"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "backend.middleware.RefuseLargeBodies",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "backend.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "requests_app.web.rates.KeepRates",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "backend.context_processors.site",
            ],
        },
    },
]

# --- Database --------------------------------------------------------------------------------------------------------
# The product runs as a role that cannot rewrite the ledger; migrations and test flushes run as the owner of the tables.
DATABASE_ROLE = env.choice("CLEARWAY_DB_ROLE", "app", ("app", "owner"))
# Before the launcher has made the cluster only commands that need no database work; the machine's own is never meant.
APP_DATABASE = env.database("DATABASE_URL", default=f"postgis:///clearway?host={LOCAL / 'run'}")
OWNER_DATABASE = env.database("DATABASE_OWNER_URL") if env.text("DATABASE_OWNER_URL") else APP_DATABASE
DATABASES = {
    "default": {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        **(OWNER_DATABASE if DATABASE_ROLE == "owner" else APP_DATABASE).as_django(),
        # Connections live as long as their thread (docs/adr/0001).
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    },
}

# Each keeps one database connection, so this is also how many connections pages use.
PAGE_THREADS = env.whole("CLEARWAY_PAGE_THREADS", 8, least=1)

# --- Work that happens later -----------------------------------------------------------------------------------------
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

# --- Languages and time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = LOCAL / "static"
VENDORED = LOCAL / "vendor"
STATICFILES_DIRS = [("vendor", VENDORED)] if VENDORED.is_dir() else []
WHITENOISE_USE_FINDERS = True
# A demo is looked at while it is being changed: a file is read as it is now, never at the length it had at start.
WHITENOISE_AUTOREFRESH = DEBUG or DEMO
MEDIA_ROOT = Path(env.text("CLEARWAY_MEDIA_ROOT", str(LOCAL / "media")))
MEDIA_URL = "/media/"
# Where the segment store keeps what reports read, one folder for each database; it can be built anew at any time.
SEGMENTS_ROOT = Path(env.text("CLEARWAY_SEGMENTS_ROOT", str(LOCAL / "segments")))
# A body waits on disk, so a photo that is far too large reaches its form and is refused there, beside the words.
MAX_BODY_BYTES = env.whole("CLEARWAY_MAX_BODY_BYTES", 64 * 1024 * 1024, least=1024)
# Bodies that arrive at once share this much disk; what finds no room is asked to come again.
MAX_BODIES_BYTES = env.whole("CLEARWAY_MAX_BODIES_BYTES", 1024 * 1024 * 1024, least=MAX_BODY_BYTES)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 10

# Days in which a citizen can say of a closed request that it is not fixed.
FIXED_WITHIN_DAYS = env.whole("CLEARWAY_FIXED_WITHIN_DAYS", 30, least=1)

# --- Promises and hand-offs ------------------------------------------------------------------------------------------
# Working hours in which an office must accept what is handed to it, where the office itself says nothing; 0: no limit.
ACCEPT_WITHIN_HOURS = env.whole("CLEARWAY_ACCEPT_WITHIN_HOURS", 16, least=0)
REMIND_BEFORE_HOURS = env.whole("CLEARWAY_REMIND_BEFORE_HOURS", 8, least=0)
ESCALATE_AFTER_HOURS = env.whole("CLEARWAY_ESCALATE_AFTER_HOURS", 16, least=1)
# How long the link is good by which a partner outside answers for a request.
PARTNER_LINK_DAYS = env.whole("CLEARWAY_PARTNER_LINK_DAYS", 30, least=1)
NEAR_BORDER_METRES = env.whole("CLEARWAY_NEAR_BORDER_METRES", 50, least=0)

# --- Bounds ----------------------------------------------------------------------------------------------------------
# How many people of one rough network may say of one request in one day that it affects them too.
RATE_ME_TOO = env.whole("CLEARWAY_RATE_ME_TOO", 20, least=1)
# How often one rough network, or one account, may do something: docs/operations.md says what each is for.
RATE_DEFAULTS = {
    "FILE": "60/hour",
    "SAY": "120/hour",
    "FIXED": "60/hour",
    "MAIL": "30/hour",
    "LINKS": "300/hour",
    "PARTNER": "120/hour",
    "SIGN_IN": "60/15min",
    "SIGN_IN_ACCOUNT": "10/15min",
    "FEEDS": "600/10min",
    "PAGES": "6000/10min",
}
RATES = {name: env.rate(f"CLEARWAY_RATE_{name}", default) for name, default in RATE_DEFAULTS.items()}
# A limit with a slip in its name would silently not hold: a system check refuses it.
RATE_NAMES_SET = [name for name in env.values if name.startswith("CLEARWAY_RATE_")]
# Whom to call where a page cannot take more just now; "": the page says to call the municipality.
PHONE = env.text("CLEARWAY_PHONE")

# --- Mail ------------------------------------------------------------------------------------------------------------
# Signs the links and reply addresses in mails: the first makes new ones, the others are still taken.
LINK_KEYS = env.words("CLEARWAY_LINK_KEYS", (SECRET_KEY,))
CODE_VERSION = env.text("CLEARWAY_CODE_VERSION", "") or SimpleLazyObject(code_version)
SITE_URL = env.text("CLEARWAY_SITE_URL", "http://localhost:8000")
MAIL_DOMAIN = urlsplit(SITE_URL).hostname or "localhost"
# Answers by mail go to reply+…@ this domain, whose mail server hands them to `receive_mail`; "": no answers by mail.
REPLY_DOMAIN = env.text("CLEARWAY_REPLY_DOMAIN", MAIL_DOMAIN if DEMO else "")
MAX_MAIL_BYTES = env.whole("CLEARWAY_MAX_MAIL_BYTES", 25 * 1024 * 1024, least=64 * 1024)
EMAIL_HOST = env.text("CLEARWAY_SMTP_HOST")
EMAIL_PORT = env.whole("CLEARWAY_SMTP_PORT", 587, least=1)
EMAIL_HOST_USER = env.text("CLEARWAY_SMTP_USER")
EMAIL_HOST_PASSWORD = env.text("CLEARWAY_SMTP_PASSWORD")
EMAIL_USE_TLS = env.flag("CLEARWAY_SMTP_TLS", default=True)
EMAIL_TIMEOUT = env.whole("CLEARWAY_SMTP_TIMEOUT", 20, least=1)
DEFAULT_FROM_EMAIL = env.text("CLEARWAY_MAIL_FROM", "Clearway <clearway@localhost>")
# Without a mail server every mail is a file that a developer can read.
EMAIL_BACKEND = f"{'django.core.mail.backends.smtp' if EMAIL_HOST else 'requests_app.notify.drawer'}.EmailBackend"
EMAIL_FILE_PATH = LOCAL / "mail"

# --- People ----------------------------------------------------------------------------------------------------------
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/desk/"
LOGOUT_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- Safety ----------------------------------------------------------------------------------------------------------
INSECURE_COOKIES = env.flag("CLEARWAY_INSECURE_COOKIES", default=not PRODUCTION)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not INSECURE_COOKIES
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = env.flag("CLEARWAY_SSL_REDIRECT", default=PRODUCTION)
SECURE_HSTS_SECONDS = env.whole("CLEARWAY_HSTS_SECONDS", 31_536_000 if PRODUCTION else 0)
BEHIND_PROXY = env.flag("CLEARWAY_BEHIND_PROXY", default=False)
# The header in which the proxy in front writes who asks; "": none is believed. It is read from its end.
CLIENT_ADDRESS_HEADER = env.text("CLEARWAY_CLIENT_ADDRESS_HEADER")
PROXIES = env.whole("CLEARWAY_PROXIES", 1, least=1)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF, "blob:"],
        "frame-src": [SELF],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
    },
}

# Debian 12 has GDAL 3.6; only files that an operator names are ever opened with it.
SILENCED_SYSTEM_CHECKS = ["gis.W001"]

# --- What is said to the operator: to stderr, and never an address, a body or a name --------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("CLEARWAY_LOG_LEVEL", "INFO")},
    "loggers": {
        # Refused pages are not news; a path may hold a secret tracking link.
        "django.request": {"level": "ERROR"},
        "django.channels.server": {"level": "WARNING"},
    },
}
