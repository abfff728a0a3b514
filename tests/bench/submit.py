"""What filing a case costs, in CPU time of application and database, beside the bare rows it writes."""

from collections.abc import Iterator

from requests_app import actions
from requests_app.permissions import ANONYMOUS
from tests import factories
from tests.bench._cpu import cost, rows, statements
from tests.bench._rows_again import BareCase
from tests.bench.rows import Row

MOST_STATEMENTS = 12


def measure(quick: bool) -> Iterator[Row]:
    times = 60 if quick else 600
    world = factories.world()
    forms = [factories.submission(world.pothole) for _ in range(times)]
    for _ in range(20):
        model = factories.file_request(world.pothole)
    case = BareCase(model)
    bare = cost(lambda _n: case.file(), times)
    yield from rows("submit", "filing", cost(lambda n: actions.submit(forms[n], viewer=ANONYMOUS), times), bare)
    contact = actions.Contact(name="Ana", email="ana@example.org")
    whole = factories.submission(world.pothole, contact=contact, answers={"size": "big"})
    sent = statements(lambda: actions.submit(whole, viewer=ANONYMOUS))
    yield Row("submit", "statements, with contact and an answer", sent, "statements", goal=MOST_STATEMENTS)
