"""What a citizen says while their case runs."""

from requests_app.actions._draft import Command, Done, Draft, Text
from requests_app.actions._ledger import perform
from requests_app.models import Words
from requests_app.states import Activity


def citizen_replies(command: Command, *, answer: str) -> Done:
    """The citizen answers a question of the office; work goes on."""
    return perform(command, Draft(Activity.CITIZEN_REPLIED, text=Text(Words.Kind.ANSWER, answer)))
