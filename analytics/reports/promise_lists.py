"""The cases behind the figures about promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import numpy as np
from django.utils.translation import gettext as _

from analytics.core.frames import MISSING
from analytics.core.promises import Standing
from analytics.reports.figures import Figure, Found, code_of
from analytics.reports.promised import Promise, by_office, owed
from analytics.reports.sections import Subject
from analytics.reports.views.promises import promise_of

BROKEN: Final = "broken"
DECIDED: Final = "decided"


def _standing(standing: Standing | str, subject: Subject, figure: Figure) -> Found:
    promise = promise_of(figure.options)
    rows = owed(subject, promise)
    several = {BROKEN: rows.late, DECIDED: rows.decided}
    chosen = several[standing] if isinstance(standing, str) else rows.standing == standing
    if figure.of:
        codes, labels = by_office(subject, rows, promise)
        chosen = chosen & (codes == code_of(labels, figure.of))
    away = np.where(rows.due_us == MISSING, MISSING, np.abs(rows.until_us - rows.due_us))
    title, time_title = _titles(standing)
    return Found(rows.case[chosen], away[chosen], title, time_title)


def _titles(standing: Standing | str) -> tuple[str, str]:
    match standing:
        case Standing.KEPT:
            return _("Promises kept"), _("Before its date by")
        case Standing.LATE:
            return _("Done after the promised date"), _("Late by")
        case Standing.OVERDUE:
            return _("Not done yet, and already late"), _("Late by, so far")
        case Standing.UNDECIDED:
            return _("Not done yet, and not due"), _("Time left")
        case Standing.NO_PROMISE:
            return _("Cases without a promised date"), _("From the promised date")
    if standing == BROKEN:
        return _("Promises not kept"), _("Late by, so far")
    return _("Promises kept or late"), _("From the promised date")


def _waited(subject: Subject, figure: Figure) -> Found:
    """Cases that waited for the citizen, with all their time so."""
    rows = owed(subject, Promise())
    chosen = rows.waited_us > 0
    title = _("Cases that waited for the citizen")
    return Found(rows.case[chosen], rows.waited_us[chosen], title, _("Waited for the citizen"))


PROMISE_FINDERS: Final[Mapping[str, Callable[[Subject, Figure], Found]]] = {
    **{f"promise_{name}": partial(_standing, name) for name in (BROKEN, DECIDED)},
    **{f"promise_{one.name.lower()}": partial(_standing, one) for one in Standing},
    "promise_waited": _waited,
}
OF_PROMISES: Final[frozenset[str]] = frozenset(PROMISE_FINDERS)
"""Figures made of what was promised, which is loaded for them alone."""
