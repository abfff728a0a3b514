"""Loading a file of cases: surveyed first, then written batch by batch, resumable, each row counted once.

A batch and its counts are one transaction. A run that was stopped is finished by starting it again: rows whose
reference is already in the jurisdiction are counted as present, and nothing is written twice.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import transaction

from requests_app.actions._draft import Draft, Text
from requests_app.actions.bulk import BulkCase, BulkEvent, write_cases
from requests_app.clock import now
from requests_app.imports.errors import ImportRefused, Unusable
from requests_app.imports.facts import fact_sentences
from requests_app.imports.mapping import ImportedCase, Mapper
from requests_app.imports.place import Catalogue, import_place, only_import_into, refuse_other_source
from requests_app.imports.reading import Record, digest_of, read_records
from requests_app.imports.references import public_reference
from requests_app.imports.rejects import Reject, RejectsFile
from requests_app.imports.runs import Counts, Told, batched, begin_run, end_run, keep_counts
from requests_app.imports.source import PlaceRules, Source
from requests_app.models import Area, ImportRun, Jurisdiction, ServiceRequest, Words
from requests_app.places.areas import areas_of_points
from requests_app.states import Activity

BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Survey:
    """What a first reading of the file found: its rows, how often each service occurs, its fingerprint."""

    rows: int
    service_counts: Counter[str]
    digest: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What an import did, for its report."""

    place: Jurisdiction
    counts: Counts
    rejects: RejectsFile
    facts: Counter[str]
    has_areas: bool


@dataclass
class _Run:
    """One run over one file."""

    place: Jurisdiction
    source: Source
    mapper: Mapper
    rejects: RejectsFile
    record: ImportRun
    as_of: datetime | None
    recorded_at: datetime
    catalogue: Catalogue = field(init=False)
    has_areas: bool = field(init=False)
    counts: Counts = field(default_factory=Counts)
    first_row: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.catalogue = Catalogue(
            self.place, self.source.service_kind, self.source.publicity, naming=self.source.naming
        )
        self.has_areas = Area.objects.filter(jurisdiction=self.place, kind=self.place.area_kind).exists()


def survey(path: Path, source: Source) -> Survey:
    """Read the whole file once, before anything is written: a file that cannot be read to its end loads nothing."""
    mapper = Mapper(source, now())
    counts: Counter[str] = Counter()
    rows = 0
    for record in read_records(path, source):
        rows += 1
        if isinstance(record, Record):
            counts[mapper.service_name(record.values)] += 1
    if rows == 0:
        raise ImportRefused(f"{path.name} has a header but no rows: there is nothing to import.")
    return Survey(rows, counts if source.fewest_of_a_service > 1 else Counter(), digest_of(path))


def load_file(
    path: Path,
    source: Source,
    rules: PlaceRules,
    *,
    found: Survey,
    rejects: RejectsFile,
    told: Told,
    as_of: datetime | None = None,
) -> Loaded:
    """Load a surveyed file into the jurisdiction of the rules. ImportRefused when it is not that source's own."""
    place = import_place(rules, source.title)
    with only_import_into(place):
        refuse_other_source(place, source.name)
        run = _begin(path, source, place, found, rejects, as_of)
        for batch in batched(read_records(path, source), BATCH):
            _load_batch(run, batch)
            told(run.counts.read)
        _finish(run)
    return Loaded(place, run.counts, rejects, run.mapper.facts, run.has_areas)


def _begin(
    path: Path, source: Source, place: Jurisdiction, found: Survey, rejects: RejectsFile, as_of: datetime | None
) -> _Run:
    moment = now()
    record = begin_run(place, source.name, path.name, found.digest)
    mapper = Mapper(source, moment, place.time_zone, found.service_counts)
    return _Run(place, source, mapper, rejects, record, as_of, recorded_at=moment)


