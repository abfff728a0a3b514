"""Answers by mail land on their case once, with photos and without what they quote; what cannot land is not lost."""

import io
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import OperationalError
from PIL import Image

from requests_app import actions
from requests_app.actions import Contact
from requests_app.actions.mail_answers import LONGEST_ANSWER, pieces
from requests_app.actions.stray_mail import KEPT_FOR, forget_old_mails
from requests_app.clock import frozen_at
from requests_app.inbound.receive import Verdict, receive
from requests_app.models import Person, Photo, ReceivedMail, RequestEvent, StrayMail, User, Words
from requests_app.notify.deliver import sweep_outbox
from requests_app.notify.reply_address import reply_address, token_among
from requests_app.permissions import Role
from requests_app.privacy.photos import store
from requests_app.reads.desk import open_desk
from requests_app.reads.today import read_today
from requests_app.reads.today_lists import NEVER_LOOKED, TodayList
from requests_app.states import Activity, Actor, Status
from requests_app.text.limits import MAX_WORDS
from tests import factories
from tests.conftest import ROOT, server_environment
from tests.factories import World
from tests.races import race
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
DOMAIN = "answers.town.example"


@pytest.fixture(autouse=True)
def takes_mail(settings: Any) -> None:
    settings.REPLY_DOMAIN = DOMAIN


@pytest.fixture
def world() -> World:
    return factories.world("testford", is_default=True)


def asked(world: World, service: Any = None) -> Play:
    """A case that waits for the citizen."""
    with frozen_at(BEGIN):
        play = Play.begin(world, service, contact=Contact("Ann", "ann@example.org", wants_news=True))
        return play.started().do(actions.ask_citizen, question="Which house is it?")


def address_of(play: Play, at: datetime = BEGIN) -> str:
    with frozen_at(at):
        return reply_address(play.request.pk, play.request.person_id or 0)


def written(
    to: str, text: str = "It is number 12.", *, files: Sequence[tuple[str, bytes]] = (), **headers: str
) -> bytes:
    message = EmailMessage()
    message["From"] = "Ann <ann@example.org>"
    message["To"] = f"Clearway <{to}>"
    message["Subject"] = "Re: A question"
    message["Message-ID"] = "<one@example.org>"
    for name, value in headers.items():
        del message[name.replace("_", "-")]
        message[name.replace("_", "-")] = value
    message.set_content(text)
    for media_type, content in files:
        kind, _slash, subtype = media_type.partition("/")
        message.add_attachment(content, maintype=kind, subtype=subtype, filename=f"file.{subtype}")
    return message.as_bytes()


def picture(colour: tuple[int, int, int] = (1, 2, 3)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "PNG")
    return out.getvalue()


def take(raw: bytes, at: datetime = BEGIN + timedelta(hours=1), **envelope: Any) -> Verdict:
    with frozen_at(at):
        return receive(raw, **envelope)


def said(play: Play) -> list[tuple[str, str]]:
    """What the citizen did after the case was filed: activities with their words."""
    events = play.request.events.filter(actor=Actor.CITIZEN, reason="mail").order_by("sequence")
    words = dict(Words.objects.filter(request=play.request).values_list("pk", "body"))
    return [(event.activity, words.get(event.words_id or 0, "")) for event in events]


# --- It lands --------------------------------------------------------------------------------------------------------


def test_the_mail_that_asks_can_be_answered_and_the_answer_is_the_citizens(world: World) -> None:
    play = asked(world)
    with frozen_at(BEGIN):
        sweep_outbox()
    question = next(sent for sent in mail.outbox if "A question about" in sent.subject)
    (to,) = question.reply_to
    assert to.endswith(f"@{DOMAIN}")
    assert len(to.partition("@")[0]) <= 64
    assert str(question.body).startswith(
        "— Please write your answer above this line —\n— Veuillez écrire votre réponse"
    )
    quoted = "\n".join(f"> {line}" for line in str(question.body).splitlines())
    answer = f"It is number 12.\n\nLe lun. 2 mars 2026 à 10:12, Clearway <{to}> a écrit :\n\n{quoted}\n"
    assert take(written(to, answer)) is Verdict.TAKEN
    assert said(play) == [(Activity.CITIZEN_REPLIED, "It is number 12.")]


