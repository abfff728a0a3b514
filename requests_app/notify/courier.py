"""The courier: sweeps the outbox for as long as the process of periodic work lives, a moment after every commit."""

import logging
import threading

from django.db import DatabaseError, connection

from requests_app.notify.deliver import Swept, sweep_outbox

log = logging.getLogger(__name__)

PAUSE_S = 1.0
"""How long an empty outbox is left alone: news is tried within about this time after the change."""

SERVER_GONE_S = 30.0
"""How long a mail server that cannot be reached is left alone."""


def run_until(stop: threading.Event, *, pause_s: float = PAUSE_S, server_gone_s: float = SERVER_GONE_S) -> None:
    """Sweep until asked to stop. Several couriers share the work; a database that is away is waited for."""
    while not stop.is_set():
        stop.wait(_wait_after(_swept(), pause_s, server_gone_s))
    connection.close()


def _swept() -> Swept:
    try:
        return sweep_outbox()
    except DatabaseError:
        log.warning("The database does not answer; mail waits for it.")
        connection.close()
    except Exception:
        log.exception("The courier stumbled; what it carried is tried again")
        connection.close()
    return Swept(0, 0)


def _wait_after(swept: Swept, pause_s: float, server_gone_s: float) -> float:
    if swept.unreachable:
        return server_gone_s
    return 0.0 if swept.done else pause_s
