"""What one mail is made of; and the mail of a report, which is of no case."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Said = str | Promise


@dataclass(frozen=True, slots=True)
class Template:
    """One mail: its subject, its sentences, and what the reader can do next.

    `quotes`: the office's own words of this event follow. `answerable`: an answer by mail lands on the case.
    `asks_fixed`: the reader is asked whether it is fixed.
    """

    subject: Said
    says: tuple[Said, ...]
    quotes: bool = False
    answerable: bool = False
    asks_fixed: bool = False


REPORT_BY_MAIL = Template(
    _("%(report)s: %(where)s, %(as_of)s"),
    (
        "%(headline)s",
        _("Last time (%(before)s): %(previous)s"),
        _("The headline is the same as last time (%(same_as)s)."),
        _("The PDF attached leaves out figures of few cases, since mail is passed on: %(attached)s."),
        _("The whole report is at the link: what it says does not change any more."),
    ),
)
