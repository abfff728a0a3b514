"""Event logs of other systems as cases: each event an imported activity, with the office that has the case after it.

The reader of files is above this floor; what comes in are plain values. A case begins with its first event (no
submission is invented). A log has no mark for cases still open, so the rule that closes them is chosen by the operator
and printed with the import.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from requests_app.actions._draft import Draft
from requests_app.actions.bulk import BulkCase, BulkEvent, write_cases
from requests_app.clock import now
from requests_app.imports.facts import fact_sentences, told
from requests_app.imports.place import Catalogue, import_place, only_import_into, refuse_other_source
from requests_app.imports.references import public_reference, source_reference
from requests_app.imports.rejects import Reject, RejectsFile
from requests_app.imports.runs import Counts, Told, batched, begin_run, end_run, keep_counts
from requests_app.imports.source import Names, PlaceRules
from requests_app.models import ForeignActivity, ImportRun, Jurisdiction, ServiceKind, ServiceRequest
from requests_app.permissions import Publicity
from requests_app.states import Activity, Outcome

SOURCE = "event_log"
BATCH = 250
LONGEST_ACTIVITY = 200
LONGEST_OFFICE = 150


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event: what happened, when (UTC), at which office ("" where the log names none)."""

    activity: str
    at: datetime
    office: str = ""


@dataclass(frozen=True, slots=True)
class LogCase:
    """One case of a log with its events in order, at least one."""

    label: str
    events: Sequence[LogEvent]


@dataclass(frozen=True, slots=True)
class Log:
    """A log as it was read. `office_from` is the attribute the offices came from, "" when the log has none.

    `end_activities` closes a case whose last event is one of them; None closes every case at its last event.
    """

    file_name: str
    digest: str
    service_name: str
    cases: Iterable[LogCase]
    rejects: Sequence[Reject]
    office_from: str = ""
    naive_times: int = 0
    end_activities: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class LoadedLog:
    """What an import of a log did; the counts are events."""

    place: Jurisdiction
    counts: Counts
    cases_loaded: int
    cases_closed: int


@dataclass
class _Run:
    place: Jurisdiction
    log: Log
    record: ImportRun
    recorded_at: datetime
    catalogue: Catalogue
    activities: dict[str, int]
    counts: Counts = field(default_factory=Counts)
    cases_loaded: int = 0
    cases_closed: int = 0
    given: set[str] = field(default_factory=set)

    def reference(self, label: str) -> str:
        """A public reference for a case: labels that differ only in their capitals still get two."""
        prefix = self.place.reference_prefix
        plain = public_reference(prefix, label.upper())
        chosen = public_reference(prefix, label) if plain in self.given else plain
        self.given.add(chosen)
        return chosen


def load_event_log(log: Log, rules: PlaceRules, *, rejects: RejectsFile, done: Told) -> LoadedLog:
    """Load a log into the jurisdiction of the rules; events read = loaded + present + rejected."""
    place = import_place(rules, log.file_name)
    with only_import_into(place):
        refuse_other_source(place, SOURCE)
        run = _begin(place, log)
        for reject in log.rejects:
            rejects.add(reject)
        run.counts.read = run.counts.rejected = rejects.count
        for batch in batched(log.cases, BATCH):
            _load_batch(run, batch)
            done(run.counts.read)
        _finish(run)
    return LoadedLog(place, run.counts, run.cases_loaded, run.cases_closed)


def _begin(place: Jurisdiction, log: Log) -> _Run:
    catalogue = Catalogue(place, ServiceKind.APPLICATION, Publicity.PRIVATE, needs_place=False)
    return _Run(
        place,
        log,
        begin_run(place, SOURCE, log.file_name, log.digest),
        now(),
        catalogue,
        dict(ForeignActivity.objects.filter(jurisdiction=place).values_list("name", "pk")),
    )


