"""Where a checkout keeps its cluster: inside `.local/` when that works, elsewhere when it cannot."""

import hashlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
# The kernel takes a socket path of at most 107 bytes; PostgreSQL adds "/.s.PGSQL.5432.lock".
LONGEST_SOCKET_FOLDER = 80
SERVER_USER = "postgres"


@dataclass(frozen=True)
class Places:
    """The folders of one checkout's cluster, and the user that runs it (None: the caller)."""

    home: Path
    socket: Path
    user: str | None
    folder: str = "data"

    @property
    def data(self) -> Path:
        """The server's data."""
        return self.home / self.folder

    @property
    def log(self) -> Path:
        """The server's own log, beside its data."""
        return self.home / "server.log"


def checkout_mark() -> str:
    """Return ten characters that tell this checkout from any other on the machine."""
    return hashlib.sha256(str(ROOT).encode()).hexdigest()[:10]


def can_use(folder: Path, user: str | None) -> bool:
    """Tell whether the user can reach and own a private folder here (some mounts know no permissions)."""
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    trial = folder / f".trial-{os.getpid()}"
    trial.mkdir(mode=0o700)
    try:
        trial.chmod(0o700)
        if user:
            os.chown(trial, *ids_of(user))
        reached = run_as(user, "test", "-w", trial).returncode == 0
        return reached and trial.stat().st_mode & 0o077 == 0
    except OSError:
        return False
    finally:
        trial.rmdir()


def ids_of(user: str) -> tuple[int, int]:
    """Return a system user's number and group."""
    entry = pwd.getpwnam(user)
    return entry.pw_uid, entry.pw_gid


def run_as(
    user: str | None, *command: str | Path, words: str = "", env: dict[str, str] | None = None, quiet: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a program as another user, with that user's group only, and outside folders it may not enter.

    `words` is its input. `quiet` gives it no pipes at all: a server left behind would hold them open.
    """
    pipe = subprocess.DEVNULL if quiet else subprocess.PIPE
    return subprocess.run(
        [str(word) for word in command],
        user=user,
        group=ids_of(user)[1] if user else None,
        extra_groups=[] if user else None,
        cwd="/",
        env=env,
        text=True,
        input=None if quiet else words,
        stdin=subprocess.DEVNULL if quiet else None,
        stdout=pipe,
        stderr=pipe,
        check=False,
    )


def choose() -> Places:
    """Decide where the cluster lives. The answer is the same each time for the same checkout and caller."""
    user = SERVER_USER if os.geteuid() == 0 else None
    inside = can_use(LOCAL, user)
    home = LOCAL / "pg" if inside else outside_home(user)
    socket = LOCAL / "run"
    if not inside or len(os.fsencode(socket)) > LONGEST_SOCKET_FOLDER:
        socket = outside_socket(user)
    return Places(home, socket, user)


def outside_home(user: str | None) -> Path:
    """Return the folder for a checkout that the server's user cannot enter."""
    name = f"clearway-{checkout_mark()}"
    return Path("/var/lib") / name if user else Path.home() / ".local" / "share" / name


def outside_socket(user: str | None) -> Path:
    """Return a socket folder with a short path."""
    name = f"clearway-{checkout_mark()}"
    return Path("/run") / name if user else Path("/tmp") / f"{name}-{os.getuid()}"  # noqa: S108 (made 0700, owner checked)


def tell(places: Places) -> None:
    """Write where data and socket are to `.local/where`, if that changed."""
    words = f"data    {places.data}\nsocket  {places.socket}\nuser    {places.user or 'you'}\n"
    path = LOCAL / "where"
    if not path.is_file() or path.read_text(encoding="utf-8") != words:
        path.write_text(words, encoding="utf-8")
