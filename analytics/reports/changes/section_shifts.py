"""Whether something else moved with the change: the services that come in, where cases go, how they end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from analytics.core.evaluation.shifts import MUCH
from analytics.reports.changes.evaluated import Evaluated
from analytics.reports.changes.said import less_or_more
from analytics.reports.changes.sections import basis_of, frame_of
from analytics.reports.recompute import Recompute
from analytics.reports.sections import Section, Subject
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.wording import unit_for

NAMES: Final[Mapping[str, Promise]] = {
    "sent_on": lazy("Sent on to another office"),
    "again": lazy("Had been there before"),
    "withdrawn": lazy("Withdrawn"),
    "duplicate": lazy("Closed as a duplicate"),
    "open": lazy("Still open"),
}


def services(subject: Subject, found: Evaluated) -> Section:
    """The mix of services at the treated offices."""
    assert found.compared is not None
    language, names = get_language(), subject.measured.source.catalogue.services
    n = [max(sum(getattr(one, side) for one in found.mix), 1) for side in ("before", "after")]
    frame = frame_of(found, found.compared)
    rows = tuple(
        Row(
            (
                Cell(names.of(found.holds.services[one.service], language)),
                Cell(one.before, {"side": "before", "service": found.holds.services[one.service]}),
                Cell(one.after, {"side": "after", "service": found.holds.services[one.service]}),
                Cell(one.before / n[0]),
                Cell(one.after / n[1]),
                Cell(None if one.mean_us is None else round(one.mean_us)),
            ),
            small=min(one.before, one.after) < 30,
        )
        for one in found.mix
    )
    columns = (
        Column("service", pgettext("column", "Service"), Kind.TEXT),
        Column("before", _("Stays before")),
        Column("after", _("Stays after")),
        Column("share_before", _("Share before"), Kind.SHARE),
        Column("share_after", _("Share after"), Kind.SHARE),
        Column("mean", _("Mean before"), Kind.DURATION),
    )
    unit = unit_for(max((one.mean_us or 0.0 for one in found.mix), default=None))
    table = Table("services", _("Services at the offices that changed"), columns, rows, unit)
    script = f"""
there = rows[rows["treated"] == 1]
n = there.groupby(["service", "after"]).size().unstack(fill_value=0)
n = n.reindex({[found.holds.services[one.service] for one in found.mix]})
share = n / n.sum()
result = pd.DataFrame({{"before": n[0], "after": n[1], "share_before": share[0], "share_after": share[1]}})
"""
    return Section(
        "services", _("Did other cases come in?"), _mix_sentence(found), basis_of(subject, found), table,
        recompute=Recompute(lambda: frame, script),
    )  # fmt: skip


def _mix_sentence(found: Evaluated) -> str:
    if found.mix_alone is None:
        return _("The services that came in cannot be compared: none of them was finished before the change.")
    said = {"change": less_or_more(found.mix_alone)}
    if abs(found.mix_alone) < MUCH:
        return _("The services that came in hardly differ: alone they would have made the time %(change)s.") % said
    text = _(
        "The services that came in differ: alone they would have made the time %(change)s. The line “each service "
        "beside its own usual time” above has that taken out."
    )
    return text % said


def shares(subject: Subject, found: Evaluated) -> Section:
    """Routing, returns, withdrawals and open cases, before and after."""
    assert found.compared is not None
    frame = frame_of(found, found.compared)
    columns = (
        Column("what", _("Share of the stays"), Kind.TEXT),
        Column("before", _("Changed, before"), Kind.SHARE),
        Column("after", _("Changed, after"), Kind.SHARE),
        Column("others_before", _("Others, before"), Kind.SHARE),
        Column("others_after", _("Others, after"), Kind.SHARE),
        Column("said", _("Moved apart"), Kind.TEXT),
    )
    rows = tuple(
        Row(
            (
                Cell(str(NAMES[one.name])),
                Cell(one.before),
                Cell(one.after),
                Cell(one.others_before),
                Cell(one.others_after),
                Cell(_("yes") if one.has_shifted else _("no")),
            )
        )
        for one in found.shares
    )
    table = Table("shares", _("What became of the stays"), columns, rows)
    moved = [str(NAMES[one.name]).lower() for one in found.shares if one.has_shifted]
    if moved:
        text = _("Beside the others, this moved by five points or more: %(what)s. Part of the effect may come from it.")
        sentence = text % {"what": ", ".join(moved)}
    else:
        sentence = _("Neither routing nor withdrawals moved by five points or more beside the other offices.")
    recompute = Recompute(lambda: frame.assign(**found.facts), _script([one.name for one in found.shares]))
    return Section(
        "shares", _("Did anything else change?"), sentence, basis_of(subject, found), table, recompute=recompute
    )


def _script(names: list[str]) -> str:
    return f"""
mean = rows.groupby(["treated", "after"])[{names}].mean()
result = pd.DataFrame({{
    "before": mean.loc[(1, 0)],
    "after": mean.loc[(1, 1)],
    "others_before": mean.loc[(0, 0)],
    "others_after": mean.loc[(0, 1)],
}})
"""
