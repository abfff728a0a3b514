"""What filing through the form costs: the last POST through every middleware, beside the bare rows it writes.

Routing by live rules, events, outbox and the tracking link are in it; the screens before it are not measured.
"""

import re
from collections.abc import Iterator

from django.test import Client

from requests_app.models import ServiceRequest
from tests import factories
from tests.bench._cpu import Cost, paired, rows, statements
from tests.bench._rows_again import BareCase
from tests.bench.rows import Row
from tests.rules import make_live, rule

MOST_STATEMENTS = 12
MOST_MS = 25.0
WEST = {"lat": "44.0", "lon": "-79.05"}


class Form:
    """A citizen's browser with a report that only has to be sent."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.sending: dict[str, str] = {}

    def ready(self) -> None:
        """Go through the screens before the last."""
        self._post("where", WEST)
        self._post("words", {"words": "A deep hole by the school, somebody will fall."})
        self.sending = {**self._hidden("send"), "language": "en"}

    def send(self) -> None:
        """Send it, as the measured request."""
        sent = self.client.post("/report/pothole/send/", self.sending)
        if sent.headers.get("Location") != "/report/thanks/":
            raise RuntimeError(f"the report was not taken: {sent.status_code}")

    def _post(self, screen: str, fields: dict[str, str]) -> None:
        self.client.post(f"/report/pothole/{screen}/", {**self._hidden(screen), **fields})

    def _hidden(self, screen: str) -> dict[str, str]:
        page = self.client.get(f"/report/pothole/{screen}/").content.decode()
        names = ("csrfmiddlewaretoken", "submission_key")
        found = {name: re.search(f'name="{name}" value="([^"]+)"', page) for name in names}
        return {name: match[1] for name, match in found.items() if match}


def measure(quick: bool) -> Iterator[Row]:
    """File again and again, a new browser each time."""
    times = 40 if quick else 200
    world = factories.world(is_default=True)
    make_live(
        world,
        rule("wires", {"words": "wire"}, office="parks"),
        rule("schools", {"words": "school"}, office="roads", priority=1),
    )
    case = BareCase(factories.file_request(world.pothole))
    forms = [Form() for _ in range(times)]
    for _ in range(20):
        _filed(Form())
    filing, bare = paired(lambda n: forms[n].send(), lambda _n: case.file(), times, before=lambda n: forms[n].ready())
    yield from rows("intake", "filing by POST", filing, bare)
    yield _within("intake", "filing by POST", filing)
    form = Form()
    form.ready()
    yield Row("intake", "statements of the POST", statements(form.send), "statements", goal=MOST_STATEMENTS)
    if not ServiceRequest.objects.filter(office=world.roads, priority=1).exists():
        raise RuntimeError("the rules did not route what was filed")


def _filed(form: Form) -> None:
    form.ready()
    form.send()


def _within(bench: str, what: str, found: Cost) -> Row:
    return Row(bench, f"{what}: median, application and database", found.total_ms, "CPU ms", goal=MOST_MS)
