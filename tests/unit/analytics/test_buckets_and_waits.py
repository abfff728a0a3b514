"""Counting buckets gives the same figures as sorting, to the last bit; the tables of a warm read equal the report's."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.core import bottlenecks, waits
from analytics.core.buckets import ROWS_A_GROUP, spreads_of
from analytics.core.quantiles import spreads
from analytics.store.logs import LOG, build_from_log
from analytics.store.reading import Wanted, open_place

DURATIONS = st.one_of(
    st.integers(0, 3), st.integers(0, 2**20), st.integers(2**24 - 2, 2**24 + 2), st.integers(0, 2**53)
)


@given(st.data(), st.integers(1, 4))
def test_buckets_say_what_sorting_says(data, count) -> None:
    values = np.array(data.draw(st.lists(DURATIONS, min_size=1, max_size=60)), dtype=np.int64)
    values = np.resize(values, ROWS_A_GROUP * count + len(values))
    groups = np.resize(np.array(data.draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=9))), len(values))
    middle = len(values) // 3
    chunks = [(groups[:middle], values[:middle]), (groups[middle:], values[middle:])]
    assert spreads_of(chunks, count) == spreads(values, groups, count)


def test_totals_beyond_what_a_float_can_count_are_exact() -> None:
    values = np.full(1000, 2**52 + 1, dtype=np.int64)
    assert spreads_of([(np.zeros(1000, dtype=np.int8), values)], 1)[0].total_us == 1000 * (2**52 + 1)


def test_no_rows_are_no_groups() -> None:
    assert spreads_of([], 0) == ()
    assert waits.edges([]).empty
    assert waits.handovers([]).empty
    assert waits.offices([]).empty


def test_a_negative_duration_is_refused() -> None:
    with pytest.raises(ValueError, match="never negative"):
        spreads_of([(np.zeros(100, dtype=np.int64), np.full(100, -1))], 1)


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    chance = np.random.default_rng(8)
    n = 6_000
    return pd.DataFrame(
        {
            "case": np.sort(chance.integers(0, 700, n)),
            "branch": np.zeros(n, dtype=np.int16),
            "ts": pd.to_datetime(1_700_000_000_000_000 + chance.integers(0, 9 * 10**12, n), unit="us", utc=True),
            "seq": np.arange(n),
            "activity": pd.Categorical(chance.choice(["a", "b", "c", "d"], n)),
            "office": pd.Categorical(chance.choice(["X", "Y", "Z"], n)),
        }
    )


def test_the_tables_equal_the_report_on_the_log(log, tmp_path) -> None:
    build_from_log(tmp_path, log)
    place, report = open_place(tmp_path, LOG), bottlenecks.bottlenecks(log, {})
    edges = waits.edges(place.chunks("segments", waits.EDGE_COLUMNS))
    named = edges.assign(
        **{end: [place.words["activity"][code] for code in edges[f"{end}_activity"]] for end in ("from", "to")}
    )
    assert said(named, ["from", "to"]) == reported(report["edges"], ["from", "to"])
    moved = waits.handovers(place.chunks("segments", waits.HANDOVER_COLUMNS))
    named = moved.assign(
        **{end: [place.words["office"][code] for code in moved[f"{end}_office"]] for end in ("from", "to")}
    )
    assert said(named, ["from", "to"], p90=False) == reported(report["handovers"], ["from", "to"])
    held = waits.offices(place.chunks("dwells", waits.OFFICE_COLUMNS))
    named = held.assign(office=[place.words["office"][code] for code in held["office"]])
    assert said(named, ["office"]) == reported(report["offices"], ["office"])
    assert dict(zip(named["office"], named["visits"], strict=True)) == {
        row["office"]: row["visits"] for row in report["offices"]
    }


def test_a_filtered_table_equals_that_of_the_filtered_rows(log, tmp_path) -> None:
    build_from_log(tmp_path, log)
    place = open_place(tmp_path, LOG)
    every = pd.DataFrame(place.rows("segments"))
    code = place.words["office"].index("Y")
    kept = every[every["from_office"] == code]
    found = waits.edges(place.chunks("segments", waits.EDGE_COLUMNS, Wanted(office=("Y",))))
    slow = kept.groupby(["from_activity", "to_activity"])["wait_us"]
    assert found["n"].tolist() == slow.size().tolist()
    assert found["total_us"].tolist() == slow.sum().tolist()
    assert found["p90_us"].tolist() == pytest.approx(slow.quantile(0.9).tolist(), rel=1e-12)


def said(table: pd.DataFrame, names: list[str], *, p90: bool = True) -> dict[tuple[str, ...], tuple[float, ...]]:
    columns = ["n", "mean_us", "median_us", *(["p90_us"] if p90 else []), "total_us"]
    return {
        tuple(row[name] for name in names): (row["n"], *(row[column] / 1_000_000 for column in columns[1:]))
        for row in table.to_dict("records")
    }


def reported(rows: list[dict], names: list[str]) -> dict[tuple[str, ...], tuple[float, ...]]:
    columns = ("mean", "median", "p90", "total")
    return {
        tuple(row[name] for name in names): (
            row.get("n", row.get("cases")),
            *(row[column] for column in columns if column in row),
        )
        for row in rows
    }
