"""`python -m backend.launcher …`: the parts of ./clearway that are not bash."""

import fcntl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from backend.launcher import cluster
from backend.launcher.places import LOCAL


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let one launcher of this checkout touch the cluster at a time."""
    LOCAL.mkdir(mode=0o755, exist_ok=True)
    with (LOCAL / "cluster.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def start_cluster() -> int:
    """Start the cluster; say nothing when it runs."""
    with one_at_a_time():
        cluster.ensure()
    return 0


def stop_cluster() -> int:
    """Stop the cluster."""
    with one_at_a_time():
        stopped = cluster.stop()
    print("The database server is stopped." if stopped else "The database server was not running.", file=sys.stderr)
    return 0


COMMANDS: dict[str, Callable[[], int]] = {"start-cluster": start_cluster, "stop-cluster": stop_cluster}


def main() -> int:
    """Run one part, and print a failure as a sentence."""
    try:
        return COMMANDS[sys.argv[1]]()
    except cluster.ClusterError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
