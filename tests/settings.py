"""The site's settings as tests see them: the owner of the tables, a private throw-away database, quick passwords."""

import os

# Tests make databases and flush tables. The product's own role is tried by the tests that name it.
os.environ["CLEARWAY_DB_ROLE"] = "owner"
# The number of the first process names this run's databases, so that two runs at once never meet.
os.environ.setdefault("CLEARWAY_TEST_RUN", str(os.getpid()))

from backend.settings import *  # noqa: F403
from backend.settings import DATABASES, LOCAL, RATES

DATABASE_PREFIX = "test_clearway_"
THIS_RUN = os.environ["CLEARWAY_TEST_RUN"]
DATABASES["default"]["TEST"] = {"NAME": f"{DATABASE_PREFIX}{THIS_RUN}"}
# A crash may lose the last commits of a test database; nobody will miss them.
DATABASES["default"]["OPTIONS"] = {"options": "-c synchronous_commit=off"}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = False

DEMO = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Each worker its own: the one that ends first removes its files, not the others'.
MEDIA_ROOT = LOCAL / "test-media" / THIS_RUN / os.environ.get("PYTEST_XDIST_WORKER", "alone")
# Each browser of a test starts the site's middleware anew: it need not look through all static files every time.
WHITENOISE_AUTOREFRESH = True
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
SEGMENTS_ROOT = MEDIA_ROOT / "segments"
EMAIL_FILE_PATH = MEDIA_ROOT / "mail"
# A process takes reads in blocks, so that now and then a page costs one statement more: budgets are counted without it,
# and tests/integration/web/test_rates.py with it.
RATES = {**RATES, "FEEDS": None, "PAGES": None}
