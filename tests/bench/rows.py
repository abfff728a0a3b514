"""What a bench says: rows with a figure, its limit, and whether it met its goal."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal


@dataclass(frozen=True)
class Row:
    """One measured figure.

    `limit` is the raw work measured in the same run, in the same unit; `goal` is the most (or least) that is good
    enough: for the ratio to the limit where there is one, otherwise for the value itself.
    """

    bench: str
    figure: str
    value: float
    unit: str
    limit: float | None = None
    goal: float | None = None
    better: Literal["lower", "higher"] = "lower"

    @property
    def ratio(self) -> float | None:
        return self.value / self.limit if self.limit else None

    @property
    def met(self) -> bool | None:
        """Tell whether the goal is met; None where none is set."""
        if self.goal is None:
            return None
        judged = self.value if self.ratio is None else self.ratio
        return judged <= self.goal if self.better == "lower" else judged >= self.goal

    def as_json(self) -> dict[str, object]:
        named = {name: value for name, value in asdict(self).items() if name != "better"}
        return {**named, "ratio": self.ratio, "met": self.met}


def short(number: float | None) -> str:
    return "" if number is None else f"{number:,.3g}" if abs(number) < 100 else f"{number:,.0f}"


def as_table(rows: Iterable[Row]) -> str:
    """Return the rows as a table for people."""
    verdict = {None: "", True: "met", False: "MISSED"}
    head = ("figure", "value", "unit", "limit", "ratio", "goal", "")
    body = [
        (r.figure, short(r.value), r.unit, short(r.limit), short(r.ratio), short(r.goal), verdict[r.met]) for r in rows
    ]
    return aligned([head, *body], (0, 2))


def aligned(lines: Sequence[tuple[str, ...]], left: Collection[int]) -> str:
    """Return lines as columns, those in ``left`` beginning at one edge and the others ending at one."""
    widths = [max(len(line[n]) for line in lines) for n in range(len(lines[0]))]
    padded = (
        "  ".join(
            word.ljust(w) if n in left else word.rjust(w) for n, (word, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )
    return "\n".join(line.rstrip() for line in padded)


def as_json(rows: Iterable[Row]) -> str:
    return json.dumps([row.as_json() for row in rows], indent=1)
