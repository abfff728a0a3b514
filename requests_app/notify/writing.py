"""Writing a letter: from a moment of the table, its facts and its reader, in the active language.

Words of a case are in no mail, with one exception: what the office wrote to the citizen goes to the citizen, unless the
service is private. They are read when the mail is made and kept in no row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from requests_app.clock import now
from requests_app.models import PartnerLink, RequestEvent, ServiceKind, ServiceRequest, SignInLink, Words
from requests_app.notify.addressees import FOLLOWER, PERSON, USER, WORKER
from requests_app.notify.letters import Button, Facts, Letter, facts_of, lines_of, said
from requests_app.notify.links import LIFE, Purpose, sign
from requests_app.notify.moments import MOMENTS, STAFF, Audience, News
from requests_app.notify.partners import token_of
from requests_app.notify.receivers import Receiver
from requests_app.notify.reply_address import reply_address
from requests_app.notify.template import Said, Template
from requests_app.permissions import Publicity
from requests_app.reads.closing import asked_until
from requests_app.reads.morning import waiting_for

STOPPABLE: tuple[str, ...] = ("", PERSON, FOLLOWER, USER, WORKER)
"""Kinds of receiver who can stop their mails, by the number that their link bears (0 is none)."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a mail is about: the case (None for mails of none), what happened to it, and to whom it is told."""

    news: News
    audience: Audience
    request: ServiceRequest | None
    event: RequestEvent | None

    @property
    def template(self) -> Template:
        """The sentences of this moment for this audience."""
        return MOMENTS[self.news][self.audience]


def letter(occasion: Occasion, to: Receiver) -> Letter:
    """The letter in the active language."""
    facts = facts_of(occasion.request, occasion.event) if occasion.request is not None else {}
    return put_together(
        occasion,
        facts,
        quote=quoted(occasion),
        buttons=buttons_for(occasion, to),
        stop=stop_url(to),
        items=items(occasion, to),
        is_answered_here=bool(answer_to(occasion, to)),
    )


def answer_to(occasion: Occasion, to: Receiver) -> str:
    """Where an answer to this mail lands on the case; "" for mails that nobody answers."""
    if not occasion.template.answerable or to.kind != PERSON or occasion.request is None:
        return ""
    return reply_address(occasion.request.pk, to.pk)


def put_together(
    occasion: Occasion,
    facts: Facts,
    *,
    quote: str = "",
    buttons: tuple[Button, ...] = (),
    stop: str = "",
    items: tuple[tuple[str, str], ...] = (),
    is_answered_here: bool = False,
) -> Letter:
    """A letter of parts: the real ones, or those of a preview."""
    template = occasion.template
    return Letter(
        language=get_language() or "en",
        subject=said(template.subject, facts),
        lines=lines_of(template, facts),
        quote=quote,
        buttons=buttons,
        foot=(WHY[occasion.audience](),),
        stop=Button(_("Stop these mails"), stop) if stop else None,
        items=items,
        above=_("Please write your answer above this line") if is_answered_here else "",
    )


def nothing_to_say(occasion: Occasion, to: Receiver) -> bool:
    """Whether the morning finds nothing that waits."""
    return occasion.news is News.MORNING and not waiting_for(to.pk)


def items(occasion: Occasion, to: Receiver) -> tuple[tuple[str, str], ...]:
    """What waits for a member of staff this morning: how many of what, and the list behind the number."""
    if occasion.news is not News.MORNING:
        return ()
    return tuple((line.words, site(line.address)) for line in waiting_for(to.pk))


def quoted(occasion: Occasion) -> str:
    """What the office wrote to the citizen with this event; "" for others, for private services, once erased."""
    event, request = occasion.event, occasion.request
    if not occasion.template.quotes or event is None or request is None or event.words_id is None:
        return ""
    if request.service.publicity == Publicity.PRIVATE or request.hidden:
        return ""
    words = Words.objects.filter(pk=event.words_id, kind=Words.Kind.REPLY, erased_at=None).first()
    return words.body if words else ""


# --- What the reader can do next -------------------------------------------------------------------------------------


ONE_WAY: Mapping[News, tuple[str, Said]] = {
    News.FOLLOW_ASKED: ("follow", gettext_lazy("Yes, send me news")),
    News.MINE_ASKED: ("mine", gettext_lazy("Show them")),
    News.INVITED: ("invitation", gettext_lazy("Choose my password")),
}
"""Mails with one link that does what they are for."""

OF_AUDIENCE: Mapping[Audience, tuple[tuple[str, Said], ...]] = {
    Audience.PARTNER: (("partner", pgettext_lazy("partner", "Answer")),),
    Audience.WORKER: (("desk", gettext_lazy("Open the desk")),),
    Audience.FOLLOWER: (("public", gettext_lazy("See where it stands")),),
    Audience.READER: (
        ("report", gettext_lazy("Open the report")),
        ("reports", gettext_lazy("Change or end these mails")),
    ),
}
"""What these readers can do with any mail that is for them."""


