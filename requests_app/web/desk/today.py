"""Today: what a person of the desk looks at first, and the note that they have looked."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from requests_app.actions.look import have_looked
from requests_app.reads.absences import stood_in_for
from requests_app.reads.alarms import open_alarms
from requests_app.reads.desk import Desk
from requests_app.reads.today import Pile, Today, read_today
from requests_app.reads.today_lists import TodayList, look_of
from requests_app.web.desk.frame import frame
from requests_app.web.desk.gate import at_desk
from requests_app.web.desk.lists import ABOUT, LISTS
from requests_app.web.problem import problem_page


@dataclass(frozen=True, slots=True)
class Shown:
    """One list of the page: its words, its key, where it leads."""

    pile: Pile
    key: int
    words: str | Promise
    about: str | Promise
    query: str

    @property
    def is_new(self) -> bool:
        """Whether it is the list that one marks as seen."""
        return self.pile.which is TodayList.NEW

    @property
    def is_danger(self) -> bool:
        """Whether it is to be seen first."""
        return self.pile.which is TodayList.SAFETY


@never_cache
@require_safe
@at_desk
def today(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The page; an address with filters is one of a list that used to stand here."""
    if set(request.GET) - {"place", "lang"}:
        return redirect(f"{reverse('desk:queue')}?{request.GET.urlencode()}")
    read = read_today(desk, look_of(desk.viewer, desk.place))
    return render(request, "desk/today.html", _context(desk, read))


@require_POST
@at_desk
def looked(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The viewer has seen what the page they send this from showed."""
    seen = request.POST.get("seen", "")
    if not (seen.isascii() and seen.isdigit() and len(seen) < 19):
        sentence = _("The page does not say what you have seen. Open Today again and press the button there.")
        return problem_page(request, 422, sentence, back=reverse("desk:today"))
    have_looked(desk.viewer, desk.place, int(seen))
    return redirect(f"{reverse('desk:today')}?{urlencode({'place': desk.place.code})}")


def _context(desk: Desk, read: Today) -> dict[str, Any]:
    shown = [_shown(desk, pile, number) for number, pile in enumerate(read.piles, start=1)]
    return {
        **frame(desk),
        "on_today": True,
        "lists": shown,
        "filled": [one for one in shown if one.pile.count],
        "stands_in": stood_in_for(desk.viewer, desk.place),
        "stand_in_query": urlencode({"place": desk.place.code, "tab": desk.tabs[0], "list": TodayList.STAND_IN}),
        "alarms": open_alarms(desk.viewer, desk.place),
        "late": read.late,
        "late_query": urlencode({"place": desk.place.code, "tab": desk.tabs[0], "due": "late"}),
        "look": read.look,
    }


def _shown(desk: Desk, pile: Pile, number: int) -> Shown:
    query = urlencode({"place": desk.place.code, "tab": desk.tabs[0], "list": pile.which})
    return Shown(pile, number, LISTS[pile.which], ABOUT[pile.which], query)
