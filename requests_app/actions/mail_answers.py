"""What a citizen answers by mail: words and photos land on the case as if they were said on its page."""

from collections.abc import Iterator, Sequence

from django.db import transaction

from requests_app.actions._draft import Command, Done, Draft, Text
from requests_app.actions._ledger import append_all, authorise, check_legal, lock
from requests_app.clock import now
from requests_app.models import Document, Photo, ServiceRequest, Words
from requests_app.privacy.photos import ReadyPhoto, forget_photo, keep_photos
from requests_app.projection import CaseState
from requests_app.states import Activity, Status
from requests_app.text.limits import MAX_WORDS
from requests_app.text.normalise import clean

BY_MAIL = "mail"
"""The reason code of events that came by mail."""
MOST_PIECES = 5
LONGEST_ANSWER = MOST_PIECES * MAX_WORDS


def answer_by_mail(command: Command, *, words: str, photos: Sequence[ReadyPhoto]) -> Done:
    """Put an answer on its case: one that waits for the citizen goes on, as with an answer on the web.

    A long answer is kept in several pieces; `words` has at most `LONGEST_ANSWER` characters, and there is a word or a
    photo.
    """
    kept: list[Photo] = []
    try:
        with transaction.atomic():
            request, state = lock(command)
            kept = keep_photos(request, photos, now())
            drafts = list(_said(request, state, pieces(words), kept))
            for draft in drafts:
                authorise(command.viewer, request, state, draft)
                check_legal(draft, state)
            return append_all(request, state, drafts, command)
    except BaseException:
        for photo in kept:
            forget_photo(photo.file_name)
        raise


def _said(request: ServiceRequest, state: CaseState, texts: list[str], photos: list[Photo]) -> Iterator[Draft]:
    for photo in photos:
        yield Draft(Activity.PHOTO_ADDED, photo_id=photo.pk, reason=BY_MAIL)
    comments = texts
    if state.status is Status.WAITING_CITIZEN and not _waits_for_papers(request):
        text = Text(Words.Kind.ANSWER, texts[0]) if texts else None
        yield Draft(Activity.CITIZEN_REPLIED, text=text, reason=BY_MAIL)
        comments = texts[1:]
    for words in comments:
        yield Draft(Activity.COMMENTED, text=Text(Words.Kind.COMMENT, words), reason=BY_MAIL)


def _waits_for_papers(request: ServiceRequest) -> bool:
    """Whether the office waits for documents: words alone do not end that wait."""
    return Document.objects.filter(request=request, status=Document.Status.ASKED).exists()


def pieces(words: str) -> list[str]:
    """A text in pieces that can each be kept, broken between lines or words where that is possible."""
    rest, found = clean(words), []
    while len(rest) > MAX_WORDS:
        at = max(rest.rfind("\n", MAX_WORDS // 2, MAX_WORDS), rest.rfind(" ", MAX_WORDS - 200, MAX_WORDS))
        at = at if at > 0 else MAX_WORDS
        found.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*found, rest] if rest else found
