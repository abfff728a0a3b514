"""What can be wrong with a workflow: a code and what it is about; `said` has the sentences."""

from dataclasses import dataclass
from enum import StrEnum


class Wrong(StrEnum):
    """The kinds of faults, those of the text first."""

    NOT_TOML = "not_toml"
    TOO_LARGE = "too_large"
    MISSING = "missing"
    WRONG_TYPE = "wrong_type"
    UNKNOWN_FIELD = "unknown_field"
    BAD_CODE = "bad_code"
    NO_NAME = "no_name"
    TWICE = "twice"
    BAD_VALUE = "bad_value"
    BAD_TARGET = "bad_target"
    NO_STEPS = "no_steps"
    WHERE_TO = "where_to"
    TOLD_NO_END = "told_no_end"
    UNKNOWN_STEP = "unknown_step"
    UNKNOWN_REASON = "unknown_reason"
    UNKNOWN_DOCUMENT = "unknown_document"
    UNKNOWN_ANSWER = "unknown_answer"
    UNREACHABLE = "unreachable"
    DEAD_END = "dead_end"
    NO_END = "no_end"
    NO_WAY_OUT = "no_way_out"
    TWO_OFFICES = "two_offices"
    NO_OFFICE = "no_office"
    CLOSED_OFFICE = "closed_office"
    BRANCH_WITHOUT_OFFICE = "branch_without_office"
    NEVER_JOINS = "never_joins"
    JOINS_NOTHING = "joins_nothing"
    CLOSES_IN_BRANCH = "closes_in_branch"
    OPENS_IN_BRANCH = "opens_in_branch"
    OPENS_AND_ENDS = "opens_and_ends"
    BOTH_WAYS = "both_ways"
    LEAVES_BRANCH = "leaves_branch"
    SAME_BRANCH_OFFICE = "same_branch_office"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: what, at which step and move, about which field or value."""

    wrong: Wrong
    step: str = ""
    move: str = ""
    what: str = ""
    other: str = ""
