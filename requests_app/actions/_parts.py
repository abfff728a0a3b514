"""What becomes of a case that was split, when one of its parts is closed or opened again: pure rules."""

from collections.abc import Sequence
from dataclasses import dataclass

from requests_app.projection import CaseState
from requests_app.states import Activity, Outcome, Status


@dataclass(frozen=True, slots=True)
class PartState:
    """As much of a part as its whole looks at."""

    status: str
    outcome: str

    @property
    def is_open(self) -> bool:
        """Whether the part is not done."""
        return self.status != Status.CLOSED


def still_open(parts: Sequence[PartState]) -> int:
    """How many parts are not done."""
    return sum(part.is_open for part in parts)


def whole_follows(whole: CaseState, parts: Sequence[PartState]) -> Activity | None:
    """What happens to the whole: closed with its last part, opened again with the first that is; else nothing."""
    if not still_open(parts):
        return Activity.RESOLVED if whole.status is not Status.CLOSED else None
    reopens = whole.status is Status.CLOSED and whole.merged_into_id is None
    return Activity.REOPENED if reopens else None


def outcome_of_whole(parts: Sequence[PartState]) -> Outcome:
    """Resolved as soon as one part was; else how a part ended. What was done elsewhere needs nothing more here."""
    ended = {part.outcome for part in parts}
    for outcome in Outcome:
        if outcome in ended and outcome is not Outcome.DUPLICATE:
            return outcome
    return Outcome.NO_ACTION_NEEDED
