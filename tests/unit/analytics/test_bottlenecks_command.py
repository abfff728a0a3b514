"""`bottlenecks LOG --format json`: worked by hand, against the slow and obvious way, over every kind of file."""

import gzip
import io
import json
import random
from collections import Counter, defaultdict
from contextlib import redirect_stderr
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from xml.sax.saxutils import quoteattr

import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from tests.unit.analytics.naive import quantile

NAMES = ["case:concept:name", "concept:name", "org:group", "time:timestamp"]
START = datetime(2024, 3, 1, 9, tzinfo=UTC)
HOUR = 3600.0


def run(path, *arguments):
    out, err = io.StringIO(), io.StringIO()
    with redirect_stderr(err):
        call_command("bottlenecks", str(path), "--format", "json", *arguments, stdout=out, stderr=err)
    lines = out.getvalue().splitlines()
    assert len(lines) == 1
    return json.loads(lines[0], parse_constant=pytest.fail), err.getvalue()


def as_csv(rows, path):
    frame = pd.DataFrame(rows, columns=NAMES, dtype="str")
    frame.to_csv(path, index=False)


def as_parquet(rows, path):
    frame = pd.DataFrame(rows, columns=NAMES, dtype="str")
    frame["time:timestamp"] = pd.to_datetime(frame["time:timestamp"], utc=True, format="ISO8601")
    frame.to_parquet(path)


def as_xes(rows, path):
    traces = defaultdict(list)
    for case, activity, office, at in rows:
        group = f'<string key="org:group" value={quoteattr(office)}/>' if office else ""
        traces[case].append(
            f'<event><string key="concept:name" value={quoteattr(activity)}/>{group}'
            f'<date key="time:timestamp" value="{at}"/></event>'
        )
    body = "".join(
        f'<trace><string key="concept:name" value={quoteattr(case)}/>{"".join(events)}</trace>'
        for case, events in traces.items()
    )
    path.write_bytes(gzip.compress(f'<?xml version="1.0"?><log>{body}</log>'.encode()))


WRITERS = {"log.csv": as_csv, "log.csv.gz": as_csv, "log.parquet": as_parquet, "log.xes.gz": as_xes}


def at(hours):
    return (START + timedelta(hours=hours)).isoformat()


WORKED = [
    # two applications and one that stopped after its first event; worked by hand in docs/definitions.md
    ("A", "receive", "Desk", at(0)),
    ("A", "check", "Desk", at(2)),
    ("A", "decide", "Council", at(10)),
    ("A", "check", "Desk", at(13)),
    ("A", "pay", "Treasury", at(14)),
    ("B", "receive", "Desk", at(1)),
    ("B", "check", "", at(5)),
    ("B", "pay", "Treasury", at(5)),
    ("C", "receive", "Desk", at(3)),
]


@pytest.mark.parametrize("name", list(WRITERS))
def test_a_log_worked_by_hand(tmp_path, name):
    WRITERS[name](WORKED, tmp_path / name)
    found, _ = run(tmp_path / name)
    assert found["log"] == {"cases": 3, "events": 9, "dropped": {}}
    edges = {(row["from"], row["to"]): row for row in found["edges"]}
    assert edges["receive", "check"] == {
        "from": "receive",
        "to": "check",
        "n": 2,
        "mean": 3 * HOUR,
        "median": 3 * HOUR,
        "p90": 3.8 * HOUR,
        "total": 6 * HOUR,
    }
    assert edges["check", "pay"]["n"] == 2
    assert edges["check", "pay"]["total"] == HOUR
    offices = {row.pop("office"): row for row in found["offices"]}
    assert offices == {
        # A: 2 + 8 hours, then 1 after the decision came back; B: 4. C holds nothing: its only event is its last
        "Desk": {
            "visits": 3,
            "cases": 2,
            "mean": 7.5 * HOUR,
            "median": 7.5 * HOUR,
            "p90": 10.3 * HOUR,
            "total": 15 * HOUR,
        },
        "Council": {"visits": 1, "cases": 1, "mean": 3 * HOUR, "median": 3 * HOUR, "p90": 3 * HOUR, "total": 3 * HOUR},
        "unknown": {"visits": 1, "cases": 1, "mean": 0.0, "median": 0.0, "p90": 0.0, "total": 0.0},
    }
    assert [(row["from"], row["to"], row["n"], row["total"]) for row in found["handovers"]] == [
        ("Desk", "Council", 1, 8 * HOUR),
        ("Desk", "unknown", 1, 4 * HOUR),
        ("Council", "Desk", 1, 3 * HOUR),
        ("Desk", "Treasury", 1, HOUR),
        ("unknown", "Treasury", 1, 0.0),
    ]
    assert found["rework"] == {
        "cases": 1,
        "events": 1,
        "by_activity": [{"activity": "check", "cases": 1, "events": 1}],
    }
    assert found["variants"]["count"] == 3
    assert found["variants"]["top"][0] == {"activities": ["receive"], "cases": 1}
    assert found["cycle_time"] == {"n": 3, "mean": 6 * HOUR, "median": 4 * HOUR, "p90": 12 * HOUR}


