"""The steps of a case as pages show them: which events are steps, and what they are called."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from analytics.core.frames import coded, moment
from analytics.loading import alphabetical
from analytics.reports.sections import Subject
from requests_app.labels import activity_label
from requests_app.states import REMARKS, Activity

AT: Final = "|"
OWN: Final = frozenset(activity.value for activity in Activity)
"""Activities of ours, beside those that a log names."""
_REMARKS: Final = frozenset(activity.value for activity in REMARKS)
_OF_THE_WAY: Final = frozenset(
    activity.value
    for activity in (
        Activity.SUBMITTED,
        Activity.ROUTED,
        Activity.ACCEPTED,
        Activity.ASSIGNED,
        Activity.HANDED_OFF,
        Activity.ADVANCED,
        Activity.REPRIORITIZED,
        Activity.DELAYED,
        Activity.WORKFLOW_CHANGED,
    )
)
"""What every case does again at each office it comes to: no work is done twice by it."""


def work_steps(subject: Subject) -> pd.DataFrame:
    """Return the events that move a case, up to the as-of time: notes, photos and votes are no steps."""
    return _without(subject, _REMARKS)


def steps_of_work(subject: Subject) -> pd.DataFrame:
    """Return the events in which work is done, so that one done again is rework.

    Two offices that each begin their own work do nothing twice, so a step of ours is told apart by its office.
    """
    events = _without(subject, _REMARKS | _OF_THE_WAY)
    (step, steps), (office, offices) = coded(events["activity"]), coded(events["office"])
    own = np.array([code in OWN for code in steps], dtype=np.bool_)
    key = step * (len(offices) + 1) + np.where(own[step], office + 1, 0) if len(steps) else step
    keys, place = np.unique(key, return_inverse=True)
    pairs = (divmod(int(one), len(offices) + 1) for one in keys)
    labels = [f"{steps[code]}{AT}{offices[at - 1]}" if at else steps[code] for code, at in pairs]
    return events.assign(activity=pd.Categorical.from_codes(place, labels))


def step_name(code: str) -> str:
    """Return a step in the reader's language; a step of another system goes by the name its log gives it."""
    return str(activity_label(code)) if code in OWN else code


def step_at_name(subject: Subject, code: str) -> str:
    """Return a step of ``steps_of_work``: ours with its office."""
    step, _at, office = code.partition(AT)
    return f"{step_name(step)} – {subject.offices.get(office, office)}" if step in OWN and office else code


def steps_there_are(subject: Subject) -> list[str]:
    """Return the steps of this cohort in the order of their names."""
    found = [str(code) for code in work_steps(subject)["activity"].unique()]
    return sorted(found, key=lambda code: alphabetical(step_name(code)))


def _without(subject: Subject, activities: frozenset[str]) -> pd.DataFrame:
    events = subject.measured.frames.events
    keep = ~events["activity"].isin(list(activities)) & (events["ts"] <= moment(subject.measured.as_of_us))
    return events if keep.all() else events[keep]
