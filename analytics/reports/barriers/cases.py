"""The cases above the baseline of one group: what the number beside a barrier leads to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from django.utils.translation import gettext as _

from analytics.core.frames import Ints
from analytics.core.quantiles import grouped_totals
from analytics.reports.barriers.asked import HANDOVER, STEP, read_choice
from analytics.reports.barriers.rows import BETWEEN, rows_of
from analytics.reports.barriers.words import baseline_name, clock_of, name_of
from analytics.reports.filters import BadFilters, FilterProblem
from analytics.reports.sections import Subject


def cases_above(subject: Subject, of: str, to: str, options: Mapping[str, str]) -> tuple[Ints, Ints, str, str]:
    """Return the cases of a group with time above the baseline, that time, a title and the clock."""
    choice = read_choice(subject, options)
    group = {STEP: options.get("step", ""), HANDOVER: f"{of}{BETWEEN}{to}"}.get(choice.by, of)
    if not group.strip():
        sentence = _("The address does not say which office or step: follow a link of the report.")
        raise BadFilters([FilterProblem("of", sentence)])
    rows = rows_of(subject, choice)
    groups = rows.waits.groups
    above = rows.above_us
    chosen = (rows.waits.group == (groups.index(group) if group in groups else -1)) & (above > 0)
    case, place = np.unique(rows.passes.case[chosen], return_inverse=True)
    said = {"group": name_of(subject, choice, group), "baseline": baseline_name(choice)}
    title = _("%(group)s: cases above %(baseline)s") % said
    return case, grouped_totals(above[chosen], place.astype(np.int64), len(case)), title, clock_of(choice)