@transaction.atomic
def _load_batch(run: _Run, batch: Sequence[LogCase]) -> None:
    references = [run.reference(case.label) for case in batch]
    labels = [source_reference(case.label) for case in batch]
    found = ServiceRequest.objects.filter(jurisdiction=run.place, source_reference__in=labels)
    present = set(found.values_list("source_reference", flat=True))
    known = zip(batch, references, labels, strict=True)
    wanted = [(case, reference) for case, reference, label in known if label not in present]
    fresh = [case for case, _reference in wanted]
    write_cases(run.place.pk, [_bulk_case(run, *case) for case in wanted], check_moves=False)
    loaded, read = sum(len(c.events) for c in fresh), sum(len(c.events) for c in batch)
    run.counts.read += read
    run.counts.loaded += loaded
    run.counts.present += read - loaded
    run.cases_loaded += len(fresh)
    run.cases_closed += sum(_is_closed(run.log, case) for case in fresh)
    latest = max(case.events[-1].at for case in batch)
    run.place.as_of = max(run.place.as_of, latest) if run.place.as_of else latest
    run.place.save(update_fields=["as_of"])
    keep_counts(run.record, run.counts)


@transaction.atomic
def _finish(run: _Run) -> None:
    end_run(run.record)
    run.place.not_recorded = [
        "accepted", "started", "outcomes", *([] if run.log.office_from else ["offices", "handovers"]),
    ]  # fmt: skip
    facts = {"rejected": run.counts.rejected, "naive_times": run.log.naive_times}
    run.place.assumptions = [*assumptions(run.log), *fact_sentences(facts)]
    run.place.save(update_fields=["not_recorded", "assumptions"])


def assumptions(log: Log) -> list[Names]:
    """What was assumed of a log, in each language."""
    return [told(lambda: gettext("A case begins with its first event in the log.")), _closing(log), _offices(log)]


def _closing(log: Log) -> Names:
    if log.end_activities is None:
        return told(
            lambda: gettext(
                "The log does not say which cases are still open: every case is taken as closed at its last event, "
                "and as resolved."
            )
        )
    ends = ", ".join(sorted(log.end_activities))
    return told(
        lambda: (
            gettext(
                "A case is taken as closed, and as resolved, when its last event is one of: %(activities)s. "
                "The others are open."
            )
            % {"activities": ends}
        )
    )


def _offices(log: Log) -> Names:
    if not log.office_from:
        return told(lambda: gettext("The log names no office: only activities and their times can be measured."))
    return told(
        lambda: (
            gettext(
                "The office is read from “%(attribute)s”: the office of an event has the case until an event of "
                "another office."
            )
            % {"attribute": log.office_from}
        )
    )


def _bulk_case(run: _Run, case: LogCase, reference: str) -> BulkCase:
    return BulkCase(
        reference,
        list(_events(run, case)),
        source_reference=source_reference(case.label),
    )


def _events(run: _Run, case: LogCase) -> Iterator[BulkEvent]:
    for index, event in enumerate(case.events):
        draft = Draft(
            Activity.IMPORTED,
            service_id=run.catalogue.service(run.log.service_name) if index == 0 else None,
            office_id=_office(run, event),
            foreign_activity_id=_activity(run, event.activity),
        )
        yield BulkEvent(draft, event.at, recorded_at=run.recorded_at)
    if _is_closed(run.log, case):
        end = Draft(Activity.RESOLVED, outcome=Outcome.RESOLVED)
        yield BulkEvent(end, case.events[-1].at, recorded_at=run.recorded_at)


def _is_closed(log: Log, case: LogCase) -> bool:
    return log.end_activities is None or case.events[-1].activity in log.end_activities


def _office(run: _Run, event: LogEvent) -> int | None:
    """An event without an office, in a log that has them, is at an unknown one: nobody says that the case stayed."""
    if not run.log.office_from:
        return None
    return run.catalogue.office(event.office[:LONGEST_OFFICE]) if event.office else run.catalogue.unknown_office()


def _activity(run: _Run, name: str) -> int:
    name = name[:LONGEST_ACTIVITY]
    if name not in run.activities:
        run.activities[name] = ForeignActivity.objects.create(jurisdiction=run.place, name=name).pk
    return run.activities[name]
