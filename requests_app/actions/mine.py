"""“My requests”: a link is mailed to whoever asks, and works once. Nobody learns from it who has filed what."""

import hashlib

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from requests_app.actions.contact import checked_address
from requests_app.actions.errors import Refused
from requests_app.clock import now
from requests_app.models import UsedLink
from requests_app.notify.addressees import OWNER
from requests_app.notify.links import keyed
from requests_app.notify.moments import Audience, News
from requests_app.notify.queueing import queue_mail
from requests_app.privacy.people import owner_of

ONE_MAIL_EVERY_S = 300


def ask_for_mine(email: str) -> None:
    """Queue the mail with the link, one in five minutes for an address; Refused when it is no address.

    Where nobody filed anything with it, the same is done with nobody to send it to: neither the answer nor the time it
    takes tells the two apart.
    """
    address = checked_address(email)
    if not address:
        raise Refused({"email": _("Give the e-mail address that you gave with your request.")})
    moment = now()
    key = f"{keyed(f'mine:{address.lower()}')}:{int(moment.timestamp()) // ONE_MAIL_EVERY_S}"
    queue_mail(News.MINE_ASKED, Audience.ASKER, OWNER, owner_of(address), key=key, at=moment)


def use_link(token: str) -> bool:
    """Use a link that works once; whether this was the first time. Of two at one moment one is."""
    digest = hashlib.sha256(token.lower().encode()).hexdigest()
    try:
        with transaction.atomic():
            UsedLink.objects.create(digest=digest, used_at=now())
    except IntegrityError:
        return False
    return True


def was_used(token: str) -> bool:
    """Whether a link was used already."""
    return UsedLink.objects.filter(digest=hashlib.sha256(token.lower().encode()).hexdigest()).exists()
