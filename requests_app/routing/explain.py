"""Why a case was routed as it was: codes and ids, kept on the event; `sentences` says it in words."""

from typing import Any

from requests_app.routing.compile import Compiled
from requests_app.routing.conditions import Facts, reasons
from requests_app.routing.decide import Decision

BY_RULE, BY_ROUTE, BY_FALLBACK, BY_BROKEN, BY_NOBODY = "rule", "route", "fallback", "broken", "nobody"


def explanation(compiled: Compiled, facts: Facts, decision: Decision, by: str) -> dict[str, Any]:
    """The explanation of a routing; keys without content are left out.

    {"rules": version, "by": who decided the office, "won": {kind: {"rule", "value"}}, "because": {rule: [paths]},
    "further": [{"rule", "value"}], "tags": …, "also": [{"rule", "kind", "value"}], "refused": …,
    "broken": [{"rule", "problem"}], "stuck": rule}
    """
    told: dict[str, Any] = {
        "rules": compiled.version,
        "by": by,
        "won": {kind: {"rule": said.rule, "value": said.value} for kind, said in decision.won.items()},
        "further": [{"rule": said.rule, "value": said.value} for said in decision.further],
        "tags": [{"rule": said.rule, "value": said.value} for said in decision.tags],
        "also": [{"rule": said.rule, "kind": said.kind, "value": said.value} for said in decision.also],
        "refused": [{"rule": said.rule, "value": said.value} for said in decision.refused],
        "broken": [{"rule": rule, "problem": problem} for rule, problem in decision.broken],
        "stuck": decision.stuck,
        "because": {rule.code: reasons(rule.node, facts) for rule in decision.matched},
    }
    return {key: value for key, value in told.items() if value or key == "rules"}
