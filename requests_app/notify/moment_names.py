"""The names of moments and audiences, for the pages that list mails."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from requests_app.notify.moments import Audience, News
from requests_app.notify.template import Said

NEWS_NAME: Mapping[News, Said] = {
    News.RECEIVED: pgettext_lazy("mail", "Received"),
    News.SENT_ON: _("Sent to another office"),
    News.CAME_BACK: pgettext_lazy("mail", "Came back"),
    News.GIVEN_TO_YOU: _("Given to a person"),
    News.PLANNED: _("Work planned"),
    News.ASKED: _("Question to the citizen"),
    News.ANSWERED: _("The citizen answered"),
    News.OFFICE_WROTE: _("Message from the office"),
    News.CITIZEN_WROTE: _("Message from the citizen"),
    News.LATE: _("Late: a new date was given"),
    News.CLOSED: pgettext_lazy("status", "Closed"),
    News.JOINED: _("Joined with another request"),
    News.SEPARATED: _("Separated from the other request"),
    News.REOPENED: pgettext_lazy("mail", "Reopened"),
    News.NOT_FIXED: _("Closed, not fixed"),
    News.REVIEW_ASKED: _("Second office asked for a review"),
    News.DUE_SOON: pgettext_lazy("mail", "Due soon"),
    News.OVERDUE: pgettext_lazy("mail", "Overdue"),
    News.ESCALATED: _("Still overdue"),
    News.NOT_ACCEPTED: pgettext_lazy("mail", "Not accepted in time"),
    News.STEP_OVERDUE: _("A step takes too long"),
    News.FOLLOW_ASKED: _("Confirm to follow"),
    News.MINE_ASKED: _("Link to “My requests”"),
    News.MORNING: _("Morning mail"),
    News.INVITED: _("Link to choose a password"),
    News.PARTNER_LINK: _("New link for a partner"),
    News.PARTNER_ASKED: _("Sent to a partner by the rules"),
    News.MAIL_NOT_PLACED: _("A mail reached no request"),
    News.MAIL_EMPTY: _("A mail without words"),
    News.MAIL_TOO_LONG: _("A mail that is too long"),
    News.MAIL_LEFT_OUT: _("Attachments were left out"),
    News.REPORT: _("Report by mail"),
}
AUDIENCE_NAME: Mapping[Audience, Said] = {
    Audience.CITIZEN: pgettext_lazy("mail audience", "the citizen"),
    Audience.FOLLOWER: pgettext_lazy("mail audience", "a follower"),
    Audience.HANDLER: pgettext_lazy("mail audience", "the person who has it"),
    Audience.OFFICE: pgettext_lazy("mail audience", "the office"),
    Audience.MANAGER: pgettext_lazy("mail audience", "a manager"),
    Audience.ABOVE: pgettext_lazy("mail audience", "the office above"),
    Audience.PARTNER: pgettext_lazy("mail audience", "a partner outside"),
    Audience.ASKER: pgettext_lazy("mail audience", "whoever asked"),
    Audience.WORKER: pgettext_lazy("mail audience", "a member of staff"),
    Audience.WRITER: pgettext_lazy("mail audience", "who wrote us a mail"),
    Audience.READER: pgettext_lazy("mail audience", "who has it mailed"),
}
