"""Steps that are promised later than the whole request, said with their numbers to who sets them up."""

from collections.abc import Iterable, Mapping

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from requests_app.labels import PRIORITY
from requests_app.promises import Count, Longer, Target
from requests_app.text.spoken import spoken_number


def late_step_sentences(found: Iterable[Longer], names: Mapping[str, str], service: str = "") -> list[str]:
    """A sentence for each; `names` are those of the steps, `service` names the service where several are meant."""
    return [_sentence(one, names, service) for one in found]


def _sentence(one: Longer, names: Mapping[str, str], service: str) -> str:
    step, whole = one.hours
    values = {
        "step": names.get(one.step) or one.step,
        "hours": _said(step, one.of_step),
        "whole": _said(whole, one.of_whole),
        "priority": PRIORITY[one.priority],
        "service": service,
    }
    form = _("The step “%(step)s” may take %(hours)s, but the whole request only %(whole)s (priority: %(priority)s).")
    if service:
        form = _(
            "%(service)s: the step “%(step)s” may take %(hours)s, but the whole request only %(whole)s (priority: "
            "%(priority)s)."
        )
    return form % values


def _said(hours: float, target: Target) -> str:
    number = spoken_number(hours, get_language(), 0 if float(hours).is_integer() else 1)
    form = _("%(n)s working hours") if target.count is Count.WORKING else _("%(n)s hours of the calendar")
    return form % {"n": number}