def test_a_case_that_waited_goes_on_and_its_promise_stood_still_exactly_as_with_an_answer_on_the_web(
    world: World,
) -> None:
    by_mail, by_web = asked(world), asked(world)
    later = BEGIN + timedelta(days=3, hours=2)
    take(written(address_of(by_mail)), later)
    with frozen_at(later):
        by_web.do(actions.citizen_replies, viewer=by_web.citizen, answer="It is number 12.")
    by_mail.request.refresh_from_db()
    for name in ("status", "due_at", "paused_s", "paused_at", "version", "pauses"):
        assert getattr(by_mail.request, name) == getattr(by_web.request, name), name
    assert by_mail.request.status == Status.IN_PROGRESS


def test_the_answer_is_among_those_of_today(world: World) -> None:
    play = asked(world)
    take(written(address_of(play)))
    desk = open_desk(world.handler)
    assert desk is not None
    with frozen_at(BEGIN + timedelta(hours=2)):
        (pile,) = [one for one in read_today(desk, NEVER_LOOKED).piles if one.which is TodayList.ANSWERED]
    assert [row.reference for row in pile.rows] == [play.request.reference]


def test_its_office_is_told_once_whatever_came_with_it(world: World) -> None:
    play = asked(world)
    Person.objects.update(wants_news=False)
    User.objects.filter(pk=world.handler.user_id).update(email="roads@town.example")
    with frozen_at(BEGIN):
        sweep_outbox()
    mail.outbox.clear()
    long = "word " * 1500
    take(written(address_of(play), long, files=[("image/png", picture()), ("image/png", picture((9, 9, 9)))]))
    assert [activity for activity, _words in said(play)] == [
        Activity.PHOTO_ADDED,
        Activity.PHOTO_ADDED,
        Activity.CITIZEN_REPLIED,
        Activity.COMMENTED,
    ]
    with frozen_at(BEGIN + timedelta(hours=1)):
        sweep_outbox()
    (told,) = mail.outbox
    assert told.subject.startswith("The citizen answered")


def test_an_answer_to_a_case_that_does_not_wait_is_a_message_and_moves_nothing(world: World) -> None:
    play = asked(world)
    with frozen_at(BEGIN):
        play.do(actions.citizen_replies, viewer=play.citizen, answer="On the left.").closed()
    assert take(written(address_of(play))) is Verdict.TAKEN
    play.request.refresh_from_db()
    assert play.request.status == Status.CLOSED
    assert said(play) == [(Activity.COMMENTED, "It is number 12.")]


def test_photos_are_encoded_anew_and_everything_else_is_left_out_and_said_so(world: World) -> None:
    play = asked(world)
    files = [("image/png", picture()), ("application/pdf", b"%PDF-1.4"), ("image/heic", b"no photo")]
    assert take(written(address_of(play), files=files)) is Verdict.PARTLY
    (photo,) = Photo.objects.filter(request=play.request)
    assert (store() / photo.file_name).read_bytes()[:3] == b"\xff\xd8\xff"
    assert photo.by_citizen
    assert photo.released_at is None
    with frozen_at(BEGIN + timedelta(hours=1)):
        sweep_outbox()
    (left_out,) = [sent for sent in mail.outbox if "not all that came with it" in sent.subject]
    assert left_out.to == ["ann@example.org"]


