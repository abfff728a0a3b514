"""XES (IEEE 1849) as a stream of events, whatever the size of the file.

Only the attributes directly under a trace or an event count; nested ones, lists and the log's own are passed over.
A document type declaration is refused, so no entity can be defined, expanded or fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Final
from xml.parsers import expat

from analytics.core.logrows import EventLogError, LogRow, Reject, keep_or_reject

CHUNK: Final = 1 << 18
VALUES: Final = frozenset({"string", "date", "int", "float", "boolean", "id"})
TRACE_NAME: Final = "concept:name"
CSV_CASE: Final = "case:concept:name"


@dataclass(slots=True)
class _State:
    """Where the parser stands: the depth of the open trace and event, and what they have said so far."""

    names: tuple[str, str, str]
    offices: tuple[str, ...]
    trace_key: str
    exact: bool = False
    depth: int = 0
    trace_depth: int = 0
    event_depth: int = 0
    events: int = 0
    seen_log: bool = False
    trace: dict[str, str] = field(default_factory=dict)
    event: dict[str, str] = field(default_factory=dict)
    rows: list[LogRow | Reject] = field(default_factory=list)


def read_xes_rows(
    stream: IO[bytes],
    activity: str,
    timestamp: str,
    offices: tuple[str, ...],
    case: str = CSV_CASE,
    exact: bool = False,
) -> Iterator[LogRow | Reject]:
    """Events in file order. The case is the trace's ``concept:name`` unless ``case`` names another trace attribute.

    Values are trimmed unless ``exact``; a blank one counts as absent either way.
    """
    trace_key = TRACE_NAME if case == CSV_CASE else case.removeprefix("case:")
    state = _State((case, activity, timestamp), offices, trace_key, exact)
    parser = _parser(state)
    try:
        while chunk := stream.read(CHUNK):
            parser.Parse(chunk, False)
            yield from state.rows
            state.rows.clear()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise EventLogError(
            f"The XES file is broken at line {error.lineno}: {expat.ErrorString(error.code)}. Export it again.",
            f"Le fichier XES est brisé à la ligne {error.lineno} : {expat.ErrorString(error.code)}. "
            "Exportez-le de nouveau.",
        ) from error
    yield from state.rows


def _parser(state: _State) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def start(tag: str, attributes: dict[str, str]) -> None:
        state.depth += 1
        tag = tag.rpartition(":")[2]
        if state.depth == 1 and tag != "log":
            raise _not_xes(tag)
        if tag == "event" and state.trace_depth:
            state.event_depth = state.depth
            state.event = {}
        elif tag == "trace" and state.depth == 2:
            state.trace_depth = state.depth
            state.trace = {}
        elif tag in VALUES and "key" in attributes:
            _take(state, attributes)

    def end(_: str) -> None:
        if state.depth == state.event_depth:
            state.events += 1
            state.rows.append(_row(state))
            state.event_depth = 0
        elif state.depth == state.trace_depth:
            state.trace_depth = 0
        state.depth -= 1

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _take(state: _State, attributes: dict[str, str]) -> None:
    value = attributes.get("value", "")
    trimmed = value.strip()
    value = value if state.exact and trimmed else trimmed
    if state.event_depth and state.depth == state.event_depth + 1:
        state.event[attributes["key"]] = value
    elif state.trace_depth and not state.event_depth and state.depth == state.trace_depth + 1:
        state.trace[attributes["key"]] = value


def _row(state: _State) -> LogRow | Reject:
    _, activity, timestamp = state.names
    office_from = next((name for name in state.offices if state.event.get(name)), "")
    row = LogRow(
        place=state.events,
        case=state.trace.get(state.trace_key, ""),
        activity=state.event.get(activity, ""),
        timestamp=state.event.get(timestamp, ""),
        office=state.event.get(office_from, "") if office_from else "",
        office_from=office_from,
        case_attributes=state.trace,
    )
    return keep_or_reject(row, state.names)


def _refuse_doctype(*_: object) -> None:
    raise EventLogError(
        "The XES file declares a document type, which can hide entities that grow without end. "
        "Remove the DOCTYPE line.",
        "Le fichier XES déclare un type de document, qui peut cacher des entités sans fin. Retirez la ligne DOCTYPE.",
    )


def _not_xes(tag: str) -> EventLogError:
    return EventLogError(
        f"The file is XML but not XES: it begins with <{tag}>, not <log>. Give an XES export.",
        f"Le fichier est du XML mais pas du XES : il commence par <{tag}> et non <log>. Donnez un export XES.",
    )
