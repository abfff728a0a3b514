"""Written times → moments in UTC, by the zone of the source."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Clock:
    """How a source writes times: its zone, formats in order of trial ("iso" or strptime's), whether offsets count.

    A local time in the hour that the clocks skip in spring is read as one hour later, as a clock that was not yet
    put forward shows it; one in the hour they repeat in autumn as the first of the two.
    """

    zone: ZoneInfo
    formats: tuple[str, ...] = ("iso",)
    ignore_offsets: bool = False

    def read(self, text: str, *, second: bool = False) -> datetime:
        """The moment in UTC. `second` takes the second of a repeated hour. ValueError when no format fits."""
        written = self._written(text)
        if written.tzinfo is not None and not self.ignore_offsets:
            return written.astimezone(UTC)
        return written.replace(tzinfo=self.zone, fold=int(second)).astimezone(UTC)

    def _written(self, text: str) -> datetime:
        for form in self.formats:
            try:
                return datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)  # noqa: DTZ007
            except ValueError:
                continue
        raise ValueError(text)
