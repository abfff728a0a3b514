"""Several threads that want the same thing at the same moment, each with its own connection."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from requests_app import actions


def race(*runners: Callable[[], Any]) -> list[Any]:
    """Start every runner at once; what each returned, or the refusal it met, in the order given.

    Whatever else befell one of them (a deadlock, a constraint) is no refusal: it is raised here.
    """
    fallen: list[BaseException] = []
    results: list[Any] = [None] * len(runners)
    gate = threading.Barrier(len(runners))

    def run(number: int, runner: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            gate.wait(30)
            results[number] = runner()
        except actions.ActionError as refusal:
            results[number] = refusal
        except BaseException as failure:  # noqa: BLE001 - a thread's failure is nobody's unless it is handed on
            fallen.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, r)) for n, r in enumerate(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if fallen:
        raise fallen[0]
    return results


def winners(results: Sequence[Any]) -> list[actions.Done]:
    """The actions that happened."""
    return [result for result in results if isinstance(result, actions.Done)]


def losers(results: Sequence[Any]) -> list[actions.ActionError]:
    """The refusals."""
    return [result for result in results if isinstance(result, actions.ActionError)]
