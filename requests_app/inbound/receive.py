"""A mail that came in: whose it is, about which case, and what becomes of it: in one transaction, each mail once."""

import hashlib
import io
from collections.abc import Sequence
from enum import StrEnum

from django.conf import settings
from django.db import transaction

from requests_app.actions._draft import Command
from requests_app.actions.errors import ActionError
from requests_app.actions.mail_answers import LONGEST_ANSWER, answer_by_mail
from requests_app.actions.stray_mail import keep_strangers, keep_stray, note_mail, tell_writer
from requests_app.inbound.letter import Enclosed, Mail, read_mail
from requests_app.inbound.loops import not_by_a_person
from requests_app.models import ServiceRequest
from requests_app.notify.links import BadLink, Purpose, open_link
from requests_app.notify.moments import News
from requests_app.notify.reply_address import looks_like_ours, token_among
from requests_app.permissions import Viewer
from requests_app.privacy.photos import BadPhoto, ReadyPhoto, ready_photo
from requests_app.reads.one_request import find_by_person
from requests_app.reads.places import home_jurisdiction
from requests_app.text.mail_answer import answer_in

MOST_PHOTOS = 5
ADDRESSED = ("X-Original-To", "Delivered-To", "Envelope-To", "To", "Cc")


class Verdict(StrEnum):
    """What became of a mail."""

    TAKEN = "taken"
    PARTLY = "partly"
    """Its words are on the case, not all of its attachments."""
    REPEATED = "repeated"
    OWN = "own"
    BOUNCE = "bounce"
    LIST = "list"
    AUTOMATIC = "automatic"
    NOT_OURS = "not_ours"
    """It names no address of ours: nothing is noted of it."""
    ALTERED = "altered"
    EXPIRED = "expired"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    REFUSED = "refused"


TOLD: dict[Verdict, News] = {
    Verdict.EXPIRED: News.MAIL_NOT_PLACED,
    Verdict.REFUSED: News.MAIL_NOT_PLACED,
    Verdict.EMPTY: News.MAIL_EMPTY,
    Verdict.TOO_LONG: News.MAIL_TOO_LONG,
}


def receive(raw: bytes, *, recipients: Sequence[str] = (), envelope_sender: str | None = None) -> Verdict:
    """Take a mail in. `recipients` are those of the envelope, where the mail server names them."""
    mail = read_mail(raw, settings.MAX_MAIL_BYTES)
    token = token_among(recipients) or token_among(mail.all(*ADDRESSED))
    if token is None:
        return Verdict.NOT_OURS
    machine = not_by_a_person(mail, envelope_sender)
    if not machine and not looks_like_ours(token):
        return Verdict.NOT_OURS
    with transaction.atomic():
        row = note_mail(hashlib.sha256(f"{mail.digest}:{token}".encode()).hexdigest())
        if row is None:
            return Verdict.REPEATED
        about = None if machine else whose(token)
        verdict = Verdict(machine) if machine else judge(mail, token, about)
        row.verdict, row.request = verdict, about
        row.save(update_fields=["verdict", "request"])
    return verdict


def whose(token: str) -> ServiceRequest | None:
    """The case that a signed address is for, however old it is; None when it was altered or nobody's any more."""
    try:
        request_id, person_id = open_link(Purpose.REPLY, token, 2, even_old=True)
    except BadLink:
        return None
    return find_by_person(request_id, person_id)


def judge(mail: Mail, token: str, about: ServiceRequest | None) -> Verdict:
    """Put the mail on its case; what cannot be put there waits for a person, and its writer is told."""
    if about is None:
        return _strange(mail)
    verdict = Verdict.EXPIRED if _is_old(token) else _answered(mail, about)
    if verdict in TOLD:
        keep_stray(verdict, mail.text, about=about)
    news = News.MAIL_LEFT_OUT if verdict is Verdict.PARTLY else TOLD.get(verdict)
    if news is not None and about.person is not None:
        tell_writer(news, about.person, about)
    return verdict


def _strange(mail: Mail) -> Verdict:
    place = home_jurisdiction()
    if place is None:
        return Verdict.ALTERED
    stray = keep_strangers(Verdict.ALTERED, f"{mail.subject}\n\n{mail.text}", sender=mail.sender, place=place)
    if stray.person is not None and stray.person.email:
        tell_writer(News.MAIL_NOT_PLACED, stray.person)
    return Verdict.ALTERED


def _is_old(token: str) -> bool:
    try:
        open_link(Purpose.REPLY, token, 2)
    except BadLink:
        return True
    return False


def _answered(mail: Mail, about: ServiceRequest) -> Verdict:
    words = answer_in(mail.text)
    photos, left_out = photos_of(mail.files)
    if len(words) > LONGEST_ANSWER:
        return Verdict.TOO_LONG
    if not words and not photos:
        return Verdict.EMPTY
    citizen = Viewer(tracked_request_ids=frozenset({about.pk}))
    command = Command(about.pk, citizen, None, language=about.language)
    try:
        answer_by_mail(command, words=words, photos=photos)
    except ActionError:
        return Verdict.REFUSED
    return Verdict.PARTLY if left_out or mail.is_cut else Verdict.TAKEN


def photos_of(files: Sequence[Enclosed]) -> tuple[list[ReadyPhoto], int]:
    """The photos among the files, re-encoded, each once; and how many files could not be taken."""
    ready: dict[bytes, ReadyPhoto] = {}
    left_out = 0
    for file in files:
        photo = _photo(file) if len(ready) < MOST_PHOTOS else None
        if photo is None:
            left_out += 1
        else:
            ready[photo.jpeg] = photo
    return list(ready.values()), left_out


def _photo(file: Enclosed) -> ReadyPhoto | None:
    try:
        return ready_photo(io.BytesIO(file.content), len(file.content)) if file.is_picture else None
    except BadPhoto:
        return None
