"""The jurisdiction an import is loaded into: its own, marked imported, with the offices and services the file names."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from django.db import connection
from django.utils.translation import gettext

from requests_app.imports.codes import free_code, numbered
from requests_app.imports.errors import ImportRefused
from requests_app.imports.facts import told
from requests_app.imports.naming import NO_NAMES, Names, Naming
from requests_app.imports.source import PlaceRules, known_zone
from requests_app.models import ImportRun, Jurisdiction, Office, Provenance, Service
from requests_app.permissions import Publicity

LOCK = 7_311_020
"""First half of the advisory lock that keeps two imports out of one jurisdiction; the second half is its id."""
LONGEST_PREFIX = 8
UNKNOWN_OFFICE = "unknown"
"""Its code is also the category of an unknown office in reports."""


def chosen_place(rules: PlaceRules, *, code: str = "", name: str = "", zone: str = "", prefix: str = "") -> PlaceRules:
    """The rules of a source with what the operator chose instead; another code brings its own name and prefix."""
    if code and code != rules.code:
        rules = replace(rules, code=code, names={"en": code.replace("-", " ").title()}, reference_prefix=short(code))
    return replace(
        rules,
        names={"en": name} if name else rules.names,
        time_zone=known_zone(zone or rules.time_zone),
        reference_prefix=prefix.upper()[:LONGEST_PREFIX] or rules.reference_prefix,
    )


def short(code: str) -> str:
    """A reference prefix from a code: the first letters of its words, or its first letters when it is one word."""
    words = [word for word in code.upper().split("-") if word]
    return ("".join(word[0] for word in words) if len(words) > 2 else "".join(words))[: LONGEST_PREFIX - 2]


def import_place(rules: PlaceRules, title: str) -> Jurisdiction:
    """The jurisdiction of the rules, made when it is not there; ImportRefused when its cases are not imported ones."""
    place = Jurisdiction.objects.filter(code=rules.code).first()
    if place is None:
        return Jurisdiction.objects.create(
            code=rules.code,
            names=rules.names,
            reference_prefix=_free_prefix(rules.reference_prefix),
            provenance=Provenance.IMPORTED,
            time_zone=rules.time_zone,
            languages=list(rules.languages),
            area_kind=rules.area_kind,
            source=title,
        )
    if place.provenance != Provenance.IMPORTED:
        raise ImportRefused(
            f"“{rules.code}” is a {place.provenance} jurisdiction; imported cases never mix with its own. "
            "Name another one with --jurisdiction."
        )
    return place


def refuse_other_source(place: Jurisdiction, source: str) -> None:
    """ImportRefused when another source was already loaded into the jurisdiction."""
    other = ImportRun.objects.filter(jurisdiction=place).exclude(source=source).values_list("source", flat=True).first()
    if other:
        raise ImportRefused(
            f"“{place.code}” already holds cases of source {other}; each source has a jurisdiction of its own. "
            "Name another one with --jurisdiction."
        )


@contextmanager
def only_import_into(place: Jurisdiction) -> Iterator[None]:
    """Keep every other import out of the jurisdiction meanwhile; ImportRefused when one is running."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, place.pk])
        if not cursor.fetchone()[0]:
            raise ImportRefused(f"Another import into “{place.code}” is running. Wait for it to end, then start again.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, place.pk])


def _free_prefix(wanted: str) -> str:
    """The prefix, with a number when another jurisdiction has it: references are unique over all of them."""
    taken = set(Jurisdiction.objects.values_list("reference_prefix", flat=True))
    return numbered(wanted, taken, LONGEST_PREFIX)


@dataclass
class Catalogue:
    """Offices and services by the name the source gives them, made when first met and called as people read it.

    A code is the slug of the source's name. One that was made before it had a better name gets it when it is met.
    """

    place: Jurisdiction
    kind: str
    publicity: Publicity
    needs_place: bool = True
    naming: Naming = NO_NAMES
    offices: dict[str, int] = field(default_factory=dict)
    services: dict[str, int] = field(default_factory=dict)
    codes: dict[type[Office] | type[Service], set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for model, ids in ((Office, self.offices), (Service, self.services)):
            self.codes[model] = set()
            for row in model.objects.filter(jurisdiction=self.place).only("pk", "code", "names", "source_name"):
                ids[row.source_name or row.names["en"]] = row.pk
                self.codes[model].add(row.code)
        self._call_anew(Office, self.naming.office)
        self._call_anew(Service, self.naming.service)

    def office(self, name: str) -> int:
        """The id of the office of that name."""
        if name not in self.offices:
            row = Office.objects.create(
                jurisdiction=self.place,
                code=self._code(Office, name),
                kind="queue",
                names=self.naming.office(name),
                source_name=name,
            )
            self.offices[name] = row.pk
        return self.offices[name]

    def unknown_office(self) -> int:
        """The id of the office that stands for cases whose office the source does not name."""
        if UNKNOWN_OFFICE not in self.offices:
            row, _made = Office.objects.get_or_create(
                jurisdiction=self.place,
                code=UNKNOWN_OFFICE,
                defaults={"kind": "unknown", "names": told(lambda: gettext("Office not recorded"))},
            )
            self.offices[UNKNOWN_OFFICE] = row.pk
        return self.offices[UNKNOWN_OFFICE]

    def service(self, name: str) -> int:
        """The id of the service of that name."""
        if name not in self.services:
            row = Service.objects.create(
                jurisdiction=self.place,
                code=self._code(Service, name),
                kind=self.kind,
                names=self.naming.service(name),
                source_name=name,
                publicity=self.publicity,
                needs_place=self.needs_place,
                takes_photo=False,
            )
            self.services[name] = row.pk
        return self.services[name]

    def _call_anew(self, model: type[Office] | type[Service], names_of: Callable[[str], Names]) -> None:
        """Give what was loaded before its name of today; what the source has no better name for keeps its own."""
        for row in model.objects.filter(jurisdiction=self.place).only("pk", "names", "source_name"):
            name = row.source_name or row.names["en"]
            if "fr" in names_of(name) and (row.names, row.source_name) != (names_of(name), name):
                row.names, row.source_name = names_of(name), name
                row.save(update_fields=["names", "source_name"])

    def _code(self, model: type[Office] | type[Service], name: str) -> str:
        code = free_code(name, self.codes[model])
        self.codes[model].add(code)
        return code