def test_a_photo_alone_is_an_answer(world: World) -> None:
    play = asked(world)
    assert take(written(address_of(play), "\n", files=[("image/png", picture())])) is Verdict.TAKEN
    assert [activity for activity, _words in said(play)] == [Activity.PHOTO_ADDED, Activity.CITIZEN_REPLIED]


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "us-ascii", "x-unknown", "utf-16"])
def test_accents_are_read_whatever_the_charset_says(world: World, charset: str) -> None:
    play = asked(world)
    coded = {"us-ascii": "utf-8", "x-unknown": "cp1252", "iso-8859-1": "cp1252"}.get(charset, charset)
    raw = (
        f"From: ann@example.org\r\nTo: {address_of(play)}\r\nMessage-ID: <c@x>\r\n"
        f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    ).encode() + "À l’école, près du chêne".encode(coded)
    assert take(raw) is Verdict.TAKEN
    assert said(play) == [(Activity.CITIZEN_REPLIED, "À l’école, près du chêne")]


def test_a_mail_that_is_a_page_only_is_read(world: World) -> None:
    play = asked(world)
    page = "<p>It is number&nbsp;12.</p><blockquote>Which house?</blockquote><div>Sent from my iPhone</div>"
    raw = f"From: ann@example.org\r\nTo: {address_of(play)}\r\nContent-Type: text/html\r\n\r\n{page}".encode()
    assert take(raw) is Verdict.TAKEN
    assert said(play) == [(Activity.CITIZEN_REPLIED, "It is number\u00a012.")]


def test_a_mail_larger_than_is_taken_keeps_its_words(world: World, settings: Any) -> None:
    play = asked(world)
    settings.MAX_MAIL_BYTES = 65_536
    files = [("application/pdf", b"x" * 90_000)]
    assert take(written(address_of(play), files=files)) is Verdict.PARTLY
    assert said(play) == [(Activity.CITIZEN_REPLIED, "It is number 12.")]


def test_a_text_is_broken_into_pieces_that_can_be_kept_and_loses_no_word() -> None:
    words = " ".join(str(number) for number in range(4000))
    found = pieces(words)
    assert all(len(piece) <= MAX_WORDS for piece in found)
    assert " ".join(found) == words
    assert "".join(pieces("x" * 9000)) == "x" * 9000
    assert pieces(" \n") == []


# --- Once ------------------------------------------------------------------------------------------------------------


def test_a_mail_that_is_brought_twice_lands_once(world: World) -> None:
    play = asked(world)
    raw = written(address_of(play))
    assert [take(raw), take(raw)] == [Verdict.TAKEN, Verdict.REPEATED]
    assert len(said(play)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_is_brought_twice_at_one_moment_lands_once(world: World) -> None:
    play = asked(world)
    raw = written(address_of(play))
    address = address_of(play, datetime.now(UTC))
    found = race(*[lambda: receive(raw, recipients=[address])] * 4)
    assert sorted(found) == [Verdict.REPEATED] * 3 + [Verdict.TAKEN]
    assert len(said(play)) == 1


def test_one_mail_to_two_cases_lands_on_both(world: World) -> None:
    plays = [asked(world), asked(world)]
    raw = written(address_of(plays[0]))
    assert [take(raw, recipients=[address_of(play)]) for play in plays] == [Verdict.TAKEN] * 2
    assert [len(said(play)) for play in plays] == [1, 1]


# --- Nobody wrote it -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "verdict"),
    [
        ({"Auto_Submitted": "auto-replied"}, Verdict.AUTOMATIC),
        ({"Auto_Submitted": "auto-generated; x"}, Verdict.AUTOMATIC),
        ({"Precedence": "Bulk"}, Verdict.AUTOMATIC),
        ({"X_Autoreply": "yes"}, Verdict.AUTOMATIC),
        ({"Subject": "Automatic reply: A question"}, Verdict.AUTOMATIC),
        ({"Subject": "Réponse automatique : Une question"}, Verdict.AUTOMATIC),
        ({"Subject": "Absence du bureau"}, Verdict.AUTOMATIC),
        ({"List_Id": "<x.example.org>"}, Verdict.LIST),
        ({"Return_Path": "<>"}, Verdict.BOUNCE),
        ({"From": "MAILER-DAEMON@example.org"}, Verdict.BOUNCE),
        ({"From": f"reply+x@{DOMAIN}"}, Verdict.OWN),
    ],
)
def test_mails_of_machines_are_left_alone_and_never_answered(
    world: World, headers: dict[str, str], verdict: Verdict
) -> None:
    play = asked(world)
    with frozen_at(BEGIN):
        sweep_outbox()
    mail.outbox.clear()
    assert take(written(address_of(play), **headers)) is verdict
    assert said(play) == []
    assert ReceivedMail.objects.get().verdict == verdict
    with frozen_at(BEGIN + timedelta(hours=1)):
        sweep_outbox()
    assert mail.outbox == []
    assert not StrayMail.objects.exists()


