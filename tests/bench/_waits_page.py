"""The page of every wait over the store of an invented log: what a whole request costs, through every middleware.

The store that `bench segments` built of the log is put in the place of the ledger's own, as if all its events were
those of one jurisdiction; the ledger itself holds one case.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from django.test import Client, override_settings
from django.utils.http import urlencode

from analytics.loading import ledger_name
from analytics.store.logs import LOG
from analytics.store.manifest import read_manifest, swap_manifest
from requests_app.ledger_reader import settled_place
from requests_app.models import Area, User
from tests import factories
from tests.bench._cpu import cost
from tests.bench._segment_log import AREAS, OFFICES, SERVICES
from tests.bench.rows import Row
from tests.factories import World

MOST_S = 1.0
FILTERS: dict[str, dict[str, str]] = {
    "no filter": {},
    "one service": {"service": "service-01"},
    "one area": {"area": "ward-03"},
    "one office": {"office": "office-05"},
    "a quarter": {"from": "2024-07-01", "to": "2024-09-30"},
    "service, area and quarter": {"service": "service-01", "area": "ward-03", "from": "2024-07-01", "to": "2024-09-30"},
}


def page(built: Path, root: Path, events: int) -> Iterator[Row]:
    """Measure the page under each filter. `built` is the folder of the store and is moved below `root`."""
    world = factories.world("segments")
    factories.file_request(world.pothole)
    _put_in_place(built, root, world)
    client = Client()
    client.force_login(User.objects.get(pk=world.evaluator.user_id))
    with override_settings(SEGMENTS_ROOT=root):
        for title, filters in FILTERS.items():
            address = f"/evaluate/{world.jurisdiction.code}/waits/?{urlencode(filters)}"

            def ask(_n: int, address: str = address) -> None:
                answer = client.get(address)
                assert answer.status_code == 200, answer.status_code
                shown = answer.content.decode()
                assert "made from the ledger" not in shown
                assert "Office-05 office" in shown

            ask(0)
            least = min(cost(ask, 1).total_ms for _ in range(5)) / 1000
            yield Row("segments", f"page over {events:,} events, {title}", least, "CPU s", goal=MOST_S)


def _put_in_place(built: Path, root: Path, world: World) -> None:
    place, manifest = world.jurisdiction, read_manifest(built)
    assert manifest is not None
    known = {
        "office": {name: factories.office(place, _code(name)).pk for name in OFFICES},
        "service": {name: factories.service(place, _code(name)).pk for name in SERVICES},
        "area": {
            name: Area.objects.create(
                jurisdiction=place, code=_code(name), names=factories.names(name), geometry=world.west.geometry
            ).pk
            for name in AREAS
        },
    }
    words = {kind: tuple(_id(name, known.get(kind, {})) for name in said) for kind, said in manifest.words[LOG].items()}
    parts = tuple(replace(part, place=str(place.pk)) for part in manifest.parts)
    swap_manifest(built, replace(manifest, cursor=settled_place(), words={str(place.pk): words}, parts=parts))
    root.mkdir()
    built.rename(root / ledger_name())


def _code(name: str) -> str:
    return name.lower().replace(" ", "-")


def _id(name: str, known: Mapping[str, int]) -> str:
    return str(known.get(name, name))
