"""What is hidden in the demo city, beside what the reports find. Written here by hand from fixtures/PROVENANCE.md."""

from collections.abc import Iterator
from datetime import timedelta

from django.core.management import call_command

from analytics.core.evaluation.effect import evaluate
from analytics.core.frames import instant
from analytics.loading import load
from analytics.reports.barriers.answer import ranked_barriers
from analytics.reports.barriers.asked import HANDOVER, read_choice
from analytics.reports.barriers.rows import BETWEEN
from analytics.reports.filters import Filters
from analytics.reports.measure import measure
from analytics.reports.sections import Subject, subject_of
from requests_app.models import Jurisdiction
from requests_app.permissions import SYSTEM
from tests.bench.rows import Row

HIDDEN = {"verification": "Verification", "roads-south": "Roads South"}
BACK_AND_FORTH = ("roads-south", "water-sewers")
"""What is hidden between two offices is lost at both: it is looked for as the hand-over that it is."""
REFORMED, DAYS_BEFORE_THE_END = "bylaw", 152
UNTOUCHED = ("parks",)
REQUESTS, QUICK_REQUESTS = 20_000, 6_000
FIRST_OF = 5
"""Hidden barriers must be among the first so many of the sixteen offices."""
FIRST_HANDOVERS = 3


def _ranks(subject: Subject, options: dict[str, str]) -> dict[str, int | None]:
    found = ranked_barriers(subject, read_choice(subject, options))
    return {row.group: row.rank for row in found.ranking.barriers}


def demo_city(quick: bool) -> Iterator[Row]:
    """Load the city, rank its barriers, evaluate its reform and an office that had none."""
    call_command("load_demo_city", "--requests", str(QUICK_REQUESTS if quick else REQUESTS), verbosity=0)
    place = Jurisdiction.objects.get(code="rivemont")
    source = load(place, SYSTEM)
    subject = subject_of(measure(source, Filters()))
    ranks = _ranks(subject, {})
    for code, name in HIDDEN.items():
        yield Row(
            "truth", f"demo city, hidden barrier: rank of {name}", float(ranks.get(code) or 99), "", goal=FIRST_OF
        )
    receiver = float(ranks.get(BACK_AND_FORTH[1]) or 99)
    yield Row("truth", "demo city: rank of Water and Sewers, to which it sends", receiver, "")
    between = float(_ranks(subject, {"by": HANDOVER}).get(BETWEEN.join(BACK_AND_FORTH)) or 99)
    what = "demo city, hidden barrier: rank of Roads South → Water and Sewers among hand-overs"
    yield Row("truth", what, between, "", goal=FIRST_HANDOVERS)
    change = instant(source.as_of - timedelta(days=DAYS_BEFORE_THE_END))
    effect = evaluate(source.frames.events, change, (REFORMED,))
    low, high = effect.low, effect.high
    yield Row(
        "truth", "demo city, reform of Bylaw (planning wait −25 %): share of held time", effect.estimate or 0.0, "share"
    )
    found = low is not None and high is not None and low < 0
    yield Row("truth", "demo city, reform of Bylaw: its interval reaches below zero", float(found), "", limit=1.0)
