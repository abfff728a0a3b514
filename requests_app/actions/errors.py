"""Why an action was refused: each says what was wrong and what to do, in the reader's language."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from requests_app.labels import activity_label, status_label
from requests_app.states import SENT, Activity, Status, is_legal

Sentence = str | Promise


class ActionError(Exception):
    """An action that did not happen. `sentence` is for the person, `code` for programs."""

    code = "refused"
    http_status = 422

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


class Refused(ActionError):
    """What was given cannot be taken: `fields` maps each field to its sentence."""

    def __init__(self, fields: Mapping[str, Sentence]) -> None:
        super().__init__(next(iter(fields.values())))
        self.fields = dict(fields)


class Illegal(ActionError):
    """The move does not exist from this status."""

    code = "illegal_move"
    http_status = 409

    def __init__(self, activity: Activity, status: Status) -> None:
        super().__init__(
            format_lazy(
                _("“{activity}” is not possible while the request is “{status}”. Reload the page to see what is."),
                activity=activity_label(activity),
                status=status_label(status),
            )
        )
        self.activity, self.status = activity, status

    @property
    def for_many(self) -> Sentence:
        """The same where nothing has changed meanwhile: a list knows the status, so a reload shows nothing new."""
        if self.status in SENT and is_legal(self.activity, Status.ASSIGNED):
            sentence = _("“{activity}” is not possible while the request is “{status}”: accept it first.")
        else:
            sentence = _("“{activity}” is not possible while the request is “{status}”.")
        return format_lazy(sentence, activity=activity_label(self.activity), status=status_label(self.status))


class Conflict(ActionError):
    """Somebody else was first: the command saw an older version."""

    code = "stale_version"
    http_status = 409

    def __init__(self, status: Status, version: int) -> None:
        super().__init__(
            format_lazy(
                _("Somebody changed this request a moment ago: it is now “{status}”. Look at it again, then decide."),
                status=status_label(status),
            )
        )
        self.status, self.version = status, version


class JoinedAlready(ActionError):
    """The other case was joined with this one a moment before this one was to be joined with it."""

    code = "joined_already"
    http_status = 409

    def __init__(self, reference: str) -> None:
        super().__init__(
            format_lazy(
                _("{reference} was joined with this request a moment ago. There is nothing left to join."),
                reference=reference,
            )
        )


class SubmissionConflict(ActionError):
    """The same submission key came back with other content."""

    code = "key_reused"
    http_status = 409

    def __init__(self) -> None:
        super().__init__(_("This form was already sent with other content. Start a new report to send another one."))


class Forbidden(ActionError):
    """The viewer may not do this to this case."""

    code = "forbidden"
    http_status = 403

    def __init__(self) -> None:
        super().__init__(_("Your role does not allow this for this request. Ask the office that holds it."))


class Missing(ActionError):
    """No such case, or none the viewer may know of: the answer is the same."""

    code = "not_found"
    http_status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such request. Check the reference."))


class TooMany(ActionError):
    """More of it than a bound allows: it may be tried again later."""

    code = "too_many"
    http_status = 429


class ReadOnly(ActionError):
    """An imported case is measured, not worked on."""

    code = "read_only"
    http_status = 409

    def __init__(self) -> None:
        super().__init__(_("This request was imported from another system and can only be read here."))
