"""What came of a change, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.core.evaluation.effect import Effect, Remark
from analytics.models import Intervention
from analytics.reports.remarks import sentence
from analytics.reports.wording import number

Names = Mapping[str, str]
TOLD_APART: Final = 0.05


def listed(codes: tuple[str, ...] | list[str], names: Names) -> str:
    """Write offices or services one after the other: “A, B and C”."""
    words = [names.get(code, code) for code in codes]
    if len(words) < 2:
        return "".join(words)
    return _("%(some)s and %(last)s") % {"some": ", ".join(words[:-1]), "last": words[-1]}


def label_of(change: Intervention) -> str:
    """Say whether the plan was fixed before anybody could know the outcome."""
    return _("pre-specified") if change.is_prespecified else _("exploratory")


def answer(change: Intervention, effect: Effect, offices: Names) -> str:
    """Say in one sentence what came of the change, or that nobody can say."""
    if effect.estimate is None or effect.p_value is None:
        refusal = effect.remarks[-1] if effect.remarks else Remark("nothing_held")
        return in_words(refusal, offices)
    said = {
        "office": listed(change.offices, offices),
        "percent": whole(abs(effect.estimate)),
        "guess": less_or_more(effect.estimate),
        "interval": interval(effect),
        "others": _others(len(effect.comparison)),
        "label": label_of(change),
    }
    return _form(change, effect) % said


def _form(change: Intervention, effect: Effect) -> str:
    fell, clear = (effect.estimate or 0) < 0, (effect.p_value or 1) < TOLD_APART
    if change.measure == Intervention.Measure.WAITING:
        return _waiting(fell=fell, clear=clear)
    if not clear:
        return _(
            "Nobody can tell whether the time held at %(office)s changed: the best guess is %(guess)s (%(interval)s) "
            "compared with %(others)s, and chance alone can do as much; %(label)s."
        )
    if fell:
        return _(
            "Time held at %(office)s fell by about %(percent)s (%(interval)s) compared with %(others)s; %(label)s."
        )
    return _("Time held at %(office)s rose by about %(percent)s (%(interval)s) compared with %(others)s; %(label)s.")


def _waiting(*, fell: bool, clear: bool) -> str:
    if not clear:
        return _(
            "Nobody can tell whether the wait for work to start at %(office)s changed: the best guess is %(guess)s "
            "(%(interval)s) compared with %(others)s, and chance alone can do as much; %(label)s."
        )
    if fell:
        return _(
            "The wait for work to start at %(office)s fell by about %(percent)s (%(interval)s) compared with "
            "%(others)s; %(label)s."
        )
    return _(
        "The wait for work to start at %(office)s rose by about %(percent)s (%(interval)s) compared with %(others)s; "
        "%(label)s."
    )


def _others(n: int) -> str:
    return ngettext("%(n)s other office", "%(n)s other offices", n) % {"n": number(n)}


def whole(share: float) -> str:
    """0.2231 → “22%”."""
    return _("%(n)s%%") % {"n": number(100 * share)}


def less_or_more(share: float) -> str:
    """−0.2 → “20% less”."""
    word = _("%(share)s less") if share < 0 else _("%(share)s more")
    return word % {"share": whole(abs(share))}


def interval(effect: Effect) -> str:
    """“95% interval 10 to 33% less”, or “33% less to 2% more”."""
    low, high = effect.low or 0.0, effect.high or 0.0
    if high <= 0:
        near_far = {"near": number(-100 * high), "far": whole(-low)}
        return _("95%% interval %(near)s to %(far)s less") % near_far
    if low >= 0:
        return _("95%% interval %(near)s to %(far)s more") % {"near": number(100 * low), "far": whole(high)}
    return _("95%% interval %(low)s to %(high)s") % {"low": less_or_more(low), "high": less_or_more(high)}


def brief(effect: Effect) -> str:
    """Say an effect where there is little room."""
    if effect.estimate is None:
        return _("No claim")
    return _("%(estimate)s (%(interval)s)") % {"estimate": less_or_more(effect.estimate), "interval": interval(effect)}


def in_words(remark: Remark, offices: Names) -> str:
    """Return a remark as a sentence, its offices by their names."""
    facts = dict(remark.facts)
    if isinstance(facts.get("offices"), list):
        facts["offices"] = [offices.get(code, code) for code in facts["offices"]]
    if "office" in facts:
        facts["office"] = offices.get(facts["office"], facts["office"])
    return sentence(replace(remark, facts=facts))
