"""Every mail with invented facts, for previews: the names are the place's own, the case is nobody's."""

from datetime import timedelta

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from requests_app.clock import now
from requests_app.labels import outcome_label, reason_label
from requests_app.models import Jurisdiction, Office, Service
from requests_app.notify.envelope import in_each_language
from requests_app.notify.letters import Button, Facts, Letter
from requests_app.notify.moments import Audience, News
from requests_app.notify.writing import Occasion, labels_for, put_together, site
from requests_app.states import Outcome
from requests_app.text.spoken import spoken_date


def sample(news: News, audience: Audience, place: Jurisdiction, first: str) -> list[Letter]:
    """The letters of a moment for an audience, the language `first` first."""
    service = list(Service.objects.filter(jurisdiction=place).order_by("pk")[:1])
    offices = list(Office.objects.filter(jurisdiction=place).order_by("pk")[:2])

    def write() -> Letter:
        occasion = Occasion(news, audience, None, None)
        template = occasion.template
        names = [office.name for office in offices] or [_("The office")]
        return put_together(
            occasion,
            _facts(place, service[0].name if service else "", names),
            quote=_("These are the words that the office wrote.") if template.quotes else "",
            buttons=tuple(Button(label, site("/")) for label in labels_for(occasion)),
            stop=site("/") if audience is not Audience.ASKER else "",
            items=((_("Due today: %(count)s (%(where)s)") % {"count": 3, "where": names[0]}, site("/")),)
            if news is News.MORNING
            else (),
            is_answered_here=template.answerable and bool(settings.REPLY_DOMAIN),
        )

    return in_each_language(first, write)


def _facts(place: Jurisdiction, service: str, offices: list[str]) -> Facts:
    language, prefix = get_language() or "en", place.reference_prefix
    return {
        "reference": f"{prefix}-EXAMPLE",
        "other": f"{prefix}-EXAMP22",
        "service": service,
        "office": offices[-1],
        "sender": offices[0],
        "holder": offices[0],
        "outcome": str(outcome_label(Outcome.RESOLVED)),
        "reason": str(reason_label("weather")),
        "due": spoken_date((now() + timedelta(days=5)).date(), language),
        "new_date": spoken_date((now() + timedelta(days=9)).date(), language),
        "place": _("128 King Street"),
        "documents": _("Proof of income"),
        "report": _("Where cases wait"),
        "where": place.name,
        "as_of": spoken_date(now().date(), language),
        "headline": _("Half of the requests were finished within 4 working days."),
        "before": spoken_date((now() - timedelta(days=7)).date(), language),
        "previous": _("Half of the requests were finished within 5 working days."),
        "attached": _("report.pdf"),
    }