@pytest.mark.parametrize("seed", range(40))
def test_any_log_equals_the_slow_and_obvious_way(tmp_path, seed):
    chance = random.Random(seed)
    rows = [
        (
            f"case {chance.randrange(12)}",
            chance.choice(["a", "b", "c", " c", "561"]),
            chance.choice(["Roads", "?", "EMPTY", "", "NA", "Roads "]),
            (
                START + timedelta(minutes=chance.randrange(200), microseconds=chance.choice([0, 0, 1, 999_999]))
            ).isoformat(),
        )
        for _ in range(chance.randrange(1, 120))
    ]
    name = list(WRITERS)[seed % len(WRITERS)]
    WRITERS[name](rows, tmp_path / name)
    found, _ = run(tmp_path / name)
    expected = obvious(rows)
    assert {(row["from"], row["to"]): figures(row) for row in found["edges"]} == expected["edges"]
    assert {row["office"]: (row["visits"], *figures(row, "cases")) for row in found["offices"]} == expected["offices"]
    for row in found["handovers"]:
        n, mean, median, _, total = expected["handovers"].pop((row["from"], row["to"]))
        assert (row["n"], row["mean"], row["median"], row["total"]) == (n, mean, median, total)
    assert not expected["handovers"]
    assert found["variants"]["count"] == len(expected["variants"])
    top = {tuple(row["activities"]): row["cases"] for row in found["variants"]["top"]}
    assert top.items() <= expected["variants"].items()
    assert list(top.values()) == sorted(expected["variants"].values(), reverse=True)[: len(top)]
    again = {row["activity"]: (row["cases"], row["events"]) for row in found["rework"]["by_activity"]}
    assert again == expected["rework"]
    assert found["rework"]["events"] == sum(events for _, events in again.values())
    cycle = found["cycle_time"]
    assert (cycle["n"], cycle["mean"], cycle["median"], cycle["p90"]) == spread(expected["cycles"])[:4]


def figures(row, count="n"):
    return row[count], row["mean"], row["median"], row["p90"], row["total"]


def spread(waits):
    """Microseconds → n, mean, median, p90, total in seconds, as the command prints them."""
    parts = [sum(waits) / len(waits), *(float(quantile(waits, q)) for q in (50, 90)), sum(waits)]
    return (len(waits), *(pytest.approx(part / 1e6) for part in parts))


def obvious(rows):
    """One event after the other; no arrays."""
    cases = defaultdict(list)
    for place, (case, activity, office, when) in enumerate(rows):
        us = (datetime.fromisoformat(when) - START) // timedelta(microseconds=1)
        cases[case].append((us, place, activity, office or "unknown"))
    edges, handovers, dwell = defaultdict(list), defaultdict(list), defaultdict(lambda: defaultdict(int))
    visits, variants, cycles, rework = Counter(), Counter(), [], defaultdict(lambda: [0, 0])
    for case, events in cases.items():
        events.sort()
        before = None
        for (begin, _, activity, office), (end, _, after, receiver) in pairwise(events):
            edges[activity, after].append(end - begin)
            dwell[office][case] += end - begin
            visits[office] += office != before
            before = office
            if receiver != office:
                handovers[office, receiver].append(end - begin)
        variants[tuple(event[2] for event in events)] += 1
        cycles.append(events[-1][0] - events[0][0])
        for activity, times in Counter(event[2] for event in events).items():
            if times > 1:
                rework[activity][0] += 1
                rework[activity][1] += times - 1
    return {
        "edges": {pair: spread(waits) for pair, waits in edges.items()},
        "handovers": {pair: spread(waits) for pair, waits in handovers.items()},
        "offices": {office: (visits[office], *spread(list(held.values()))) for office, held in dwell.items()},
        "variants": variants,
        "cycles": cycles,
        "rework": {activity: tuple(counts) for activity, counts in rework.items()},
    }


