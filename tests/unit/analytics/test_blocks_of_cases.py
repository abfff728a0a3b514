"""The report works through a log in blocks of whole cases: where one ends changes nothing that is said."""

import json

import numpy as np
import pandas as pd
import pytest

from analytics.core import bottlenecks as engine


def log_of(cases: int) -> pd.DataFrame:
    chance = np.random.default_rng(5)
    case = np.sort(chance.integers(0, cases, 6 * cases))
    return pd.DataFrame(
        {
            "case": case,
            "branch": np.zeros(len(case), dtype=np.int8),
            "ts": pd.to_datetime(chance.integers(0, 10**9, len(case)) * 10**6, unit="us", utc=True).astype(
                "datetime64[us, UTC]"
            ),
            "seq": np.arange(len(case)),
            "activity": pd.Categorical.from_codes(chance.integers(0, 5, len(case)), list("abcde")),
            "office": pd.Categorical.from_codes(chance.integers(0, 3, len(case)), ["x", "y", "z"]),
        }
    )


@pytest.mark.parametrize("size", [1, 7, 50])
def test_blocks_of_any_size_say_the_same(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    log = log_of(60)
    whole = json.dumps(engine.bottlenecks(log, {}))
    monkeypatch.setattr(engine, "AT_ONCE", size)
    assert json.dumps(engine.bottlenecks(log, {})) == whole
