"""The explanation of a routing in words: why this office, what else follows, and which rules matched but lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from requests_app.labels import PRIORITY
from requests_app.models.fields import localized
from requests_app.routing.document import Rule
from requests_app.routing.sentences import Speaker, all_of, quoted, quoted_all

PROBLEMS = {
    "office_closed": lambda: _("its office is closed for good"),
    "office_gone": lambda: _("its office is no longer there"),
    "area_gone": lambda: _("an area it names is no longer there"),
    "feature_gone": lambda: _("a feature of the map it names is no longer there"),
    "step_gone": lambda: _("the workflow has no such step"),
    "polygon_invalid": lambda: _("its drawn area is not a valid one"),
    "condition_broken": lambda: _("its condition cannot be judged"),
}
"""Why a rule is broken, in words."""


class How(StrEnum):
    """What became of a routing: sent there, there already when its service was put right, or left elsewhere by hand."""

    SENT = "sent"
    STAYS = "stays"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Told:
    """An explanation in words: the reason in one sentence, then what else, each in a sentence."""

    why: str
    more: Sequence[str]


@dataclass(frozen=True, slots=True)
class Teller:
    """Says explanations in words, with the rules as they were when the case was routed."""

    speaker: Speaker
    rules: Mapping[str, Rule]

    def told(self, explanation: Mapping[str, Any], office: str, how: How = How.SENT) -> Told:
        """An explanation that is kept on an event, for a case that was sent to the office of that name."""
        more = [
            *self._decided(explanation),
            *self._added(explanation),
            *self._others(explanation),
            *self._refused(explanation),
            *self._broken(explanation),
        ]
        return Told(self._why(explanation, office) if how is How.SENT else self._kept(explanation, office, how), more)

    def name(self, code: str) -> str:
        """The name of a rule in quotation marks."""
        rule = self.rules.get(code)
        return quoted(localized(dict(rule.names)) if rule else code)

    def reasons(self, explanation: Mapping[str, Any], code: str) -> str:
        """What held of a rule's condition."""
        rule, paths = self.rules.get(code), explanation.get("because", {}).get(code, [])
        if rule is None or not paths:
            return _("its condition held")
        return all_of([self.speaker.at_path(rule.when, path) for path in paths])

    def _why(self, explanation: Mapping[str, Any], office: str) -> str:
        by, won = explanation.get("by"), explanation.get("won", {}).get("office")
        if by == "rule" and won:
            return _("Sent to %(office)s because %(reasons)s (rule %(rule)s).") % {
                "office": office,
                "reasons": self.reasons(explanation, won["rule"]),
                "rule": self.name(won["rule"]),
            }
        if by == "broken" and explanation.get("stuck"):
            return _("Sent to the fallback queue, %(office)s, because the rule %(rule)s is broken.") % {
                "office": office,
                "rule": self.name(explanation["stuck"]),
            }
        form = {
            "route": _("Sent to %(office)s because that is the usual office of the service."),
            "broken": _("Sent to the fallback queue, %(office)s, because the usual office of the service is closed."),
            "fallback": _("Sent to the fallback queue, %(office)s, because no rule and no usual office takes it."),
        }.get(str(by), _("Not sent yet: no rule, no usual office and no fallback queue takes it."))
        return form % {"office": office}

    def _kept(self, explanation: Mapping[str, Any], office: str, how: How) -> str:
        """Why a case whose service was put right is where it was."""
        by, won = explanation.get("by"), explanation.get("won", {}).get("office")
        stays = how is How.STAYS
        if by == "rule" and won:
            form = (
                _("Stays with %(office)s because %(reasons)s (rule %(rule)s).")
                if stays
                else _("Left where it was. The rules name %(office)s because %(reasons)s (rule %(rule)s).")
            )
            reasons = self.reasons(explanation, won["rule"])
            return form % {"office": office, "reasons": reasons, "rule": self.name(won["rule"])}
        if stays and by == "route":
            return _("Stays with %(office)s because that is the usual office of the service.") % {"office": office}
        if stays:
            return _("Stays with %(office)s: no rule and no usual office names another one.") % {"office": office}
        return _("Left where it was. The usual office of the service is %(office)s.") % {"office": office}

    def _decided(self, explanation: Mapping[str, Any]) -> list[str]:
        won = explanation.get("won", {})
        return [
            f"{self._value(kind, won[kind]['value'])} ({self._by(won[kind]['rule'])})."
            for kind in ("priority", "promise", "step")
            if kind in won
        ]

    def _by(self, code: str) -> str:
        return _("rule %(rule)s") % {"rule": self.name(code)}

    def _value(self, kind: str, value: Any) -> str:
        match kind:
            case "office":
                return _("Office: %(office)s") % {"office": self.speaker.office_of_id(value)}
            case "priority":
                return _("Priority: %(priority)s") % {"priority": PRIORITY.get(value, value)}
            case "promise":
                form = ngettext("Promise: %(n)s working hour", "Promise: %(n)s working hours", value)
                return form % {"n": value}
        return _("Step: %(step)s") % {"step": self.speaker.step(str(value))}

    def _added(self, explanation: Mapping[str, Any]) -> list[str]:
        said = []
        for one in explanation.get("further", []):
            office = self.speaker.office_of_id(one["value"])
            said.append(_("%(office)s was asked too (%(rule)s).") % {"office": office, "rule": self._by(one["rule"])})
        tags = list(dict.fromkeys(one["value"] for one in explanation.get("tags", [])))
        if tags:
            said.append(_("Tagged %(tags)s.") % {"tags": quoted_all(tags)})
        return said

    def _others(self, explanation: Mapping[str, Any]) -> list[str]:
        """The rules that matched and lost: how many, and what each would have said."""
        also = explanation.get("also", [])
        codes = list(dict.fromkeys(one["rule"] for one in also))
        if not codes:
            return []
        first = ngettext(
            "One other rule matched, but a rule before it had decided:",
            "%(n)s other rules matched, but a rule before them had decided:",
            len(codes),
        ) % {"n": len(codes)}
        lost = {code: [self._value(one["kind"], one["value"]) for one in also if one["rule"] == code] for code in codes}
        each = "; ".join(f"{self.name(code)} ({', '.join(values)})" for code, values in lost.items())
        return [f"{first} {each}."]

    def _refused(self, explanation: Mapping[str, Any]) -> list[str]:
        return [
            _("The rule %(rule)s was passed by: %(office)s had sent the request back.")
            % {"rule": self.name(one["rule"]), "office": self.speaker.office_of_id(one["value"])}
            for one in explanation.get("refused", [])
        ]

    def _broken(self, explanation: Mapping[str, Any]) -> list[str]:
        return [self.broken(one["rule"], one["problem"]) for one in explanation.get("broken", [])]

    def broken(self, code: str, problem: str) -> str:
        """Why a rule is broken, as a sentence."""
        if code == "route":
            return _("The usual office of the service is closed for good: give the service another one.")
        said = PROBLEMS.get(problem)
        return _("The rule %(rule)s is broken: %(problem)s.") % {
            "rule": self.name(code),
            "problem": said() if said else problem,
        }
