"""“It affects me too”: one more person, without an account, counted once; and taken back."""

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from requests_app.actions._draft import Command, Draft
from requests_app.actions._ledger import append, lock
from requests_app.actions.errors import Refused, TooMany
from requests_app.clock import now
from requests_app.models import ServiceRequest, Supporter
from requests_app.permissions import Publicity
from requests_app.privacy.me_too import SomebodyToo
from requests_app.states import Activity


def affects_me_too(command: Command, who: SomebodyToo) -> bool:
    """Count one more person on an open public case; whether they were not counted before.

    The case is locked while it is looked up, so that two taps at one moment count once. The version is not looked at:
    whatever the offices did meanwhile, it affects the person all the same.
    """
    with transaction.atomic():
        request, state = lock(command)
        known = _known(request, who)
        if any(_is(one, who) for one in known):
            return False
        if not takes_more(request):
            raise Refused({"support": _("This request does not take more people now.")})
        if sum(one.network_hash == who.network for one in known if who.network) >= settings.RATE_ME_TOO:
            raise TooMany(_("Many people of your network have said so today. Try again tomorrow."))
        append(request, state, Draft(Activity.SUPPORTED, row={"supporters": request.supporters + 1}), command)
        Supporter.objects.create(
            request=request,
            person_hash=who.persons[0],
            browser_hash=who.browsers[0],
            network_hash=who.network,
            supported_at=now(),
        )
        return True


def affects_me_no_more(command: Command, who: SomebodyToo) -> bool:
    """Take back what this browser said; whether there was something to take back."""
    with transaction.atomic():
        request, state = lock(command)
        counted = Supporter.objects.filter(request=request, browser_hash__in=who.browsers)
        if not counted.delete()[0]:
            return False
        fewer = max(request.supporters - 1, 0)
        append(request, state, Draft(Activity.SUPPORT_ENDED, row={"supporters": fewer}), command)
        return True


def takes_more(request: ServiceRequest) -> bool:
    """Whether people can say of a case that it affects them too: open, public, not hidden, and not imported."""
    return (
        request.service.publicity == Publicity.PUBLIC
        and request.is_open
        and not request.hidden
        and not request.jurisdiction.is_read_only
    )


def _known(request: ServiceRequest, who: SomebodyToo) -> list[Supporter]:
    """The rows of this person, and of whoever else said so from their network today; one statement."""
    same = Q(person_hash__in=who.persons) | Q(browser_hash__in=who.browsers)
    near = Q(network_hash=who.network) if who.network else Q(pk__in=[])
    return list(Supporter.objects.filter(same | near, request=request))


def _is(one: Supporter, who: SomebodyToo) -> bool:
    return one.person_hash in who.persons or one.browser_hash in who.browsers