def _ways(occasion: Occasion) -> list[tuple[str, str]]:
    """(code, label) of what this reader can do with this mail, the main thing first."""
    if occasion.news in ONE_WAY:
        code, label = ONE_WAY[occasion.news]
        return [(code, str(label))]
    if occasion.audience in OF_AUDIENCE:
        return [(code, str(label)) for code, label in OF_AUDIENCE[occasion.audience]]
    if occasion.audience is Audience.WRITER and occasion.news is News.MAIL_NOT_PLACED:
        return [("find", _("Find my request"))]
    if occasion.audience in STAFF:
        return [("desk_case", _("Open the request at the desk"))]
    if occasion.template.asks_fixed and _is_asked(occasion):
        return [("fixed", _("Is it fixed? Tell us")), ("open", _("See where it stands"))]
    return [("open", _("See where it stands"))]


def _is_asked(occasion: Occasion) -> bool:
    """Whether the citizen is asked about this closing; in a preview they are, about a decision nobody is."""
    case = occasion.request
    return case is None or (case.merged_into_id is None and case.service.kind != ServiceKind.APPLICATION)


def _fixed(occasion: Occasion, to: Receiver) -> str:
    case = _case(occasion)
    return reverse("citizen:is_it_fixed", args=[sign(Purpose.FIXED, case.pk, to.pk, until=asked_until(case))])


def labels_for(occasion: Occasion) -> list[str]:
    """What the buttons of a mail say, in the active language."""
    return [label for _code, label in _ways(occasion)]


def buttons_for(occasion: Occasion, to: Receiver) -> tuple[Button, ...]:
    """The buttons of a mail with their links."""
    return tuple(Button(label, site(WAYS[code](occasion, to))) for code, label in _ways(occasion))


def _case(occasion: Occasion) -> ServiceRequest:
    assert occasion.request is not None, occasion.news
    return occasion.request


def _partner_token(occasion: Occasion, to: Receiver) -> str:
    return token_of(PartnerLink.objects.get(pk=to.pk), _case(occasion).version)


Way = Callable[[Occasion, Receiver], str]

WAYS: Mapping[str, Way] = {
    "open": lambda occasion, to: reverse("citizen:from_mail", args=[sign(Purpose.OPEN, _case(occasion).pk, to.pk)]),
    "follow": lambda occasion, to: reverse("citizen:follow", args=[sign(Purpose.FOLLOW, to.pk)]),
    "partner": lambda occasion, to: reverse("partner:case", args=[_partner_token(occasion, to)]),
    "fixed": _fixed,
    "invitation": lambda occasion, to: reverse("citizen:invitation", args=[invitation_token(to.pk)]),
    "mine": lambda occasion, to: reverse("citizen:mine_open", args=[mine_token(to.pk)]),
    "public": lambda occasion, to: reverse("citizen:request", args=[_case(occasion).reference]),
    "desk_case": lambda occasion, to: reverse("desk:case", args=[_case(occasion).reference]),
    "desk": lambda occasion, to: reverse("desk:queue"),
    "find": lambda occasion, to: reverse("citizen:find"),
    "report": lambda occasion, to: reverse("evaluate:frozen", args=[to.pk]),
    "reports": lambda occasion, to: reverse("evaluate:my_mails"),
}


def invitation_token(link_id: int) -> str:
    """The link to choose a password, good as long as its row says."""
    return sign(Purpose.INVITE, link_id, until=SignInLink.objects.get(pk=link_id).expires_at)


def mine_token(person_id: int) -> str:
    """The link to one’s requests; the same in both halves of a mail, so that using one uses both."""
    moment = int(now().timestamp())
    begun = datetime.fromtimestamp(moment - moment % 300, UTC)
    return sign(Purpose.MINE, person_id, until=begun + LIFE[Purpose.MINE])


def site(path: str) -> str:
    """An address of this site, whole, in the active language."""
    join = "&" if "?" in path else "?"
    return f"{settings.SITE_URL.rstrip('/')}{path}{join}lang={get_language() or 'en'}"


def stop_url(to: Receiver) -> str:
    """Where the reader stops these mails with one click; "" for mails that were asked for one by one."""
    if to.kind not in STOPPABLE:
        return ""
    token = sign(Purpose.STOP, STOPPABLE.index(to.kind), to.pk)
    return f"{settings.SITE_URL.rstrip('/')}{reverse('citizen:stop_mails', args=[token])}"


# --- Why one gets it -------------------------------------------------------------------------------------------------


def _because_filed() -> str:
    return _("You get this because you asked for news of this request.")


def _because_followed() -> str:
    return _("You get this because you follow this request.")


def _because_staff() -> str:
    return _("You get this because you work on such requests in Clearway.")


def _because_wrote() -> str:
    return _("You get this once, because you wrote us a mail.")


def _because_partner() -> str:
    return _("You get this because your office is named here as a partner of the city.")


def _because_asked() -> str:
    return _("You get this once, because this address was typed into a form of ours.")


def _because_reader() -> str:
    return _("You get this because you asked for this report by mail, or a colleague did so for you.")


WHY: Mapping[Audience, Callable[[], str]] = {
    Audience.CITIZEN: _because_filed,
    Audience.FOLLOWER: _because_followed,
    Audience.HANDLER: _because_staff,
    Audience.OFFICE: _because_staff,
    Audience.MANAGER: _because_staff,
    Audience.ABOVE: _because_staff,
    Audience.PARTNER: _because_partner,
    Audience.ASKER: _because_asked,
    Audience.WORKER: _because_staff,
    Audience.WRITER: _because_wrote,
    Audience.READER: _because_reader,
}