@transaction.atomic
def _load_batch(run: _Run, batch: Sequence[Record | Reject]) -> None:
    cases = _usable(run, batch)
    present = _present(run.place, [case.reference for case in cases])
    fresh = [case for case in cases if case.reference not in present]
    points = [case.point for case in cases]
    areas = dict(
        zip((c.reference for c in cases), areas_of_points(run.place.pk, run.place.area_kind, points), strict=True)
    )
    if run.has_areas:
        run.mapper.facts["outside_areas"] += sum(c.point is not None and areas[c.reference] is None for c in cases)
    write_cases(run.place.pk, [_bulk_case(run, case, areas[case.reference]) for case in fresh], check_moves=False)
    counts = run.counts
    counts.read += len(batch)
    counts.loaded += len(fresh)
    counts.present += len(cases) - len(fresh)
    counts.rejected = run.rejects.count
    counts.check()
    _keep(run, cases)


def _usable(run: _Run, batch: Sequence[Record | Reject]) -> list[ImportedCase]:
    """The cases of a batch; what is no case is written to the rejects."""
    cases = []
    for record in batch:
        if isinstance(record, Reject):
            run.rejects.add(record)
            continue
        try:
            case = run.mapper.case(record)
            _refuse_repeated(run, case)
        except Unusable as refused:
            run.rejects.add(Reject(record.row, refused.column, refused.reason, refused.value))
        else:
            cases.append(case)
    return cases


def _refuse_repeated(run: _Run, case: ImportedCase) -> None:
    first = run.first_row.setdefault(case.reference, case.row)
    if first != case.row:
        raise Unusable(
            run.source.column("reference"),
            "The same reference stands in an earlier row.",
            f"{case.reference}, row {first}",
        )


def _present(place: Jurisdiction, references: Sequence[str]) -> set[str]:
    found = ServiceRequest.objects.filter(jurisdiction=place, source_reference__in=references)
    return {str(reference) for reference in found.values_list("source_reference", flat=True)}


def _keep(run: _Run, cases: Sequence[ImportedCase]) -> None:
    """Store the counts and the data cut with the batch they belong to."""
    latest = [case.life.latest_at for case in cases]
    if run.as_of is None and latest:
        run.place.as_of = max(latest) if run.place.as_of is None else max(run.place.as_of, *latest)
    elif run.as_of is not None:
        run.place.as_of = run.as_of
    run.place.save(update_fields=["as_of"])
    keep_counts(run.record, run.counts)


@transaction.atomic
def _finish(run: _Run) -> None:
    end_run(run.record)
    facts = Counter({**run.mapper.facts, "rejected": run.counts.rejected})
    run.place.not_recorded = list(run.source.not_recorded)
    run.place.assumptions = [*run.source.assumptions, *fact_sentences(facts)]
    run.place.source = run.source.title
    run.place.save(update_fields=["not_recorded", "assumptions", "source"])


def _bulk_case(run: _Run, case: ImportedCase, area_id: int | None) -> BulkCase:
    return BulkCase(
        public_reference(run.place.reference_prefix, case.reference),
        list(_events(run, case, area_id)),
        location=case.point,
        address_label=case.address,
        channel=case.channel,
        language=run.source.place.languages[0],
        due_at=case.due_at,
        source_reference=case.reference,
    )


def _events(run: _Run, case: ImportedCase, area_id: int | None) -> Iterator[BulkEvent]:
    """What the source says happened, in order.

    It was all learnt now: `recorded_at` is the time of the import, so that nobody takes an old case for one that was
    known here when it happened.
    """

    def event(draft: Draft, at: datetime) -> BulkEvent:
        return BulkEvent(draft, at, recorded_at=run.recorded_at)

    yield event(
        Draft(
            Activity.SUBMITTED,
            service_id=run.catalogue.service(case.service),
            area_id=area_id,
            promised_at=case.due_at,
            text=_words(Words.Kind.DESCRIPTION, case.description),
        ),
        case.life.opened_at,
    )
    if case.office:
        yield event(Draft(Activity.ROUTED, office_id=run.catalogue.office(case.office)), case.life.opened_at)
    if case.life.accepted_at:
        yield event(Draft(Activity.ACCEPTED), case.life.accepted_at)
    if case.life.closed_at:
        note = _words(Words.Kind.REPLY, case.closing_note)
        yield event(Draft(Activity.RESOLVED, outcome=case.outcome, text=note), case.life.closed_at)
    if case.life.reopened_at:
        yield event(Draft(Activity.REOPENED), case.life.reopened_at)


def _words(kind: Words.Kind, body: str) -> Text | None:
    """Words of the source are kept unreleased: nobody here has read them."""
    return Text(kind, body) if body else None
