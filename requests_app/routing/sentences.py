"""Rules in plain words: what a rule says, a condition, an action; in the language that is active."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

from django.utils.translation import get_language, ngettext, npgettext, pgettext
from django.utils.translation import gettext as _

from requests_app.labels import CHANNEL, PRIORITY, SERVICE_KIND
from requests_app.models import Question
from requests_app.models.fields import localized
from requests_app.routing.document import ALL, ANY, NOT, Condition, Rule, Then, leaves
from requests_app.routing.known import Known
from requests_app.routing.leaves import DAYS
from requests_app.text.spoken import WEEKDAYS, spoken_clock, spoken_number, tongue


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says rules in words, with the names that a place has for what they name; a code where it has none."""

    known: Known
    services: tuple[str, ...] = ()
    """The services that the rule in hand names: a question of theirs is meant before one of the same code elsewhere."""

    def about(self, condition: Condition) -> "Speaker":
        """The speaker of one rule's condition."""
        named = tuple(code for leaf in leaves(condition) if leaf.kind == "service" for code in leaf.value)
        return replace(self, services=named) if named else self

    def rule(self, rule: Rule) -> str:
        """A whole rule as one sentence: when, then."""
        return _("When %(condition)s: %(actions)s.") % {
            "condition": self.condition(rule.when),
            "actions": ", ".join(self.actions(rule.then)),
        }

    def condition(self, condition: Condition, nested: bool = False) -> str:
        """A condition in words; a nested one stands in brackets where it would be misread."""
        if not nested and not self.services:
            return self.about(condition)._condition(condition, nested)
        return self._condition(condition, nested)

    def _condition(self, condition: Condition, nested: bool) -> str:
        if condition.kind in (ALL, ANY):
            parts = [self.condition(part, nested=True) for part in condition.parts]
            words = all_of(parts) if condition.kind == ALL else one_of(parts)
            return f"({words})" if nested and len(parts) > 1 else words
        if condition.kind == NOT:
            return _("it is not so that %(condition)s") % {"condition": f"({self.condition(condition.parts[0])})"}
        return _LEAVES[condition.kind](self, condition.value)

    def at_path(self, condition: Condition, path: str) -> str:
        """The part of a condition at a path ("1.2"; "" is the whole) in words."""
        speaker = self.about(condition)
        for step in filter(None, path.split(".")):
            if int(step) > len(condition.parts):
                break
            condition = condition.parts[int(step) - 1]
        return speaker.condition(condition)

    def actions(self, then: Then) -> list[str]:
        """What a rule does, each action in words."""
        said = [
            _("send it to %(office)s") % {"office": self.office(then.office)} if then.office else "",
            _("ask %(offices)s for a review too") % {"offices": all_of([self.office(code) for code in then.further])}
            if then.further
            else "",
            _("begin at the step “%(step)s”") % {"step": self.step(then.step)} if then.step else "",
            _("set the priority to “%(priority)s”") % {"priority": PRIORITY[then.priority]}
            if then.priority is not None
            else "",
            self.promise(then.promise_hours) if then.promise_hours else "",
            _("tag it %(tags)s") % {"tags": quoted_all(then.tags)} if then.tags else "",
        ]
        return [words for words in said if words]

    def promise(self, hours: int) -> str:
        """A promise in words."""
        return ngettext("promise it within %(n)s working hour", "promise it within %(n)s working hours", hours) % {
            "n": hours
        }

    def office(self, code: str | None) -> str:
        """The name of an office."""
        office = self.known.offices.get(code or "")
        return localized(dict(office.names)) if office else str(code)

    def office_of_id(self, office_id: Any) -> str:
        """The name of the office with an id."""
        names = self.known.office_names.get(office_id)
        return localized(dict(names)) if names else f"#{office_id}"

    def step(self, code: str | None) -> str:
        """The name of a step, as the first service has it that knows the step."""
        names = next((s.steps[code] for s in self.known.services.values() if code and code in s.steps), None)
        return localized(dict(names)) if names else str(code)

    def question(self, code: str) -> Question | None:
        """A question by its code: of a service that the rule names, else as the first service has it that asks it."""
        meant = [self.known.services[service] for service in self.services if service in self.known.services]
        return next((s.questions[code] for s in (*meant, *self.known.services.values()) if code in s.questions), None)


def all_of(words: Sequence[str]) -> str:
    """A, B and C."""
    return _joined(words, pgettext("list", "and"))


def one_of(words: Sequence[str]) -> str:
    """A, B or C."""
    return _joined(words, pgettext("list", "or"))


