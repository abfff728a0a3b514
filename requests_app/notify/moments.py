"""The moments that matter, as data: which news → told to whom → in which sentences.

`MOMENTS` is the one table. To tell people of something new, add a code to `News`, a row to `MOMENTS`, and either the
activity that is this news to `OF_ACTIVITY` (the ledger queues it by itself, in its own statement) or a call of
`queueing.queue` where there is no event (a reminder, a promise that passed). Nothing else needs to know.

A sentence names facts in brackets (`letters.FACTS` lists them); a sentence whose fact is missing is not said.
"""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from requests_app.notify.template import REPORT_BY_MAIL, Template
from requests_app.states import Activity, Actor


class News(StrEnum):
    """What people are told of."""

    RECEIVED = "received"
    SENT_ON = "sent_on"
    CAME_BACK = "came_back"
    GIVEN_TO_YOU = "given_to_you"
    PLANNED = "planned"
    ASKED = "asked"
    ANSWERED = "answered"
    OFFICE_WROTE = "office_wrote"
    CITIZEN_WROTE = "citizen_wrote"
    LATE = "late"
    CLOSED = "closed"
    JOINED = "joined"
    SEPARATED = "separated"
    REOPENED = "reopened"
    NOT_FIXED = "not_fixed"
    REVIEW_ASKED = "review_asked"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    NOT_ACCEPTED = "not_accepted"
    STEP_OVERDUE = "step_overdue"
    FOLLOW_ASKED = "follow_asked"
    MINE_ASKED = "mine_asked"
    MORNING = "morning"
    INVITED = "invited"
    PARTNER_LINK = "partner_link"
    PARTNER_ASKED = "partner_asked"
    MAIL_NOT_PLACED = "mail_not_placed"
    MAIL_EMPTY = "mail_empty"
    MAIL_TOO_LONG = "mail_too_long"
    MAIL_LEFT_OUT = "mail_left_out"
    REPORT = "report"


class Audience(StrEnum):
    """To whom: each is a way to find people (`addressees`)."""

    CITIZEN = "citizen"
    """Who filed the case, if they asked for news."""
    FOLLOWER = "follower"
    """Who follows it, confirmed."""
    HANDLER = "handler"
    """The person who has it; the office where nobody has."""
    OFFICE = "office"
    """Everybody who works in the office that holds it, or is asked for a review."""
    MANAGER = "manager"
    """The managers who answer for that office."""
    ABOVE = "above"
    """The office above the one that holds it, where there is one."""
    PARTNER = "partner"
    """The partner outside that a case was handed to, by its link."""
    ASKER = "asker"
    """Who asked for this very mail with a form, and is told nothing else."""
    WORKER = "worker"
    """A member of staff, in the morning."""
    WRITER = "writer"
    """Who wrote us a mail, and is told what became of it."""
    READER = "reader"
    """Who has a report mailed, or is named by a colleague."""


STAFF = frozenset({Audience.HANDLER, Audience.OFFICE, Audience.MANAGER, Audience.ABOVE})
DIRECT = frozenset({Audience.ASKER, Audience.WORKER, Audience.WRITER, Audience.READER})
"""Audiences that no event has: their mails are queued one by one (`queueing.queue_mail`)."""


_STAYS = _("The promise stays: an answer by %(due)s.")
_FOLLOWED = _("You follow this request: %(service)s.")
_CASE = _("%(reference)s: %(service)s.")
_WHERE = _("Where: %(place)s.")
_DUE = _("It is promised for %(due)s.")

_TO_PARTNER = Template(
    _("You are asked to take %(reference)s"),
    (
        _("A request came for you: %(service)s."),
        _("%(sender)s sent it."),
        _DUE,
        _("Answer with the link: take it, send it back, name a day, or say that it is done. No account."),
        _("The link serves once. After each answer you get a new one."),
    ),
)

_ESCALATED = Template(
    _("Still overdue: %(reference)s"),
    (
        _CASE,
        _("It was promised for %(due)s, and %(holder)s has neither closed it nor given a new date."),
        _("Decide who takes it on."),
    ),
)