def test_our_own_mail_coming_back_and_a_bounce_of_the_envelope_are_known(world: World) -> None:
    play = asked(world)
    with frozen_at(BEGIN):
        sweep_outbox()
    own = mail.outbox[0].message()["Message-ID"]
    assert take(written(address_of(play), Message_ID=own)) is Verdict.OWN
    assert take(written(address_of(play)), envelope_sender="<>") is Verdict.BOUNCE
    assert (
        take(written(address_of(play), Message_ID="<2@x>", Auto_Submitted="no"), envelope_sender="a@b.ca")
        is Verdict.TAKEN
    )


# --- It cannot land --------------------------------------------------------------------------------------------------


def altered(address: str) -> str:
    local, _at, domain = address.partition("@")
    return f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}"


def answers(at: datetime = BEGIN + timedelta(hours=1)) -> list[Any]:
    mail.outbox.clear()
    with frozen_at(at):
        sweep_outbox()
    return [sent for sent in mail.outbox if "Your mail" in sent.subject or "no words of yours" in sent.subject]


def test_an_altered_address_moves_nothing_is_answered_once_and_its_mail_is_kept(world: World) -> None:
    play = asked(world)
    for number in range(3):
        raw = written(
            altered(address_of(play)), f"Number {number}.", Message_ID=f"<{number}@x>", From="Bob <bob@example.org>"
        )
        assert take(raw) is Verdict.ALTERED
    assert said(play) == []
    assert sorted(stray.body[-9:] for stray in StrayMail.objects.all()) == ["Number 0.", "Number 1.", "Number 2."]
    assert {stray.request_id for stray in StrayMail.objects.all()} == {None}
    (told,) = answers()
    assert told.to == ["bob@example.org"]
    assert told.subject.startswith("Your mail reached us, but no request")


def test_an_address_that_is_too_old_is_answered_and_its_mail_waits_with_its_case(world: World) -> None:
    play = asked(world)
    late = BEGIN + timedelta(days=181)
    assert take(written(address_of(play)), late) is Verdict.EXPIRED
    stray = StrayMail.objects.get()
    assert (stray.request_id, stray.body) == (play.request.pk, "It is number 12.")
    (told,) = answers(late)
    assert told.to == ["ann@example.org"]
    assert said(play) == []


def test_an_empty_mail_and_one_that_is_too_long_are_answered_with_what_to_do(world: World) -> None:
    play = asked(world)
    assert take(written(address_of(play), "> Which house is it?\n")) is Verdict.EMPTY
    assert [told.subject[:28] for told in answers()] == ["We found no words of yours i"]
    assert take(written(address_of(play), "long " * LONGEST_ANSWER, Message_ID="<2@x>")) is Verdict.TOO_LONG
    assert "too long" in answers()[0].subject
    assert StrayMail.objects.count() == 2
    assert said(play) == []


def test_a_refused_answer_leaves_no_photo_behind_and_is_kept(world: World) -> None:
    play = asked(world)
    world.jurisdiction.provenance = "imported"
    world.jurisdiction.save()
    before = sorted(store().iterdir())
    assert take(written(address_of(play), files=[("image/png", picture())])) is Verdict.REFUSED
    assert sorted(store().iterdir()) == before
    assert StrayMail.objects.get().why == Verdict.REFUSED