def test_rows_without_case_activity_or_time_are_dropped_and_counted(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(
        "case:concept:name,concept:name,org:resource,time:timestamp\n"
        "1,a,561,2024-01-01 00:00\n,a,x,2024-01-01\n1,,x,2024-01-01\n1,b,x,\n1,b,x,tomorrow\n1,b\n"
        '1,"b, with a\nline break",?,2024-01-02T00:00:00Z\n  ,a,x,2024-01-01\n',
        encoding="utf-8-sig",
    )
    found, said = run(path)
    assert found["log"] == {
        "cases": 1,
        "events": 2,
        "dropped": {"incomplete_row": 1, "no_activity": 1, "no_case": 2, "no_time": 1, "unreadable_time": 1},
    }
    assert [row["office"] for row in found["offices"]] == ["561"]
    assert found["edges"][0]["to"] == "b, with a\nline break"
    assert "1 times carry no zone and were read as UTC" in said


def test_numbers_of_a_parquet_file_are_written_as_people_write_them(tmp_path):
    frame = pd.DataFrame(
        {
            "nr": [7, 7, 7],
            "act": pd.Categorical(["a", "b", "c"]),
            "who": [561.0, None, 562.0],
            "when": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"]),
        }
    )
    frame.to_parquet(tmp_path / "log.parquet")
    named = ["--case", "nr", "--activity", "act", "--timestamp", "when", "--office", "who"]
    found, _ = run(tmp_path / "log.parquet", *named)
    assert [row["office"] for row in found["offices"]] == ["561", "unknown"]
    assert found["cycle_time"]["mean"] == 2 * 24 * HOUR


def test_a_log_without_one_usable_event_prints_the_same_shape_and_says_so(tmp_path):
    (tmp_path / "log.csv").write_text("case:concept:name,concept:name,time:timestamp\n,,\n", encoding="utf-8")
    (tmp_path / "log.xes").write_text("<log><trace><event/></trace></log>", encoding="utf-8")
    for name in ("log.csv", "log.xes"):
        found, said = run(tmp_path / name)
        assert found["log"]["events"] == 0
        assert found["log"]["dropped"] == {"no_case": 1}
        assert found["cycle_time"] == {"n": 0, "mean": None, "median": None, "p90": None}
        assert "No event of the log can be used" in said


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("log.csv", b"a,b,c\n1,2,3\n", "has no column 'case:concept:name'. Name the right one with --case"),
        ("log.csv", b"", "has no column"),
        (
            "log.csv.gz",
            gzip.compress(b"case:concept:name,concept:name,time:timestamp\n" + b"1,a,2024-01-01\n" * 9)[:-9],
            "again",
        ),
        ("log.parquet", b"PAR1 and no more", "cannot be read as a table"),
        (
            "log.csv",
            b"case:concept:name,concept:name,time:timestamp\n1,\xff\xfe,2024-01-01\n",
            "cannot be read as a table",
        ),
        ("log.xes", b"<log><trace>", "broken at line 1"),
        ("log.txt", b"", "is not a kind of event log read here"),
        (
            "log.csv",
            b"case:concept:name,concept:name,concept:name,time:timestamp\n",
            "two columns named 'concept:name'",
        ),
    ],
    ids=["no such column", "empty", "cut short", "no parquet", "no UTF-8", "no end", "no kind", "a column twice"],
)
def test_what_is_no_log_is_refused_in_a_sentence(tmp_path, name, content, sentence):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CommandError, match=sentence):
        run(tmp_path / name)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandError, match="cannot be opened"):
        run(tmp_path / "gone.csv")
