"""An answer by mail without what it answers: the forms of many programs, in English and in French."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.text.html_words import words_of_html
from requests_app.text.mail_answer import WRITE_ABOVE, answer_in, unflowed

OURS = """— Please write your answer above this line —
— Veuillez écrire votre réponse au-dessus de cette ligne —

A question about your request TF-7K3M9QF

The office writes:

Which house is it?"""
QUOTED = "\n".join(f"> {line}" for line in OURS.splitlines())
ANSWER = "It is number 12.\n\nThe gate is open."
REPONSE = "C’est le numéro 12.\n\nLa grille est ouverte."

TOPPED = {
    "gmail": f"{ANSWER}\n\nOn Wed, Nov 25, 2026 at 10:12 AM Clearway <reply+1f@town.example> wrote:\n\n{QUOTED}\n",
    "gmail, broken over lines": (
        f"{ANSWER}\n\nOn Wed, Nov 25, 2026 at 10:12 AM Clearway <\n"
        f"reply+1f-2k-t3x9z2-mfrggzdfmztwq2lknnwg@town.example>\n"
        f"wrote:\n\n{QUOTED}\n"
    ),
    "gmail in french": f"{ANSWER}\n\nLe mer. 25 nov. 2026 à 10:12, Clearway <r@town.example> a écrit :\n\n{QUOTED}\n",
    "gmail in french, narrow space": (
        f"{ANSWER}\n\nLe mer. 25 nov. 2026, 10 h 12, C <r@t.example> a écrit\u202f:\n\n{QUOTED}"
    ),
    "gmail in canadian french, broken": (
        f"{ANSWER}\n\nLe mer. 25 nov. 2026 à 10 h 12, Clearway\n<reply+1f@town.example> a écrit\u00a0:\n\n{QUOTED}"
    ),
    "gmail on a phone, a date first": f"{ANSWER}\n\n2026-11-25 10:12 GMT-05:00 Clearway <r@town.example>:\n\n{QUOTED}",
    "apple mail": f"{ANSWER}\n\n> On Nov 25, 2026, at 10:12 AM, Clearway <r@town.example> wrote:\n> \n{QUOTED}",
    "apple mail in french": f"{ANSWER}\n\n> Le 25 nov. 2026 à 10:12, Clearway <r@town.example> a écrit :\n> \n{QUOTED}",
    "iphone": (
        f"{ANSWER}\n\nSent from my iPhone\n\n> On Nov 25, 2026, at 10:12, Clearway <r@t.example> wrote:\n{QUOTED}"
    ),
    "iphone in french": (
        f"{ANSWER}\n\nEnvoyé de mon iPhone\n\n> Le 25 nov. 2026 à 10:12, C <r@t.example> a écrit :\n{QUOTED}"
    ),
    "thunderbird": f"{ANSWER}\n\nOn 2026-11-25 10:12, Clearway wrote:\n{QUOTED}\n\n-- \nAnn Smith\n12 Elm Street",
    "thunderbird in french": f"{ANSWER}\n\nLe 25/11/2026 à 10:12, Clearway a écrit :\n{QUOTED}\n",
    "outlook on the desk": (
        f"{ANSWER}\n\nFrom: Clearway <r@town.example> \nSent: Wednesday, November 25, 2026 10:12 AM\n"
        f"To: Ann <ann@example.org>\nSubject: A question\n\n{OURS}"
    ),
    "outlook in french": (
        f"{ANSWER}\n\nDe : Clearway <r@town.example> \nEnvoyé : 25 novembre 2026 10:12\n"
        f"À : Ann <ann@example.org>\nObjet : Une question\n\n{OURS}"
    ),
    "outlook on the web": (
        f"{ANSWER}\n________________________________\nFrom: Clearway <r@town.example>\nSent: Wednesday, 25 November\n"
        f"To: Ann\nSubject: A question\n\n{OURS}"
    ),
    "outlook on the web in french, nbsp": (
        f"{ANSWER}\n\n________________________________\nDe\u00a0: Clearway <r@town.example>\n"
        f"Envoyé\u00a0: 25 novembre\n"
        f"À\u00a0: Ann\nObjet\u00a0: Une question\n\n{OURS}"
    ),
    "outlook with bold headers": (
        f"{ANSWER}\n\n*From:* Clearway <r@town.example>\n*Sent:* Wednesday\n*To:* Ann\n*Subject:* A question\n\n{OURS}"
    ),
    "outlook on android": (
        f"{ANSWER}\n\nGet Outlook for Android<https://aka.ms/x>\n________________________________\n"
        f"From: Clearway\nSent: Wednesday\nTo: Ann\nSubject: Q\n\n{OURS}"
    ),
    "outlook on ios in french": (
        f"{ANSWER}\n\nObtenez Outlook pour iOS<https://aka.ms/x>\n________________________________\n"
        f"De : Clearway\nEnvoyé : mercredi\nÀ : Ann\nObjet : Q\n\n{OURS}"
    ),
    "old outlook": f"{ANSWER}\n\n-----Original Message-----\nFrom: Clearway\n\n{OURS}",
    "old outlook in french": f"{ANSWER}\n\n-----Message d'origine-----\nDe : Clearway\n\n{OURS}",
    "samsung": f"{ANSWER}\n\nSent from my Galaxy\n\n-------- Original message --------\nFrom: Clearway\n\n{OURS}",
    "samsung in french": f"{ANSWER}\n\nEnvoyé de mon Galaxy\n\n-------- Message d’origine --------\nDe : C\n\n{OURS}",
    "samsung, another french": (
        f"{ANSWER}\n\nEnvoyé depuis mon appareil Galaxy\n-------- Message original --------\n{OURS}"
    ),
    "yahoo": (
        f"{ANSWER}\n\nOn Wednesday, November 25, 2026 at 10:12:33 a.m. EST, Clearway <r@t.example> wrote:\n\n{OURS}"
    ),
    "yahoo in french": (
        f"{ANSWER}\n\nLe mercredi 25 novembre 2026 à 10:12:33 UTC−5, Clearway <r@town.example> a écrit :\n\n{OURS}"
    ),
    "proton": (
        f"{ANSWER}\n\nSent with Proton Mail secure email.\n\n"
        f"On Wednesday, 25 November 2026 at 10:12, C wrote:\n\n{QUOTED}"
    ),
    "proton in french": (
        f"{ANSWER}\n\nEnvoyé avec la messagerie sécurisée Proton Mail.\n\n"
        f"Le mercredi 25 novembre 2026 à 10:12, Clearway <r@town.example> a écrit :\n\n{QUOTED}"
    ),
    "windows mail in french": (
        f"{ANSWER}\n\nProvenance : Courrier pour Windows\n\nDe: C\nEnvoyé le: mercredi\nÀ: Ann\nObjet: Q\n\n{OURS}"
    ),
    "only our first line": f"{ANSWER}\n\n{OURS}",
    "our first line, broken": f"{ANSWER}\n\n— Please write your answer above\nthis line —\n\nA question",
    "a signature": f"{ANSWER}\n\n-- \nAnn Smith\nSmith & Daughters",
    "a signature without its space": f"{ANSWER}\n--\nAnn",
    "no old mail at all": ANSWER,
    "windows line ends": f"{ANSWER}\n\nOn Wed, Nov 25, 2026 at 10:12 AM C <r@t.example> wrote:\n\n{QUOTED}".replace(
        "\n", "\r\n"
    ),
}


@pytest.mark.parametrize("name", TOPPED)
def test_an_answer_above_the_old_mail_is_all_that_is_left(name: str) -> None:
    assert answer_in(TOPPED[name]) == ANSWER


@pytest.mark.parametrize("name", TOPPED)
def test_the_same_in_french(name: str) -> None:
    crlf = TOPPED[name].replace(ANSWER.replace("\n", "\r\n"), REPONSE.replace("\n", "\r\n"))
    assert answer_in(crlf.replace(ANSWER, REPONSE)) == REPONSE


@pytest.mark.parametrize(
    "leads", ["On Wed, Nov 25, 2026, Clearway <r@t.example> wrote:", "Le 25 nov. 2026, C <r@t.ca> a écrit :"]
)
def test_an_answer_below_or_between_the_quoted_lines_is_kept(leads: str) -> None:
    below = f"{leads}\n{QUOTED}\n\n{ANSWER}\n"
    between = f"Hello,\n\n{leads}\n> Which house is it?\n\nNumber 12.\n\n> And is the gate open?\n\nYes.\n"
    assert answer_in(below) == ANSWER
    assert answer_in(between) == "Hello,\n\nNumber 12.\n\nYes."


@pytest.mark.parametrize(
    "words",
    [
        "On the door somebody wrote:\nKEEP OUT",
        "Le voisin a écrit :\n« Attention au chien »",
        "From: the corner of Elm\nto the school it is broken.",
        "De la rue King à la rue Queen, tout est cassé.",
        "Sent the form last week.\nNobody called.",
        "Envoyé par courrier la semaine passée.",
        "J’ai envoyé le formulaire de mon téléphone hier, mais rien.",
        "-- is what the sign says",
        "1 > 0 and that is all",
        "Objet : trou\nDate : hier\nMerci",
        "The original message was: call me.",
        "__________ is blank on the form",
    ],
)
def test_what_only_looks_like_an_old_mail_stays(words: str) -> None:
    assert answer_in(words) == words


@pytest.mark.parametrize(
    "text", ["", "\n \n", QUOTED, OURS, "Sent from my iPhone", "-- \nAnn", f"Le 25 nov. 2026, C a écrit :\n{QUOTED}"]
)
def test_where_nobody_wrote_anything_nothing_is_left(text: str) -> None:
    assert answer_in(text) == ""


WORDS = st.lists(st.text("abcdeé ,.!?’12", min_size=1, max_size=40).filter(str.strip), min_size=1, max_size=8)


@given(lines=WORDS, old=st.sampled_from(sorted(TOPPED)))
def test_no_word_above_an_old_mail_is_ever_lost(lines: list[str], old: str) -> None:
    plain = "\n".join(line.strip() for line in lines)
    text = TOPPED[old].replace("\r\n", "\n").replace(ANSWER, plain)
    assert answer_in(text) == plain


@given(st.text("ab >-_:\n@—w", max_size=300))
def test_any_text_is_read_in_the_end_and_no_word_is_made_up(text: str) -> None:
    kept = answer_in(text)
    assert not Counter(kept.split()) - Counter(text.split())


# --- Pages -----------------------------------------------------------------------------------------------------------

PAGES = {
    "gmail": (
        '<div dir="ltr">It is number 12.<div><br></div><div>The gate is open.</div></div><br>'
        '<div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Wed, Nov 25, 2026 at 10:12 AM Clearway &lt;'
        '<a href="mailto:r@t.example">r@t.example</a>&gt; wrote:<br></div>'
        '<blockquote class="gmail_quote"><p>Which house is it?</p></blockquote></div>'
    ),
    "outlook": (
        "<html><head><style>p {color: red}</style></head><body><p>It is number 12.</p><p>The gate is open.</p>"
        '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Clearway<br><b>Sent:</b> Wednesday<br>'
        "<b>To:</b> Ann<br><b>Subject:</b> A question</div><p>Which house is it?</p></body></html>"
    ),
    "outlook in french": (
        "<p>It is number 12.</p><p>The gate is open.</p>"
        "<div><b>De&nbsp;:</b> Clearway<br><b>Envoyé&nbsp;:</b> mercredi<br>"
        "<b>À&nbsp;:</b> Ann<br><b>Objet&nbsp;:</b> Une question</div><p>Quelle maison?</p>"
    ),
    "iphone": (
        "It is number 12.<div><br></div><div>The gate is open.<br><br>"
        '<div dir="ltr">Envoyé de mon iPhone</div><div dir="ltr"><br><blockquote type="cite">Le 25 nov. 2026 à 10:12, '
        'Clearway a écrit :<br><br></blockquote></div><blockquote type="cite">Which house is it?</blockquote></div>'
    ),
    "a signature": (
        "<div>It is number 12.</div><div><br></div><div>The gate is open.</div>"
        '<div class="gmail_signature">Ann, 555-0100</div>'
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_the_words_of_a_page_are_read_as_a_reader_sees_them(name: str) -> None:
    assert answer_in(words_of_html(PAGES[name])) == ANSWER


def test_a_page_that_is_broken_is_read_all_the_same() -> None:
    assert "Yes & no" in words_of_html("<div><p>Yes &amp; no<blockquote></p></div></blockquote><<<")
    assert words_of_html("<script>alert(1)</script><title>x</title>Yes") == "Yes"


def test_flowed_paragraphs_become_one_line_each_and_quotes_stay_quotes() -> None:
    flowed = "It is number \n12.\n\n> Which house \n> is it?\n-- \nAnn"
    assert unflowed(flowed) == "It is number 12.\n\n> Which house is it?\n-- \nAnn"
    assert unflowed("Num \nber", drops_space=True) == "Number"


def test_our_first_line_is_known_in_both_languages() -> None:
    for sentence in WRITE_ABOVE:
        assert answer_in(f"Yes.\n— {sentence} —\nold") == "Yes."