MOMENTS: Mapping[News, Mapping[Audience, Template]] = {
    News.RECEIVED: {
        Audience.CITIZEN: Template(
            _("We have received your request %(reference)s"),
            (
                _("We have received your request: %(service)s."),
                _("It was sent to %(holder)s."),
                _("The city promises an answer by %(due)s."),
            ),
            answerable=True,
        ),
    },
    News.SENT_ON: {
        Audience.CITIZEN: Template(
            _("Your request %(reference)s was sent to another office"),
            (_("%(sender)s sent your request (%(service)s) to another office: %(office)s."), _STAYS),
            answerable=True,
        ),
        Audience.FOLLOWER: Template(
            _("%(reference)s was sent to another office"),
            (_FOLLOWED, _("It was sent to another office: %(office)s."), _STAYS),
        ),
        Audience.OFFICE: Template(
            _("%(reference)s was sent to your office"),
            (
                _("%(sender)s sent you a request: %(service)s."),
                _WHERE,
                _DUE,
                _("Accept it or send it back: until then nobody works on it."),
            ),
        ),
        Audience.PARTNER: _TO_PARTNER,
    },
    News.CAME_BACK: {
        Audience.OFFICE: Template(
            _("%(reference)s came back to your office"),
            (_CASE, _("The other office did not take it. The reason: %(reason)s."), _DUE),
        ),
    },
    News.GIVEN_TO_YOU: {
        Audience.HANDLER: Template(
            _("%(reference)s was given to you"),
            (_("You have a new request: %(service)s."), _WHERE, _DUE),
        ),
    },
    News.PLANNED: {
        Audience.CITIZEN: Template(
            _("Work on your request %(reference)s is planned"),
            (_("%(holder)s has planned the work on your request (%(service)s) for %(new_date)s."),),
            answerable=True,
        ),
        Audience.FOLLOWER: Template(
            _("Work on %(reference)s is planned"),
            (_FOLLOWED, _("%(holder)s has planned the work for %(new_date)s.")),
        ),
    },
    News.ASKED: {
        Audience.CITIZEN: Template(
            _("A question about your request %(reference)s"),
            (
                _("%(holder)s has a question about your request (%(service)s) and waits for your answer."),
                _("It needs from you: %(documents)s. Send it from the page of your request."),
                _("While it waits for you, the time that was promised stands still."),
            ),
            quotes=True,
            answerable=True,
        ),
    },
    News.ANSWERED: {
        Audience.HANDLER: Template(
            _("The citizen answered: %(reference)s"),
            (_CASE, _("The citizen answered your question. You can go on.")),
        ),
    },
    News.OFFICE_WROTE: {
        Audience.CITIZEN: Template(
            _("A message about your request %(reference)s"),
            (_("%(sender)s wrote to you about your request (%(service)s)."),),
            quotes=True,
            answerable=True,
        ),
    },
    News.CITIZEN_WROTE: {
        Audience.HANDLER: Template(
            _("The citizen wrote: %(reference)s"), (_CASE, _("The citizen added something to this request."))
        ),
    },
    News.LATE: {
        Audience.CITIZEN: Template(
            _("Your request %(reference)s will take longer"),
            (
                _("An answer to your request (%(service)s) was promised by %(due)s. We will not keep that date."),
                _("The reason: %(reason)s."),
                _("The new date is %(new_date)s."),
            ),
            quotes=True,
            answerable=True,
        ),
        Audience.FOLLOWER: Template(
            _("%(reference)s will take longer"),
            (_FOLLOWED, _("The reason: %(reason)s."), _("The new date is %(new_date)s.")),
        ),
    },
    News.CLOSED: {
        Audience.CITIZEN: Template(
            _("Your request %(reference)s was closed"),
            (_("%(holder)s closed your request (%(service)s): %(outcome)s."),),
            quotes=True,
            answerable=True,
            asks_fixed=True,
        ),
        Audience.FOLLOWER: Template(
            _("%(reference)s was closed"), (_FOLLOWED, _("%(holder)s closed it: %(outcome)s."))
        ),
    },
    News.JOINED: {
        Audience.CITIZEN: Template(
            _("Your request %(reference)s was joined with another one"),
            (
                _("Somebody else reported the same (%(service)s). The two go on as one request: %(other)s."),
                _("You will hear of that one from now on."),
            ),
        ),
        Audience.FOLLOWER: Template(
            _("%(reference)s was joined with another request"),
            (_FOLLOWED, _("It goes on as %(other)s, and you will hear of that one from now on.")),
        ),
    },
    News.SEPARATED: {
        Audience.CITIZEN: Template(
            _("Your request %(reference)s goes on by itself again"),
            (_("It was joined with another request by mistake. %(holder)s has it (%(service)s)."), _DUE),
            answerable=True,
        ),
        Audience.FOLLOWER: Template(
            _("%(reference)s goes on by itself again"),
            (_FOLLOWED, _("It was joined with another request by mistake. %(holder)s has it.")),
        ),
    },
    News.REOPENED: {
        Audience.CITIZEN: Template(
            _("Your request %(reference)s was opened again"),
            (_("Your request (%(service)s) was opened again. %(holder)s has it."),),
            answerable=True,
        ),
        Audience.FOLLOWER: Template(
            _("%(reference)s was opened again"), (_FOLLOWED, _("It was opened again. %(holder)s has it."))
        ),
    },
    News.NOT_FIXED: {
        Audience.CITIZEN: Template(
            _("Your request %(reference)s was opened again"),
            (_("You told us that it is not fixed (%(service)s). The office that closed it has it again: %(holder)s."),),
            answerable=True,
        ),
        Audience.FOLLOWER: Template(
            _("%(reference)s was opened again"), (_FOLLOWED, _("It was opened again. %(holder)s has it."))
        ),
        Audience.OFFICE: Template(
            _("Closed, not fixed: %(reference)s"),
            (_CASE, _WHERE, _("The citizen says that it is not fixed. The request is open again and yours.")),
        ),
        Audience.MANAGER: Template(
            _("Closed, not fixed: %(reference)s"),
            (_CASE, _("The citizen says that it is not fixed. %(holder)s has it again.")),
        ),
    },
    News.REVIEW_ASKED: {
        Audience.OFFICE: Template(
            _("Your office is asked for a review: %(reference)s"),
            (_CASE, _("%(sender)s asks you to look at it too."), _WHERE, _DUE),
        ),
    },
    News.DUE_SOON: {
        Audience.HANDLER: Template(
            _("Due soon: %(reference)s"), (_CASE, _WHERE, _("The promise for it ends on %(due)s."))
        ),
    },
    News.OVERDUE: {
        Audience.HANDLER: Template(
            _("Overdue: %(reference)s"),
            (_CASE, _WHERE, _("It was promised for %(due)s. Give the citizen a new date and the reason.")),
        ),
        Audience.MANAGER: Template(
            _("Overdue: %(reference)s"),
            (_CASE, _("It was promised for %(due)s. %(holder)s has it.")),
        ),
    },
    News.ESCALATED: {Audience.MANAGER: _ESCALATED, Audience.ABOVE: _ESCALATED},
    News.NOT_ACCEPTED: {
        Audience.OFFICE: Template(
            _("Not accepted in time: %(reference)s"),
            (_CASE, _WHERE, _("It is promised that an office accepts it sooner. Accept it or send it back."), _DUE),
        ),
        Audience.MANAGER: Template(
            _("Not accepted in time: %(reference)s"),
            (_CASE, _("%(holder)s has not accepted it in the time that is promised for that."), _DUE),
        ),
    },
    News.STEP_OVERDUE: {
        Audience.HANDLER: Template(
            _("A step takes too long: %(reference)s"),
            (_CASE, _WHERE, _("The step it is at has taken longer than it should."), _DUE),
        ),
    },
    News.FOLLOW_ASKED: {
        Audience.ASKER: Template(
            _("Do you want to follow %(reference)s?"),
            (
                _("Somebody, we hope you, asked for news of this request: %(service)s."),
                _("Nothing more is sent to you before you say yes. The link is good for three days."),
            ),
        ),
    },
    News.MINE_ASKED: {
        Audience.ASKER: Template(
            _("Your requests"),
            (
                _("Somebody, we hope you, asked to see the requests that were sent with this address."),
                _("The link works once and is good for two hours. If it was not you, do nothing."),
            ),
        ),
    },
    News.PARTNER_LINK: {
        Audience.PARTNER: Template(
            _("Your new link for %(reference)s"),
            (
                _CASE,
                _("With this link you say what comes next: a day, that it is done, that you give it back."),
                _DUE,
            ),
        ),
    },
    News.PARTNER_ASKED: {Audience.PARTNER: _TO_PARTNER},
    News.MORNING: {
        Audience.WORKER: Template(_("What waits for you today"), (_("Good morning. This waits for you:"),)),
    },
    News.INVITED: {
        Audience.WORKER: Template(
            _("Choose your password for Clearway"),
            (
                _("An administrator of the city gave you access to Clearway, where its requests are worked on."),
                _("With this link you choose your password. It works once and is good for seven days."),
                _("If you did not expect this, do nothing and tell the city."),
            ),
        ),
    },
    News.MAIL_NOT_PLACED: {
        Audience.WRITER: Template(
            _("Your mail reached us, but no request"),
            (
                _("The address you wrote to is too old, or a letter of it is wrong."),
                _("Nothing is lost: a person of the city reads your mail and puts it where it belongs."),
                _("To be quicker, open your request and write there."),
            ),
        ),
    },
    News.MAIL_EMPTY: {
        Audience.WRITER: Template(
            _("We found no words of yours in your mail about %(reference)s"),
            (
                _("Your mail about your request (%(service)s) held no words of yours and no photo we could take."),
                _("Write your answer above the text of our mail, or on the page of your request."),
            ),
        ),
    },
    News.MAIL_TOO_LONG: {
        Audience.WRITER: Template(
            _("Your mail about %(reference)s is too long"),
            (
                _("Your mail about your request (%(service)s) is longer than 20,000 characters: it was not added."),
                _(
                    "Nothing is lost: a person of the city reads it. "
                    "Send the main points once more: shorter is quicker."
                ),
            ),
        ),
    },
    News.MAIL_LEFT_OUT: {
        Audience.WRITER: Template(
            _("Your answer is here, but not all that came with it: %(reference)s"),
            (
                _("What you wrote about your request (%(service)s) is on it, and the office reads it."),
                _(
                    "Not everything that was attached could be taken: only photos (JPEG, PNG or WebP), at most five, "
                    "each up to 10 MB. Send documents on the page of your request when the office asks for them."
                ),
            ),
        ),
    },
    News.REPORT: {
        Audience.READER: REPORT_BY_MAIL,
    },
}

