"""`python -m backend.launcher …`: the parts of ./clearway that are not bash."""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from backend.launcher import cluster, frontend, serve
from backend.launcher.checks import check
from backend.launcher.places import LOCAL


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let one launcher of this checkout touch the cluster at a time."""
    LOCAL.mkdir(mode=0o755, exist_ok=True)
    with (LOCAL / "cluster.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def start_cluster() -> None:
    """Start the cluster, unless the caller brings a database."""
    if os.environ.get("DATABASE_URL"):
        return
    with one_at_a_time():
        cluster.ensure()


def stop_cluster() -> bool:
    """Stop the cluster; return False when it was not running."""
    with one_at_a_time():
        return cluster.stop()


def down() -> int:
    """Stop the city and the cluster of this checkout."""
    serve.stop_running()
    stopped = stop_cluster()
    print("The database server is stopped." if stopped else "The database server was not running.", file=sys.stderr)
    return 0


def run(name: str, words: list[str]) -> int:
    """Run one part and return its exit code."""
    match name:
        case "start-cluster":
            start_cluster()
            return 0
        case "down":
            return down()
        case "install-frontend":
            frontend.install()
            return 0
        case "serve":
            return serve.serve(words, start_cluster, stop_cluster)
        case "check":
            return check()
    raise SystemExit(f"The launcher has no part called {name}.")


def main() -> int:
    """Run one part, and print a failure as a sentence."""
    try:
        return run(sys.argv[1], sys.argv[2:])
    except (cluster.ClusterError, frontend.FrontendError, serve.ServeError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
