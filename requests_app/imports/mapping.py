"""One record of a source → what happened to one case: pure rules, no database."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from requests_app.imports.errors import Unusable
from requests_app.imports.reading import Record
from requests_app.imports.source import Source, folded
from requests_app.imports.times import Clock
from requests_app.states import Outcome
from requests_app.text.normalise import clean, is_text

LONGEST_REFERENCE = 120
LONGEST_NAME = 150
LONGEST_ADDRESS = 200


@dataclass(frozen=True, slots=True)
class Life:
    """The times of a case in UTC. A reopening comes after the closing; `latest_at` is the last thing the row tells."""

    opened_at: datetime
    accepted_at: datetime | None
    closed_at: datetime | None
    reopened_at: datetime | None
    latest_at: datetime


@dataclass(frozen=True, slots=True)
class ImportedCase:
    """One case of another system."""

    row: int
    reference: str
    service: str
    office: str
    life: Life
    due_at: datetime | None = None
    outcome: Outcome | None = None
    point: tuple[float, float] | None = None
    address: str = ""
    channel: str = "import"
    description: str = ""
    closing_note: str = ""


@dataclass
class Mapper:
    """Maps records by the rules of a source; counts in `facts` what was read in a way that people should know of.

    `now` is the present (nothing happens after it); `service_counts` how often each name of a service occurs, for
    sources whose rare names may be a citizen's own words.
    """

    source: Source
    now: datetime
    zone: str = ""
    service_counts: Mapping[str, int] = field(default_factory=dict)
    facts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        zone = ZoneInfo(self.zone or self.source.place.time_zone)
        self.clock = Clock(zone, self.source.time_formats, self.source.ignore_offsets)

    def case(self, record: Record) -> ImportedCase:
        """The case of a record; Unusable, naming column and reason, when there is none."""
        values = record.values
        _refuse_unkeepable(values)
        life = self._life(values)
        service = self._service(values)
        description = clean(self._text(values, "description"))
        return ImportedCase(
            row=record.row,
            reference=self._reference(values),
            service=service,
            office=self._text(values, "office")[:LONGEST_NAME],
            life=life,
            due_at=self._time(values, "due"),
            outcome=self._outcome(values) if life.closed_at else None,
            point=self._point(values),
            address=clean(self.source.address(self._text(values, "address")))[:LONGEST_ADDRESS],
            channel=self._channel(values),
            # Words that only repeat the name of the service say nothing.
            description="" if folded(description) == folded(service) else description,
            closing_note=clean(self._text(values, "closing_note")),
        )

    def service_name(self, values: Mapping[str, str]) -> str:
        """The name of the service as the source writes it."""
        return " ".join(self._text(values, "service").split())[:LONGEST_NAME]

    def _text(self, values: Mapping[str, str], part: str) -> str:
        for column in self.source.columns.get(part, ()):
            if text := values.get(column, "").strip():
                return text
        return ""

    def _reference(self, values: Mapping[str, str]) -> str:
        text = self._text(values, "reference")
        if not text:
            raise Unusable(self.source.column("reference"), "The row has no reference of its own.")
        if len(text) > LONGEST_REFERENCE:
            raise Unusable(
                self.source.column("reference"), f"The reference is longer than {LONGEST_REFERENCE} characters.", text
            )
        return text

    def _service(self, values: Mapping[str, str]) -> str:
        name = self.service_name(values)
        rare = self.service_counts.get(name, self.source.fewest_of_a_service) < self.source.fewest_of_a_service
        if name and not rare:
            return name
        if not self.source.other_service:
            raise Unusable(self.source.column("service"), "The row names no service.")
        self.facts["other_service"] += 1
        return self.source.other_service

    def _time(self, values: Mapping[str, str], part: str, *, second: bool = False) -> datetime | None:
        text = self._text(values, part)
        if not text:
            return None
        try:
            return self.clock.read(text, second=second)
        except (ValueError, OverflowError):
            raise Unusable(
                self.source.column(part), "This is no date and time as the source writes them.", text
            ) from None

    def _past(self, values: Mapping[str, str], part: str) -> datetime | None:
        moment = self._time(values, part)
        if moment is not None and moment > self.now:
            raise Unusable(self.source.column(part), "This time is in the future.", self._text(values, part))
        return moment

    def _needed_time(self, values: Mapping[str, str], part: str) -> datetime:
        moment = self._past(values, part)
        if moment is None:
            raise Unusable(self.source.column(part), "The row does not say when the request came in.")
        return moment

    def _closed_at(self, values: Mapping[str, str], opened_at: datetime) -> datetime | None:
        """When it was closed, never before it was opened: such a row says nothing that can be measured."""
        closed_at = self._past(values, "closed")
        if closed_at is not None and closed_at < opened_at:
            closed_at = self._time(values, "closed", second=True)  # a local time of the hour that autumn repeats
        if closed_at is not None and closed_at < opened_at:
            raise Unusable(self.source.column("closed"), "Closed before it was opened.", self._text(values, "closed"))
        return closed_at

    def _is_closed(self, values: Mapping[str, str], closed_at: datetime | None) -> bool:
        if "status" not in self.source.columns:
            return closed_at is not None
        text = self._text(values, "status")
        if folded(text) in self.source.closed_statuses:
            return True
        if folded(text) in self.source.open_statuses:
            return False
        known = ", ".join(sorted(self.source.open_statuses | self.source.closed_statuses))
        raise Unusable(self.source.column("status"), f"The status is none of: {known}.", text)

    def _life(self, values: Mapping[str, str]) -> Life:
        """When it was opened, accepted, closed and opened again, in an order that can have been."""
        opened_at = self._needed_time(values, "opened")
        closed_at = self._closed_at(values, opened_at)
        is_closed = self._is_closed(values, closed_at)
        if is_closed and closed_at is None:
            raise Unusable(self.source.column("closed"), "Closed, but the row does not say when.")
        reopened_at = self._reopened_at(values, closed_at, is_closed=is_closed)
        accepted_at = self._accepted_at(values, opened_at, closed_at)
        times = (opened_at, accepted_at, closed_at, reopened_at, self._past(values, "updated"))
        return Life(opened_at, accepted_at, closed_at, reopened_at, max(t for t in times if t))

    def _reopened_at(
        self, values: Mapping[str, str], closed_at: datetime | None, *, is_closed: bool
    ) -> datetime | None:
        """When a case that is open now was opened again.

        An open row with a closing time and no later reopening is a contradiction. Of a closed case the closing before
        the reopening is not known, so both are left out.
        """
        reopened_at = self._past(values, "reopened")
        if is_closed:
            self.facts["reopening_left_out"] += reopened_at is not None
            return None
        if closed_at is None:
            return None
        if reopened_at is None or reopened_at < closed_at:
            text = self._text(values, "closed")
            raise Unusable(self.source.column("closed"), "Open, but the row has a closing time.", text)
        return reopened_at

    def _accepted_at(
        self, values: Mapping[str, str], opened_at: datetime, closed_at: datetime | None
    ) -> datetime | None:
        accepted_at = self._past(values, "accepted")
        if accepted_at is None:
            return None
        if accepted_at < opened_at or (closed_at is not None and accepted_at > closed_at):
            self.facts["acceptance_left_out"] += 1
            return None
        return accepted_at

    def _outcome(self, values: Mapping[str, str]) -> Outcome:
        for rule in self.source.outcome_rules:
            if rule.pattern.search(values.get(rule.column, "").strip()):
                return rule.outcome
        if self.source.outcome_rules:
            self.facts["outcome_unknown"] += 1
        return self.source.default_outcome

    def _point(self, values: Mapping[str, str]) -> tuple[float, float] | None:
        """(longitude, latitude), or None where the source knows no place."""
        lat, lon = self._degrees(values, "latitude", 90), self._degrees(values, "longitude", 180)
        if lat is None or lon is None or (lat, lon) in self.source.nowhere:
            self.facts["no_place"] += 1
            return None
        return lon, lat

    def _degrees(self, values: Mapping[str, str], part: str, most: int) -> float | None:
        text = self._text(values, part)
        if not text:
            return None
        try:
            degrees = float(text)
        except ValueError:
            raise Unusable(self.source.column(part), "This is not a number of degrees.", text) from None
        if not -most <= degrees <= most:
            raise Unusable(self.source.column(part), f"A {part} lies between -{most} and {most} degrees (WGS84).", text)
        return degrees

    def _channel(self, values: Mapping[str, str]) -> str:
        return self.source.channels.get(folded(self._text(values, "channel")), "import")


def _refuse_unkeepable(values: Mapping[str, str]) -> None:
    for column, text in values.items():
        if not is_text(text):
            raise Unusable(column, "The cell holds a NUL or half a character, which is no text.", repr(text))
