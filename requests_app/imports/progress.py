"""How far a long command has come: a bar on a terminal, a line each tenth elsewhere."""

from typing import IO

WIDTH = 30


class Progress:
    """Reports how many of `total` are done to a text stream."""

    def __init__(self, stream: IO[str], total: int) -> None:
        self.stream, self.total = stream, max(total, 1)
        self.tenth = 0
        self.on_terminal = bool(getattr(stream, "isatty", lambda: False)())

    def to(self, done: int) -> None:
        """Say that `done` rows are through."""
        share = min(done / self.total, 1.0)
        if self.on_terminal:
            bar = "#" * round(share * WIDTH)
            self.stream.write(f"\r[{bar:<{WIDTH}}] {done:,} of {self.total:,} rows ")
            if done >= self.total:
                self.stream.write("\n")
        elif int(share * 10) > self.tenth:
            self.tenth = int(share * 10)
            self.stream.write(f"{done:,} of {self.total:,} rows\n")
        self.stream.flush()
