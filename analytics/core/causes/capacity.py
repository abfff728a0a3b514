"""How many pieces of work an office was seen to do together: its places, where nobody recorded how many work there."""

from __future__ import annotations

from typing import Final

import numpy as np

from analytics.core.causes.waiting import Work
from analytics.core.frames import MISSING, Ints

USUAL_MOST: Final = 0.95


def seen_at_once(work: Work, resources: int, as_of_us: int, share: float = USUAL_MOST) -> Ints:
    """Return how many each resource had in progress at most in ``share`` of the time in which it had any; at least 1.

    An estimate: an office that had twenty begun cases lying about could perhaps not work on twenty.
    """
    begun = (work.resource >= 0) & (work.started_us != MISSING) & (work.started_us < as_of_us)
    ends = np.where(work.finished_us == MISSING, as_of_us, work.finished_us.clip(max=as_of_us))
    who = np.concatenate((work.resource[begun], work.resource[begun]))
    at_us = np.concatenate((work.started_us[begun], ends[begun]))
    step = np.repeat([1, -1], int(begun.sum()))
    order = np.lexsort((step, at_us, who))
    who, at_us, together = who[order], at_us[order], np.cumsum(step[order])
    length = np.where(who[1:] == who[:-1], np.diff(at_us), 0) * (together[:-1] > 0)
    return _most(who[:-1], together[:-1], length, resources, share)


def _most(who: Ints, together: Ints, length: Ints, resources: int, share: float) -> Ints:
    """Return the smallest number that was not exceeded during ``share`` of each resource's time."""
    answer = np.ones(resources, dtype=np.int64)
    order = np.lexsort((together, who))
    who, together, length = who[order], together[order], length[order]
    ends = np.cumsum(np.bincount(who, minlength=resources))
    for code, (begin, end) in enumerate(zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True)):
        passed = np.cumsum(length[begin:end])
        if end > begin and passed[-1]:
            answer[code] = max(int(together[begin + np.searchsorted(passed, share * passed[-1])]), 1)
    return answer
