"""The words of the lists a day begins with."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.reads.today_lists import TodayList

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
