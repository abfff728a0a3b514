"""The kinds of condition, each with its form: from what a document says to a plain value, or a sentence why not.

What the values mean is in `conditions`, whether what they name exists in `validate`, their words in `sentences`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from requests_app.routing.document import Problems
from requests_app.routing.taken import clock_time, listed, number, whole
from requests_app.text.normalise import fold

KINDS_OF_REQUEST = ("street", "application", "feedback")
CHANNELS = ("web", "phone", "counter", "mail", "staff", "open311", "import")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FARTHEST = 50_000
"""Metres: farther from a feature than that is no nearness."""

Leaf = Callable[[Problems, str, Any], Any]


def _codes(problems: Problems, field: str, given: Any) -> tuple[str, ...]:
    codes = listed(given)
    if not codes:
        problems.add(field, _("Give one code or a list of codes."))
    return codes


def _among(known: tuple[str, ...]) -> Leaf:
    def leaf(problems: Problems, field: str, given: Any) -> tuple[str, ...]:
        codes = _codes(problems, field, given)
        for code in codes:
            if code not in known:
                problems.add(
                    field,
                    _("“%(given)s” is not known here. Choose among: %(known)s.")
                    % {"given": code, "known": ", ".join(known)},
                )
        return tuple(code for code in codes if code in known)

    return leaf


def _words(problems: Problems, field: str, given: Any) -> tuple[str, ...]:
    """Words or phrases as they were typed; a star at the end stands for any ending."""
    phrases = tuple(phrase.strip() for phrase in listed(given))
    good = tuple(phrase for phrase in phrases if fold(phrase))
    if not phrases or good != phrases:
        problems.add(field, _("Give one or more words, such as “wire”; a star at the end takes any ending: “flood*”."))
    return good


ANSWER_KEYS = ("question", "is", "at_least", "at_most", "given")


def _answer(problems: Problems, field: str, given: Any) -> dict[str, Any]:
    """{"question": code} with exactly one of is, at_least, at_most, given."""
    asked = given if isinstance(given, Mapping) else {}
    tests = [key for key in ANSWER_KEYS[1:] if key in asked]
    if not isinstance(asked.get("question"), str) or len(tests) != 1 or set(asked) - set(ANSWER_KEYS):
        problems.add(
            field,
            _(
                "Give the code of a question and one test: is, at_least, at_most or given, such as"
                ' { question = "depth", at_least = 10 }.'
            ),
        )
        return {}
    test, value = tests[0], asked[tests[0]]
    taken = {"is": listed(value), "given": value if isinstance(value, bool) else None}.get(test, number(value))
    if taken is None or taken == ():
        problems.add(
            f"{field}.{test}",
            _("This cannot be compared with. Give texts for is, true or false for given, a number otherwise."),
        )
        return {}
    return {"question": asked["question"], test: taken}


def _polygon(problems: Problems, field: str, given: Any) -> tuple[tuple[float, float], ...]:
    """Corners as [longitude, latitude]; whether they make an area is judged by `validate`."""
    corners = given if isinstance(given, list | tuple) else []
    taken = [_corner(one) for one in corners]
    if len(taken) < 3 or None in taken:
        problems.add(
            field,
            _("An area needs at least three corners, each as [longitude, latitude] in degrees, such as [-76.5, 44.2]."),
        )
        return ()
    return tuple(corner for corner in taken if corner is not None)


def _corner(given: Any) -> tuple[float, float] | None:
    if not isinstance(given, list | tuple) or len(given) != 2:
        return None
    lon, lat = number(given[0]), number(given[1])
    return (lon, lat) if lon is not None and lat is not None and abs(lon) <= 180 and abs(lat) <= 90 else None


def _near(problems: Problems, field: str, given: Any) -> dict[str, Any]:
    asked = given if isinstance(given, Mapping) else {}
    metres = number(asked.get("metres"))
    if set(asked) != {"feature", "metres"} or not isinstance(asked.get("feature"), str) or metres is None:
        problems.add(
            field,
            _('Give a feature of the map and metres, such as { feature = "street:king-street", metres = 200 }.'),
        )
        return {}
    if not 1 <= metres <= FARTHEST:
        problems.add(f"{field}.metres", _("Give metres from 1 to %(most)s.") % {"most": FARTHEST})
        return {}
    return {"feature": asked["feature"], "metres": metres}


TIME_KEYS = ("working", "days", "from", "to")


def _time(problems: Problems, field: str, given: Any) -> dict[str, Any]:
    """{"working": true} or any of days and hours, the hours from a time to another, over midnight if it is earlier."""
    asked = given if isinstance(given, Mapping) else {}
    if not asked or set(asked) - set(TIME_KEYS) or ("from" in asked) != ("to" in asked):
        problems.add(
            field,
            _(
                'Say when: { working = true }, or { days = ["sat", "sun"] }, or { from = "18:00", to = "06:00" },'
                " or several of these."
            ),
        )
        return {}
    taken: dict[str, Any] = {}
    if "working" in asked:
        taken["working"] = _yes_no(problems, f"{field}.working", asked["working"])
    if "days" in asked:
        taken["days"] = _among(DAYS)(problems, f"{field}.days", asked["days"])
    if "from" in asked:
        taken |= _hours(problems, field, asked)
    return taken


def _yes_no(problems: Problems, field: str, given: Any) -> bool:
    if not isinstance(given, bool):
        problems.add(field, _("Write true or false."))
    return given is True


def _hours(problems: Problems, field: str, asked: Mapping[str, Any]) -> dict[str, str]:
    opens, closes = clock_time(asked["from"]), clock_time(asked["to"])
    if opens is None or closes is None or opens == closes:
        problems.add(field, _("Give two different times of day as hours and minutes, such as 18:00 and 06:00."))
        return {}
    return {"from": opens.strftime("%H:%M"), "to": closes.strftime("%H:%M")}


def _workload(problems: Problems, field: str, given: Any) -> dict[str, Any]:
    asked = given if isinstance(given, Mapping) else {}
    over = whole(asked.get("over"))
    if set(asked) != {"office", "over"} or not isinstance(asked.get("office"), str) or over is None or over < 0:
        problems.add(field, _('Give an office and a number, such as { office = "roads-north", over = 200 }.'))
        return {}
    return {"office": asked["office"], "over": over}


LEAVES: dict[str, Leaf] = {
    "service": _codes,
    "kind": _among(KINDS_OF_REQUEST),
    "answer": _answer,
    "words": _words,
    "area": _codes,
    "polygon": _polygon,
    "near": _near,
    "time": _time,
    "channel": _among(CHANNELS),
    "workload": _workload,
}
"""Every kind of condition that is no `all`, `any` or `not`, with what takes its form."""
