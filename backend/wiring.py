"""What floors above give to those below, joined at start: the one place that knows both sides."""

from analytics.work import report_by_mail
from requests_app.notify.from_above import WRITERS
from requests_app.notify.queueing import REPORT_KIND


def wire() -> None:
    """Join them; done twice, it changes nothing."""
    WRITERS[REPORT_KIND] = report_by_mail
