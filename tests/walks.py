"""Random legal walks of a case, for property tests: any activity the table of moves allows, any office, any wait."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from requests_app.projection import CaseState, Change, apply, begin, bounces_to
from requests_app.states import ON_A_BRANCH, REMARKS, Activity, Outcome, legal_activities

BEGIN = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
OFFICES = (1, 2, 3, 4)
MOST_STEPS = 25
OUTCOMES = [outcome for outcome in Outcome if outcome is not Outcome.DUPLICATE]


@st.composite
def changes_of_walks(draw: st.DrawFn, most: int = MOST_STEPS) -> list[Change]:
    """The events of one case: filed, then up to `most` legal steps, seconds to days apart."""
    changes = [Change(Activity.SUBMITTED, BEGIN, service_id=draw(st.integers(1, 2)), area_id=1, priority=0)]
    state = begin(changes[0])
    for _ in range(draw(st.integers(0, most))):
        change = draw(_step(state, changes[-1].occurred_at))
        changes.append(change)
        state = apply(state, change)
    return changes


@st.composite
def _step(draw: st.DrawFn, state: CaseState, last: datetime) -> Change:
    reviews = _reviews(state)
    possible = [a for a in legal_activities(state.status) if a not in ON_A_BRANCH or reviews]
    activity = draw(st.sampled_from([*possible, draw(st.sampled_from(sorted(REMARKS)))]))
    at = last + draw(st.timedeltas(timedelta(0), timedelta(days=9)))
    return Change(activity, at, **draw(_facts(activity, state)))


def _reviews(state: CaseState) -> list[int]:
    """The branches of the reviews that run."""
    return [hold.branch for hold in state.holds if hold.ended_at is None and not hold.is_lead]


def _facts(activity: Activity, state: CaseState) -> st.SearchStrategy[dict[str, Any]]:
    """What an event of the activity names besides its time."""
    office = st.sampled_from(OFFICES)
    handler = st.fixed_dictionaries({"handler_id": st.integers(1, 3)})
    next_branch = max((hold.branch for hold in state.holds), default=0) + 1
    named: dict[Activity, st.SearchStrategy[dict[str, Any]]] = {
        Activity.ROUTED: st.fixed_dictionaries({"office_id": office}),
        Activity.HANDED_OFF: st.fixed_dictionaries({"office_id": office}),
        Activity.BOUNCED: st.just({"office_id": bounces_to(state)}),
        Activity.REVIEW_REQUESTED: st.fixed_dictionaries({"office_id": office, "branch": st.just(next_branch)}),
        Activity.EXPIRED: st.just({"office_id": bounces_to(state)}),
        Activity.RECALLED: st.just({"office_id": bounces_to(state)}),
        Activity.ADVANCED: st.fixed_dictionaries({"step": st.sampled_from(["inspect", "repair"])}),
        Activity.ACCEPTED: handler,
        Activity.ASSIGNED: handler,
        Activity.STARTED: handler,
        Activity.RESOLVED: st.fixed_dictionaries({"outcome": st.sampled_from(OUTCOMES)}),
        Activity.MERGED: st.just({"outcome": Outcome.DUPLICATE, "merged_into_id": 99}),
        Activity.RECATEGORIZED: st.fixed_dictionaries({"service_id": st.integers(1, 2)}),
        Activity.REPRIORITIZED: st.fixed_dictionaries({"priority": st.integers(-1, 2)}),
        Activity.REOPENED: st.fixed_dictionaries({"office_id": st.sampled_from([None, *OFFICES])}),
    }
    if activity in ON_A_BRANCH:
        return st.fixed_dictionaries({"branch": st.sampled_from(_reviews(state) or [1])})
    return named.get(activity, st.just({}))
