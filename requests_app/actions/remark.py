"""What is said of a case without moving it, and what is taken back."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from requests_app.actions._draft import Command, Done, Draft, Text
from requests_app.actions._ledger import authorise, perform
from requests_app.actions.errors import Refused
from requests_app.clock import now
from requests_app.models import Answer, Person, Photo, RequestEvent, ServiceRequest, StrayMail, Words
from requests_app.privacy.documents import drop_documents
from requests_app.privacy.photos import drop_photo
from requests_app.projection import CaseState
from requests_app.reads.said import said_since
from requests_app.states import Activity


class _SaidAlready(Exception):
    """The very same words came from the very same form: a double tap."""

    def __init__(self, request: ServiceRequest, event: RequestEvent) -> None:
        super().__init__()
        self.done = Done(request, event)


def comment(command: Command, *, body: str, released: bool = False, form_version: int | None = None) -> Done:
    """A comment by the citizen or the office; public only when a person of the office released it.

    `form_version` is the version the form was made for: the same words from the same form are said once, and the
    second sending gets the answer of the first.
    """
    is_office = command.viewer.is_staff
    kind = Words.Kind.REPLY if is_office else Words.Kind.COMMENT
    said = Draft(Activity.COMMENTED, text=Text(kind, body, released=released and is_office))

    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        authorise(command.viewer, request, state, said)
        # The case is locked here: of two sendings at one moment the second sees the words of the first.
        before = said_since(request, form_version, Activity.COMMENTED, body)
        if before is not None:
            raise _SaidAlready(request, before)
        return said

    try:
        return perform(command, draft)
    except _SaidAlready as already:
        return already.done


def note(command: Command, *, body: str) -> Done:
    """An internal note of the office."""
    return perform(command, Draft(Activity.NOTED, text=Text(Words.Kind.NOTE, body)))


def hide(command: Command, *, hidden: bool = True) -> Done:
    """Hide a case from the public, or show it again."""
    return perform(command, Draft(Activity.HIDDEN if hidden else Activity.SHOWN))


def release_words(command: Command, *, words_id: int) -> Done:
    """Make a citizen's words public, as a person who has read them."""
    with transaction.atomic():
        done = perform(command, Draft(Activity.WORDS_RELEASED, words_id=words_id))
        released = Words.objects.filter(
            pk=words_id, request_id=command.request_id, erased_at=None, kind__in=_MAY_BE_PUBLIC
        ).update(released_at=now(), released_by_id=command.viewer.user_id)
        if not released:
            raise Refused({"words": _("These words cannot be made public. Reload the page.")})
        return done


_MAY_BE_PUBLIC = (Words.Kind.DESCRIPTION, Words.Kind.COMMENT, Words.Kind.REPLY)


def release_photo(command: Command, *, photo_id: int) -> Done:
    """Make a photo public, as a person who has looked at it."""
    with transaction.atomic():
        done = perform(command, Draft(Activity.WORDS_RELEASED, photo_id=photo_id))
        released = Photo.objects.filter(pk=photo_id, request_id=command.request_id, erased_at=None).update(
            released_at=now(), released_by_id=command.viewer.user_id
        )
        if not released:
            raise Refused({"photo": _("This photo cannot be made public. Reload the page.")})
        return done


def erase_words(command: Command, *, words_id: int) -> Done:
    """Empty a text for good; the event stays and points to an erased row."""
    with transaction.atomic():
        done = perform(command, Draft(Activity.WORDS_ERASED, words_id=words_id))
        erased = Words.objects.filter(pk=words_id, request_id=command.request_id).update(
            body="", erased_at=now(), released_at=None
        )
        if not erased:
            raise Refused({"words": _("There are no such words on this request.")})
        return done


def erase_photo(command: Command, *, photo_id: int) -> Done:
    """Delete a photo for good: the row stays empty, the file goes when the change is committed."""
    with transaction.atomic():
        done = perform(command, Draft(Activity.WORDS_ERASED, photo_id=photo_id))
        photo = Photo.objects.filter(pk=photo_id, request_id=command.request_id, erased_at=None).first()
        if photo is None:
            raise Refused({"photo": _("There is no such photo on this request.")})
        drop_photo(photo, now())
        return done


def erase_person(command: Command) -> Done:
    """Erase who filed a case, with the personal answers and papers they gave and their mails that nothing could take.

    What they wrote is erased by `erase_words`.
    """
    with transaction.atomic():
        done = perform(command, Draft(Activity.PERSON_ERASED))
        moment = now()
        Person.objects.filter(pk=done.request.person_id or 0).update(name="", email="", phone="", erased_at=moment)
        Answer.objects.filter(request=done.request, question__is_personal=True).update(value="", erased_at=moment)
        StrayMail.objects.filter(request=done.request, erased_at=None).update(body="", erased_at=moment)
        drop_documents(done.request.pk, moment)
        return done