OF_ACTIVITY: Mapping[Activity, News] = {
    Activity.SUBMITTED: News.RECEIVED,
    Activity.HANDED_OFF: News.SENT_ON,
    Activity.BOUNCED: News.CAME_BACK,
    Activity.EXPIRED: News.CAME_BACK,
    Activity.ASSIGNED: News.GIVEN_TO_YOU,
    Activity.SCHEDULED: News.PLANNED,
    Activity.CITIZEN_ASKED: News.ASKED,
    Activity.CITIZEN_REPLIED: News.ANSWERED,
    Activity.COMMENTED: News.OFFICE_WROTE,
    Activity.DELAYED: News.LATE,
    Activity.RESOLVED: News.CLOSED,
    Activity.MERGED: News.JOINED,
    Activity.UNMERGED: News.SEPARATED,
    Activity.REOPENED: News.REOPENED,
    Activity.REVIEW_REQUESTED: News.REVIEW_ASKED,
}
"""The activities that are news by themselves."""

BY_CITIZEN: Mapping[Activity, News] = {
    Activity.COMMENTED: News.CITIZEN_WROTE,
    Activity.PHOTO_ADDED: News.CITIZEN_WROTE,
    Activity.REOPENED: News.NOT_FIXED,
}
"""What an activity means when the citizen does it."""


def news_of(activity: str, actor: str) -> News | None:
    """What an event is news of; None when nobody is told."""
    known = Activity(activity)
    if actor == Actor.CITIZEN and known in BY_CITIZEN:
        return BY_CITIZEN[known]
    return OF_ACTIVITY.get(known)