@pytest.mark.parametrize(
    "to",
    [
        "clearway@town.example",
        f"info@{DOMAIN}",
        f"reply+spam@{DOMAIN}",
        "reply+1-1-1-aaaaaaaaaaaaaaaaaaaa@else.example",
    ],
)
def test_an_address_that_is_none_of_ours_is_noted_nowhere(world: World, to: str) -> None:
    assert take(written(to)) is Verdict.NOT_OURS
    assert not ReceivedMail.objects.exists()
    assert not StrayMail.objects.exists()


def test_a_link_of_another_purpose_is_no_reply_address(world: World) -> None:
    play = asked(world)
    with frozen_at(BEGIN):
        sweep_outbox()
    opened = (
        next(w for w in str(mail.outbox[0].body).split() if "/from-mail/" in w).split("/from-mail/")[1].split("/")[0]
    )
    assert take(written(f"reply+{opened}@{DOMAIN}")) is Verdict.ALTERED
    assert said(play) == []


def test_what_could_not_land_is_erased_in_the_end(world: World) -> None:
    play = asked(world)
    take(written(altered(address_of(play)), From="bob@example.org"))
    with frozen_at(BEGIN + KEPT_FOR + timedelta(hours=2)):
        assert forget_old_mails() == 1
        assert forget_old_mails() == 0
    assert StrayMail.objects.get().body == ""
    assert not Person.objects.filter(email="bob@example.org").exists()
    assert Person.objects.filter(email="ann@example.org").exists()


def test_who_answers_for_the_case_reads_what_could_not_land_and_takes_it_from_the_list(
    world: World, client: Any
) -> None:
    play = asked(world)
    take(written(address_of(play), "LATEWORDS"), BEGIN + timedelta(days=181))
    take(written(altered(address_of(play)), "STRANGEWORDS", Message_ID="<2@x>"))
    narrow = factories.member(Role.MANAGER, world.jurisdiction, world.parks)
    seen = {}
    for name, viewer in (("manager", world.manager), ("narrow", narrow), ("administrator", world.administrator)):
        client.force_login(User.objects.get(pk=viewer.user_id))
        page = client.get("/manage/mail/").content.decode()
        seen[name] = ("LATEWORDS" in page, "STRANGEWORDS" in page)
    assert seen == {"manager": (True, True), "narrow": (False, False), "administrator": (False, False)}
    ids = list(StrayMail.objects.values_list("pk", flat=True))
    client.post("/manage/mail/", {"act": "read", "stray": ids})
    assert not StrayMail.objects.exclude(settled_at=None).exists(), "an administrator reads no words of citizens"
    client.force_login(User.objects.get(pk=world.manager.user_id))
    client.post("/manage/mail/", {"act": "read", "stray": ids})
    assert StrayMail.objects.filter(settled_by_id=world.manager.user_id).count() == 2
    assert "LATEWORDS" not in client.get("/manage/mail/").content.decode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"To: reply+%s@" + DOMAIN.encode(),
        b"From: =?utf-8?b?////?=\r\nSubject: =?x?q?=\r\nContent-Type: multipart/mixed\r\n\r\nx",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"
        + b"--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n" * 200,
        b'Content-Type: text/plain; charset="\x00"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!',
    ],
)
def test_a_broken_mail_never_stumbles(world: World, raw: bytes) -> None:
    play = asked(world)
    assert take(raw) is Verdict.NOT_OURS
    readable = Verdict.TAKEN if raw == b"\x00\xff\xfe" else Verdict.EMPTY  # three bytes are words, if strange ones
    assert take(raw, recipients=[address_of(play)]) is readable


