"""Published event logs through the kernels and through the slow, obvious way: every figure must be the same."""

import math
import os
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from analytics.core.eventlog import LogColumns, read_event_log
from analytics.core.handovers import handovers_from_segments, office_pairs
from analytics.core.offices import dwell, time_held
from analytics.core.segments import build_segments
from analytics.core.stays import stays_from_segments
from tests.unit.analytics.naive import quantile

REAL = Path(os.environ.get("CLEARWAY_REAL_LOGS", "no such folder"))
NONE_OPEN = np.zeros(0, dtype=np.int64)

pytestmark = pytest.mark.skipif(
    not REAL.is_dir(), reason="CLEARWAY_REAL_LOGS does not name a folder with published event logs"
)


@pytest.mark.parametrize(
    "name",
    [
        "coselog_environmental_permit_receipt/receipt.csv.gz",
        "bpic2013_volvo_it/BPIC13_incidents.xes.gz",
        "helpdesk/helpdesk.xes.gz",
        "bpic2020_travel/DomesticDeclarations.xes.gz",
    ],
)
def test_every_pair_and_every_office_of_a_real_log(name):
    log = read_event_log(REAL / name, LogColumns())
    waits, held, cases = obvious(log.events)
    segments, tails = build_segments(log.events)
    pairs = office_pairs(handovers_from_segments(segments))
    assert {(pair.sender, pair.receiver) for pair in pairs} == set(waits)
    for pair in pairs:
        expected = waits[pair.sender, pair.receiver]
        assert (pair.measured.n, pair.measured.total_us) == (len(expected), sum(expected))
        assert math.isclose(pair.measured.median_us, quantile(expected, 50), rel_tol=1e-12)
        assert math.isclose(pair.measured.p90_us, quantile(expected, 90), rel_tol=1e-12)
        assert pair.cases == len(cases[pair.sender, pair.receiver])
    offices = time_held(dwell(stays_from_segments(segments, tails, NONE_OPEN), 0))
    assert {row.office for row in offices} == set(held)
    for row in offices:
        expected = list(held[row.office].values())
        assert (row.left.n, row.left.total_us) == (len(expected), sum(expected))
        assert math.isclose(row.left.median_us, quantile(expected, 50), rel_tol=1e-12)


def obvious(events):
    """Waits by pair of offices, time by office and case, cases by pair: one event after the other."""
    chains = defaultdict(list)
    times = events["ts"].dt.tz_localize(None).to_numpy().astype("int64")
    for row in sorted(zip(events["case"], times, events["seq"], events["office"], strict=True)):
        chains[row[0]].append(row)
    waits, held, cases = defaultdict(list), defaultdict(lambda: defaultdict(int)), defaultdict(set)
    for case, chain in chains.items():
        for one, other in pairwise(chain):
            held[one[3]][case] += int(other[1] - one[1])
            if one[3] != other[3]:
                waits[one[3], other[3]].append(int(other[1] - one[1]))
                cases[one[3], other[3]].add(case)
        held[chain[-1][3]][case] += 0
    return waits, held, cases
