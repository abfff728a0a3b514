"""One more person whom the same thing concerns."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from requests_app.actions._draft import Command, Done, Draft, Text
from requests_app.actions._ledger import append, lock
from requests_app.actions.errors import Refused
from requests_app.models import Words
from requests_app.states import Activity, Status


def support(command: Command, *, words: str = "") -> Done:
    """Add a person to an open case. Whoever may know of a case may say that it concerns them too.

    Counting each person once is the caller's business (a session, a phone call); the version they saw
    makes a double click a conflict. What they say of it (`words`) is kept as a note for the offices.
    """
    with transaction.atomic():
        request, state = lock(command)
        if state.status is Status.CLOSED:
            raise Refused({"into": _("That request is closed. File a new one.")})
        said = Text(Words.Kind.NOTE, words) if words.strip() else None
        done = append(request, state, Draft(Activity.SUPPORTED, text=said), command)
        done.request.supporters += 1
        done.request.save(update_fields=["supporters"])
        return done