def test_the_events_hold_no_word_and_no_address(world: World) -> None:
    play = asked(world)
    take(written(address_of(play)))
    event = RequestEvent.objects.filter(request=play.request, actor=Actor.CITIZEN).latest("sequence")
    assert (event.user_id, event.reason) == (None, "mail")
    assert "@" not in str(event.__dict__)


# --- The command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def on_stdin(monkeypatch: pytest.MonkeyPatch) -> Any:
    def give(raw: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))

    return give


def test_the_command_answers_a_mail_server_in_its_own_numbers(
    world: World, on_stdin: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = asked(world)
    on_stdin(written(address_of(play, datetime.now(UTC))))
    call_command("receive_mail", stdout=io.StringIO())
    assert len(said(play)) == 1
    on_stdin(written("nobody@town.example"))
    with pytest.raises(CommandError) as unknown:
        call_command("receive_mail")
    assert unknown.value.returncode == 67

    def away(*_args: Any, **_facts: Any) -> None:
        raise OperationalError("server closed the connection: ann@example.org")

    monkeypatch.setattr("requests_app.management.commands.receive_mail.receive", away)
    on_stdin(written(address_of(play)))
    with pytest.raises(CommandError) as later:
        call_command("receive_mail")
    assert later.value.returncode == 75
    assert "@" not in str(later.value)
    settings.REPLY_DOMAIN = ""
    with pytest.raises(CommandError) as off:
        call_command("receive_mail")
    assert off.value.returncode == 69


def test_a_folder_of_mails_is_taken_once(world: World, tmp_path: Path) -> None:
    play = asked(world)
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "1.host").write_bytes(written(address_of(play, datetime.now(UTC))))
    for _again in range(2):
        call_command("receive_mail", maildir=str(tmp_path), stdout=io.StringIO())
    assert [path.name for path in (tmp_path / "cur").iterdir()] == ["1.host:2,S"]
    assert len(said(play)) == 1


@pytest.mark.django_db(transaction=True)
def test_the_pipe_of_a_mail_server_ends_with_its_number(world: World) -> None:
    play = asked(world)
    command = [sys.executable, "manage.py", "receive_mail", "--sender", "ann@example.org", "--recipient"]
    environment = server_environment(CLEARWAY_REPLY_DOMAIN=DOMAIN)

    def pipe(address: str, **more: str) -> subprocess.CompletedProcess[bytes]:
        raw = written("somebody@example.org")
        return subprocess.run(
            [*command, address], input=raw, cwd=ROOT, env={**environment, **more}, capture_output=True, check=False
        )

    good = pipe(address_of(play, datetime.now(UTC)))
    assert (good.returncode, good.stdout.strip()) == (0, b"taken"), good.stderr
    assert pipe("nobody@town.example").returncode == 67
    assert pipe(address_of(play), DATABASE_URL="postgis://nobody@/none?host=/nowhere").returncode == 75
    assert len(said(play)) == 1


def test_a_token_is_found_in_any_case_of_letters_and_among_names(settings: Any) -> None:
    assert token_among([f"A <x@y.ca>, B <REPLY+1F-2K-X-ABC@{DOMAIN.upper()}>"]) == "1f-2k-x-abc"
    assert token_among([f"reply+@{DOMAIN}", ""]) is None
    settings.REPLY_DOMAIN = ""
    assert token_among(["reply+1-1-1-abc@"]) is None


def test_where_no_mail_is_taken_none_asks_for_an_answer(world: World, settings: Any) -> None:
    settings.REPLY_DOMAIN = ""
    asked(world)
    with frozen_at(BEGIN):
        sweep_outbox()
    assert all(not sent.reply_to and "above this line" not in str(sent.body) for sent in mail.outbox)


def test_who_reads_the_case_sees_that_it_came_by_mail(world: World, client: Any) -> None:
    play = asked(world)
    take(written(address_of(play)))
    client.force_login(User.objects.get(pk=world.handler.user_id))
    page = client.get(f"/desk/requests/{play.request.reference}/").content.decode()
    assert "It is number 12." in page
    assert "By mail" in page
