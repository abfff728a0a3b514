"""The link by which somebody chooses their password: mailed, signed, good once; GET shows, POST acts."""

from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from requests_app.actions.config import UnknownSetting, require_administrator
from requests_app.actions.errors import ActionError, Refused, TooMany
from requests_app.clock import now
from requests_app.models import Jurisdiction, SignInLink, User
from requests_app.notify.addressees import INVITED
from requests_app.notify.links import LIFE, BadLink, Purpose, open_link
from requests_app.notify.moments import Audience, News
from requests_app.notify.queueing import queue_mail
from requests_app.permissions import Viewer
from requests_app.reads.people import colleague, may_change_account, newest_link

BETWEEN = timedelta(minutes=5)
"""How long one waits before the next link."""


class LinkSpent(ActionError):
    """The link was used, or another one was sent since."""

    code = "link_spent"
    http_status = 410

    def __init__(self, *, was_used: bool) -> None:
        used = _("This link was used already: it works once. Sign in with your user name and password.")
        older = _("A newer link was sent since: use the one of the newest mail.")
        super().__init__(used if was_used else older)


class AccountClosed(ActionError):
    """The link is of somebody whose account was closed since."""

    code = "account_closed"
    http_status = 410

    def __init__(self) -> None:
        super().__init__(_("Your account is closed, so this link works no more."))


def send_invitation(user: User, *, viewer: Viewer) -> SignInLink:
    """Queue the mail with a link that makes every earlier one void; in the transaction of whoever calls."""
    moment = now()
    link = SignInLink.objects.create(
        user=user, made_by_id=viewer.user_id, made_at=moment, expires_at=moment + LIFE[Purpose.INVITE]
    )
    queue_mail(News.INVITED, Audience.WORKER, INVITED, link.pk, key=str(link.pk), at=moment)
    return link


def void_links(user: User) -> None:
    """Have no link work that was sent to an address which is not the person's any more; one statement."""
    SignInLink.objects.filter(user=user, used_at=None, expires_at__gt=now()).update(expires_at=now())


@transaction.atomic
def invite_again(place: Jurisdiction, pk: int, *, viewer: Viewer) -> SignInLink:
    """A new link for somebody of the staff, who lost the first one or their password."""
    require_administrator(viewer, place.pk)
    row = colleague(place, pk)
    if row is None:
        raise UnknownSetting
    user = User.objects.select_for_update().get(pk=row.pk)
    _refuse_unreachable(user, viewer)
    last = newest_link(user.pk)
    if last is not None and last.made_at + BETWEEN > now():
        raise TooMany(_("A link was sent a moment ago. Wait five minutes before you send another one."))
    return send_invitation(user, viewer=viewer)


def _refuse_unreachable(user: User, viewer: Viewer) -> None:
    if not may_change_account(viewer, user.pk):
        told = _("This person works in another place as well, which you do not administer. Ask an administrator there.")
        raise Refused({"email": told})
    if not user.is_active:
        raise Refused({"active": _("This account is closed. First let the person sign in again.")})
    if not user.email:
        raise Refused({"email": _("This person has no mail address. First give one.")})


def invited(token: str, *, to_use: bool = False) -> SignInLink:
    """The link of a token, with whom it is for; BadLink when it is none or too old, LinkSpent when it is over.

    AccountClosed where its person may not sign in any more.
    """
    (pk,) = open_link(Purpose.INVITE, token, 1)
    found = SignInLink.objects.select_related("user")
    link = (found.select_for_update(of=("self",)) if to_use else found).filter(pk=pk).first()
    if link is None:
        raise LinkSpent(was_used=False)
    if not link.user.is_active:
        raise AccountClosed
    if link.used_at is not None:
        raise LinkSpent(was_used=True)
    if link.expires_at <= now():
        raise BadLink(is_expired=True)
    newest = newest_link(link.user_id)
    if newest is not None and newest.pk != link.pk:
        raise LinkSpent(was_used=False)
    return link


@transaction.atomic
def choose_password(token: str, password: str, again: str) -> User:
    """Use a link: its person has this password from now on. Of two at one moment one is first."""
    link = invited(token, to_use=True)
    if not password:
        raise Refused({"password": _("Type the password that you choose.")})
    try:
        validate_password(password, link.user)
    except ValidationError as error:
        raise Refused({"password": " ".join(error.messages)}) from error
    if password != again:
        raise Refused({"again": _("The two passwords differ. Type the same one twice.")})
    link.user.set_password(password)
    link.user.save(update_fields=["password"])
    link.used_at = now()
    link.save(update_fields=["used_at"])
    return link.user
