"""The words of the lists a day begins with, and of the figures of a workload."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.reads.today_lists import TodayList
from requests_app.reads.workload_lists import Figure

LISTS: dict[TodayList, str | Promise] = {
    TodayList.SAFETY: _("Safety hazards"),
    TodayList.SENT: _("Sent here, not accepted yet"),
    TodayList.ANSWERED: _("The citizen answered"),
    TodayList.DUE: _("Due today and tomorrow"),
    TodayList.BOUNCED: _("Came back"),
    TodayList.NEW: _("New since you last looked"),
    TodayList.MAIL: _("Mail that failed"),
    TodayList.PUT_OFF: _("Put off until now"),
    TodayList.STAND_IN: _("In place of who is away"),
}

ABOUT: dict[TodayList, str | Promise] = {
    TodayList.SAFETY: _("Urgent, or marked as a danger."),
    TodayList.SENT: _("Accept it or send it back; its clock is running."),
    TodayList.ANSWERED: _("Nobody of the offices has done anything since."),
    TodayList.DUE: _("Promised by the end of tomorrow."),
    TodayList.BOUNCED: _("Sent back, or not accepted in time by the other office."),
    TodayList.NEW: "",
    TodayList.MAIL: _("The citizen does not know. Call, or write anew."),
    TodayList.PUT_OFF: _("The day it was put off to has come."),
    TodayList.STAND_IN: _("Given to somebody for whom you stand in."),
}

FIGURES: dict[Figure, str | Promise] = {
    Figure.NEW: _("New in the last 7 days"),
    Figure.CLOSED: _("Closed in the last 7 days"),
    Figure.NOT_ACCEPTED: _("Not accepted yet"),
    Figure.WAITING: _("Waiting for the citizen"),
    Figure.DAYS_0_2: _("Filed 0 to 2 days ago"),
    Figure.DAYS_3_7: _("Filed 3 to 7 days ago"),
    Figure.DAYS_8_30: _("Filed 8 to 30 days ago"),
    Figure.DAYS_31_90: _("Filed 31 to 90 days ago"),
    Figure.DAYS_OVER_90: _("Filed more than 90 days ago"),
}
