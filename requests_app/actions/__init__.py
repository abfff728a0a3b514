"""Everything that can happen to a case: one function an action, the only way a case changes.

Each action runs in one transaction: it locks the case, checks version, right and legality,
computes the new state with `projection.apply`, saves it, appends the event and queues side
effects. A refused action raises one of `errors` and leaves nothing behind.
"""

from requests_app.actions._draft import Command, Done
from requests_app.actions._ledger import checked_words
from requests_app.actions.advance import Chosen, make_move
from requests_app.actions.another_service import recategorize
from requests_app.actions.documents import add_document, ask_documents, check_document, erase_document
from requests_app.actions.errors import ActionError, Conflict, Forbidden, Illegal, Refused
from requests_app.actions.fixed import confirm_fixed, not_fixed
from requests_app.actions.handle import (
    accept,
    ask_citizen,
    assign,
    close,
    day_to_come,
    delay,
    put_off,
    reopen,
    reprioritize,
    schedule,
    start,
    wait_for_external,
)
from requests_app.actions.merge import merge, unmerge
from requests_app.actions.possible import possible
from requests_app.actions.rate import rate
from requests_app.actions.remark import (
    comment,
    erase_person,
    erase_photo,
    erase_words,
    hide,
    note,
    release_photo,
    release_words,
)
from requests_app.actions.reply import citizen_replies
from requests_app.actions.route_by_rules import route_by_rules
from requests_app.actions.send import (
    accept_review,
    bounce,
    expire,
    forward,
    hand_off,
    recall,
    request_review,
    return_review,
    route,
    start_review,
)
from requests_app.actions.submit import Contact, Submission, Submitted, submit
from requests_app.actions.support import support

__all__ = [
    "ActionError",
    "Chosen",
    "Command",
    "Conflict",
    "Contact",
    "Done",
    "Forbidden",
    "Illegal",
    "Refused",
    "Submission",
    "Submitted",
    "accept",
    "accept_review",
    "add_document",
    "ask_citizen",
    "ask_documents",
    "assign",
    "bounce",
    "check_document",
    "checked_words",
    "citizen_replies",
    "close",
    "comment",
    "confirm_fixed",
    "day_to_come",
    "delay",
    "erase_document",
    "erase_person",
    "erase_photo",
    "erase_words",
    "expire",
    "forward",
    "hand_off",
    "hide",
    "make_move",
    "merge",
    "not_fixed",
    "note",
    "possible",
    "put_off",
    "rate",
    "recall",
    "recategorize",
    "release_photo",
    "release_words",
    "reopen",
    "reprioritize",
    "request_review",
    "return_review",
    "route",
    "route_by_rules",
    "schedule",
    "start",
    "start_review",
    "submit",
    "support",
    "unmerge",
    "wait_for_external",
]
