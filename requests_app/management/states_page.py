"""docs/states.md, written from the table of moves, so that the picture cannot differ from the rules."""

from collections import defaultdict

from requests_app.states import (
    FORWARD_REASONS,
    GIVES_BACK,
    KIND_OF,
    MOVES,
    OPEN,
    REASONS,
    REMARKS,
    Activity,
    Kind,
    Move,
    Status,
)

HEAD = """# How a request moves

Written by `./clearway manage draw_states` from `requests_app/states.py`; a test holds them together.

A request has four separate facts: its status (of a kind), the office that holds it, the person who holds it, and,
once closed, its outcome. A hand-off never stops the clock, and closed is not the same as fixed.

"""

AFTER_BOUNCE = """
What came to the wrong office can be *handed off* at once, without being accepted, with a reason: the stay there keeps
no acceptance and counts as a visit for nothing. What the next office sends back comes to the one that sent it on.

*Sent back* undoes one hand-off: the office that handed the case off has it again, not yet accepted, and a second
bounce goes one office further back, never to the office that bounced first. A case that came by routing goes back to
*received* and waits to be routed anew. *Reopened* puts a case back to the office that closed it, accepted; one that
nobody held is *received* again. A *review* runs beside the lead branch and moves nothing; closing ends it too.
"""


def states_page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([HEAD + _diagram(), AFTER_BOUNCE, _kinds(), _moves(), _remarks(), ""])


def _words(code: str) -> str:
    return code.replace("_", " ")


def _targets(activity: Activity, move: Move, source: Status) -> list[Status]:
    """Where a move leads: a bounce to the office before or to nobody; what changes no status is not drawn."""
    if activity in GIVES_BACK and move.to is None:
        return [Status.RECEIVED] if source is Status.TRIAGED else [Status.HANDED_OFF, Status.RECEIVED]
    return [] if move.to is None else [move.to]


def _diagram() -> str:
    edges: dict[tuple[Status, Status], list[str]] = defaultdict(list)
    everywhere = [a for a, move in MOVES.items() if move.sources >= OPEN and move.to is Status.CLOSED]
    for activity, move in MOVES.items():
        if activity in everywhere:
            continue
        for source in sorted(move.sources, key=list(Status).index):
            for target in _targets(activity, move, source):
                edges[source, target].append(_words(activity))
    lines = ["```mermaid", "stateDiagram-v2", "    direction LR", f"    [*] --> {Status.RECEIVED}: submitted"]
    lines += [f"    {source} --> {target}: {', '.join(labels)}" for (source, target), labels in edges.items()]
    lines.append('    state "any open status" as open')
    lines += [f"    open --> {Status.CLOSED}: {', '.join(map(_words, everywhere))}", "```"]
    return "\n".join(lines)


def _kinds() -> str:
    of_kind = {kind: [f"`{s}`" for s in Status if KIND_OF[s] is kind] for kind in Kind}
    rows = [f"| {kind} | {', '.join(statuses)} |" for kind, statuses in of_kind.items()]
    return "\n".join(["## Kinds of status", "", "| kind | statuses |", "|---|---|", *rows, ""])


def _moves() -> str:
    head = ["## Moves", "", "| activity | from | to | needs | made by | reasons |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *(_move_row(activity, move) for activity, move in MOVES.items()), ""])


def _move_row(activity: Activity, move: Move) -> str:
    sources = "any open status" if move.sources == OPEN else ", ".join(f"`{s}`" for s in Status if s in move.sources)
    target = f"`{move.to}`" if move.to else "see above" if activity in GIVES_BACK else "unchanged"
    holder = "the office that holds it" if move.by_holder else "whoever reaches the case"
    known = REASONS.get(activity, ())
    forwards = activity is Activity.HANDED_OFF
    reasons = ("not yet accepted: " if forwards else "") + ", ".join(
        map(_words, FORWARD_REASONS if forwards else known)
    )
    return f"| {_words(activity)} | {sources} | {target} | {_words(move.capability)} | {holder} | {reasons} |"


def _remarks() -> str:
    rows = [f"| {_words(activity)} | {_words(capability)} |" for activity, capability in REMARKS.items()]
    head = [
        "## What does not move a request",
        "",
        "Recorded whatever the status is.",
        "",
        "| activity | needs |",
        "|---|---|",
    ]
    return "\n".join([*head, *rows])
