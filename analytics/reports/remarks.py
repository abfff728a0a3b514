"""What must be said beside an effect, or instead of one, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.core.evaluation.effect import Remark

Facts = dict[str, Any]


def sentence(remark: Remark) -> str:
    """Return the remark as a sentence in the language now active."""
    return WORDS[remark.code](remark.facts)


def _names(facts: Facts) -> str:
    return ", ".join(f"“{name}”" for name in facts["offices"])


def _left_out(facts: Facts) -> str:
    text = ngettext(
        "%(offices)d other office has too few holds before or after the change and is not compared with.",
        "%(offices)d other offices have too few holds before or after the change and are not compared with.",
        facts["offices"],
    )
    return text % facts


WORDS: Final[dict[str, Callable[[Facts], str]]] = {
    # why there is no effect
    "treated_absent": lambda facts: (
        _("No claim: no office of this log is called %(names)s. Offices are taken literally; check their spelling.")
        % {"names": _names(facts)}
    ),
    "nothing_held": lambda facts: _("No claim: in this log no office ever holds a case."),
    "nothing_before": lambda facts: _(
        "No claim: the log begins after the change, so there is nothing to compare with."
    ),
    "nothing_after": lambda facts: _("No claim: the log ends before the change, so nothing of it can be seen."),
    "all_open": lambda facts: (
        _(
            "No claim: every one of the %(holds)d holds that began since the change still runs. Come back when some "
            "have ended."
        )
        % facts
    ),
    "mostly_open": lambda facts: (
        _(
            "No claim: %(percent)d %% of the holds that began since the change still run; only the short ones would "
            "show."
        )
        % facts
    ),
    "few_weeks_before": lambda facts: (
        _(
            "No claim: only %(weeks)d weeks before the change can be used and at least %(least)d are needed, or a "
            "usual swing would look like an effect."
        )
        % facts
    ),
    "few_weeks_after": lambda facts: (
        _(
            "No claim: only %(weeks)d weeks since the change can be used and at least %(least)d are needed. The last "
            "weeks of a log are left out while their long holds still run."
        )
        % facts
    ),
    "few_holds": lambda facts: (
        _(
            "No claim: the treated offices have %(before)d usable holds before and %(after)d after the change; at "
            "least %(least)d of each are needed."
        )
        % facts
    ),
    "holds_nothing": lambda facts: _(
        "No claim: the treated offices pass every case on in no time, before or after the change; there is no ratio."
    ),
    "held_in_few_weeks": lambda facts: (
        _(
            "No claim: no treated office held cases in %(before)d different weeks before the change and %(after)d "
            "after it. A few busy weeks say nothing about the others."
        )
        % facts
    ),
    "no_comparison": lambda facts: _(
        "No claim: no other office has enough holds before and after the change, so nothing shows what would have "
        "happened without it."
    ),
    "one_comparison": lambda facts: (
        _(
            "No claim: only “%(office)s” can be compared with. With one comparison office nobody can tell an effect "
            "from the two offices’ own ups and downs; two or more are needed."
        )
        % facts
    ),
    "own_way_before": lambda facts: (
        _(
            "No claim: the treated offices already moved apart from the others before the change (going on like that "
            "would be %(percent)+d %% by itself). What came after cannot be put down to the change."
        )
        % facts
    ),
    # what to know beside it
    "some_treated_absent": lambda facts: (
        _("No office of this log is called %(names)s; the effect is that of the other treated offices.")
        % {"names": _names(facts)}
    ),
    "treated_left_out": lambda facts: (
        _("Left out, since they held cases in too few weeks before or after the change: %(names)s.")
        % {"names": _names(facts)}
    ),
    "left_out": _left_out,
    "few_comparison": lambda facts: (
        _(
            "Only %(offices)d comparison offices: how much offices differ by themselves is poorly known, so the "
            "interval is wide."
        )
        % facts
    ),
    "long_holds": lambda facts: _(
        "Holds are long beside the time since the change: some slow ones are still running and were estimated."
    ),
    "under_a_year": lambda facts: (
        _(
            "Only %(weeks)d weeks before the change are used: a season that these offices do not share with the others "
            "could pass for an effect."
        )
        % facts
    ),
    "much_open": lambda facts: (
        _("%(percent)d %% of the holds since the change still run; their length was estimated.") % facts
    ),
    "maybe_own_way": lambda facts: (
        _(
            "The treated offices may already have been moving apart from the others before the change "
            "(%(percent)+d %%): read the effect with care."
        )
        % facts
    ),
    "one_decides": lambda facts: (
        _("Without %(names)s among the comparison offices the effect could be chance.") % {"names": _names(facts)}
    ),
    "volume_shifted": lambda facts: (
        _(
            "Beside the others, the number of cases a week at the treated offices changed by %(percent)+d %%: part of "
            "the effect may come from that."
        )
        % facts
    ),
}
