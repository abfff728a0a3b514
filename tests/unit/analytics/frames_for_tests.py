"""Small frames from plain rows: times are whole microseconds after 2024-01-01 UTC."""

import numpy as np
import pandas as pd

from analytics.core.frames import moment

ORIGIN = 1_704_067_200_000_000


def at(offset):
    return pd.NaT if offset is None else moment(ORIGIN + offset)


def times(offsets):
    return pd.Series([at(offset) for offset in offsets], dtype="datetime64[us, UTC]")


def events_frame(rows):
    """rows: (case, branch, at, seq, activity, office)."""
    case, branch, when, seq, activity, office = zip(*rows, strict=True) if rows else ([],) * 6
    return pd.DataFrame(
        {
            "case": np.array(case, dtype=np.int64),
            "branch": np.array(branch, dtype=np.int16),
            "ts": times(when),
            "seq": np.array(seq, dtype=np.int64),
            "activity": pd.Series(activity, dtype="str").astype("category"),
            "office": pd.Series(office, dtype="str").astype("category"),
        }
    )


def holds_frame(holds):
    """holds: dicts with case, branch, office, sent, accepted, started, ended."""
    return pd.DataFrame(
        {
            "case": np.array([hold["case"] for hold in holds], dtype=np.int64),
            "branch": np.array([hold["branch"] for hold in holds], dtype=np.int16),
            "office": pd.Series([hold["office"] for hold in holds], dtype="str").astype("category"),
            "sent_at": times([hold["sent"] for hold in holds]),
            "accepted_at": times([hold["accepted"] for hold in holds]),
            "started_at": times([hold["started"] for hold in holds]),
            "ended_at": times([hold["ended"] for hold in holds]),
        }
    )


def cases_frame(rows):
    """rows: (case, service, area, submitted, closed, outcome)."""
    case, service, area, submitted, closed, outcome = zip(*rows, strict=True) if rows else ([],) * 6
    return pd.DataFrame(
        {
            "case": np.array(case, dtype=np.int64),
            "service": pd.Series(service, dtype="str").astype("category"),
            "area": pd.Series(area, dtype="str").astype("category"),
            "submitted_at": times(submitted),
            "closed_at": times(closed),
            "outcome": pd.Series(outcome, dtype="str").astype("category"),
            "channel": pd.Series(["web"] * len(case), dtype="str").astype("category"),
            "reference": pd.Series([f"R-{number}" for number in case], dtype="str"),
        }
    )