def _joined(words: Sequence[str], last: str) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def quoted(word: str) -> str:
    """A word in the quotation marks of the language."""
    return f"«\u00a0{word}\u00a0»" if tongue(get_language()) == "fr" else f"“{word}”"


def quoted_all(words: Sequence[str]) -> str:
    """“A” and “B”."""
    return all_of([quoted(word) for word in words])


def quoted_any(words: Sequence[str]) -> str:
    """“A” or “B”."""
    return one_of([quoted(word) for word in words])


# --- Leaves ----------------------------------------------------------------------------------------------------------


def _service(speaker: Speaker, codes: Sequence[str]) -> str:
    known = speaker.known.services
    names = [localized(dict(known[code].names)) if code in known else code for code in codes]
    return _("the service is %(services)s") % {"services": quoted_any(names)}


def _kind(speaker: Speaker, kinds: Sequence[str]) -> str:
    return _("the kind of request is %(kinds)s") % {"kinds": quoted_any([str(SERVICE_KIND[kind]) for kind in kinds])}


def _channel(speaker: Speaker, channels: Sequence[str]) -> str:
    names = [str(CHANNEL[channel]) for channel in channels]
    return _("the channel is %(channels)s") % {"channels": quoted_any(names)}


def _answer(speaker: Speaker, asked: Mapping[str, Any]) -> str:
    question = speaker.question(asked["question"])
    name = quoted(localized(question.names) if question else asked["question"])
    if "given" in asked:
        form = _("%(question)s was answered") if asked["given"] else _("%(question)s was not answered")
        return form % {"question": name}
    if "is" in asked:
        values = [question.spoken(value) if question else value for value in asked["is"]]
        return _("the answer to %(question)s is %(values)s") % {"question": name, "values": quoted_any(values)}
    least = "at_least" in asked
    form = (
        _("the answer to %(question)s is at least %(number)s")
        if least
        else _("the answer to %(question)s is at most %(number)s")
    )
    return form % {"question": name, "number": _number(asked["at_least" if least else "at_most"])}


def _number(value: float) -> str:
    decimals = 0 if float(value).is_integer() else 1
    return spoken_number(value, get_language(), decimals)


def _words(speaker: Speaker, phrases: Sequence[str]) -> str:
    return _("the text says %(phrases)s") % {
        "phrases": quoted_any([f"{phrase[:-1]}…" if phrase.endswith("*") else phrase for phrase in phrases])
    }


def _area(speaker: Speaker, codes: Sequence[str]) -> str:
    known = speaker.known.areas
    names = [localized(dict(known[code].names)) if code in known else code for code in codes]
    return _("it lies in %(areas)s") % {"areas": one_of(names)}


def _polygon(speaker: Speaker, corners: Sequence[Any]) -> str:
    return _("it lies in the drawn area with %(n)s corners") % {"n": len(corners)}


def _near(speaker: Speaker, asked: Mapping[str, Any]) -> str:
    feature = speaker.known.features.get(asked["feature"])
    return _("it is within %(metres)s m of %(feature)s") % {
        "metres": _number(asked["metres"]),
        "feature": localized(dict(feature.names)) if feature else asked["feature"],
    }


def _time(speaker: Speaker, asked: Mapping[str, Any]) -> str:
    said = []
    if "working" in asked:
        said.append(_("in working time") if asked["working"] else _("outside working time"))
    if "days" in asked:
        days = WEEKDAYS[tongue(get_language())]
        said.append(_("on %(days)s") % {"days": one_of([days[DAYS.index(day)] for day in asked["days"]])})
    if "from" in asked:
        said.append(
            _("between %(opens)s and %(closes)s") % {"opens": _clock(asked["from"]), "closes": _clock(asked["to"])}
        )
    return _("it came in %(when)s") % {"when": ", ".join(said)}


def _clock(written: str) -> str:
    at = time.fromisoformat(written)
    return spoken_clock(datetime(2000, 1, 1, at.hour, at.minute), get_language())  # noqa: DTZ001 (a wall time)


def _workload(speaker: Speaker, asked: Mapping[str, Any]) -> str:
    return npgettext(
        "workload",
        "%(office)s holds more than %(n)s open request",
        "%(office)s holds more than %(n)s open requests",
        asked["over"],
    ) % {"office": speaker.office(asked["office"]), "n": asked["over"]}


_LEAVES: dict[str, Callable[[Speaker, Any], str]] = {
    "service": _service,
    "kind": _kind,
    "answer": _answer,
    "words": _words,
    "area": _area,
    "polygon": _polygon,
    "near": _near,
    "time": _time,
    "channel": _channel,
    "workload": _workload,
}
