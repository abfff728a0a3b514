"""The form of a report by mail: read strictly, refused in sentences, and what stands in it at first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from analytics.freezing import LIVES
from analytics.mailing.orders import Wish, languages
from analytics.mailing.times import DAYS_OF_MONTH, DAYS_OF_WEEK, WEEK
from analytics.models import Every, Subscription
from requests_app.permissions import Viewer
from requests_app.reads.evaluators import whole_evaluators
from requests_app.states import Capability
from requests_app.web.numbers import number_sent, numbers_sent

MOST_COLLEAGUES: Final = 20
Sent = Mapping[str, list[str]]


class BadWish(Exception):
    """The form cannot be taken as it is: ``problems`` has a sentence for each field."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Company:
    """The colleagues a viewer may name: those who may read every report of the place, where the viewer may as well."""

    people: tuple[Any, ...]

    @property
    def ids(self) -> frozenset[int]:
        """Their ids."""
        return frozenset(one.pk for one in self.people)


def company_of(viewer: Viewer, place: Any) -> Company:
    """Return whom the viewer may name: nobody, where they measure a part that the others' rights may not cover."""
    if not viewer.reaches_all(Capability.SEE_REPORTS, place.pk):
        return Company(())
    return Company(tuple(one for one in whole_evaluators(place) if one.pk != viewer.user_id))


def read_wish(sent: Sent, company: Company) -> Wish:
    """Read a form. Raises ``BadWish``."""
    problems: dict[str, str] = {}
    every = _one_of(sent, "every", list(Every.values), _("“How often”: choose every week or every month."), problems)
    wish = Wish(
        every=every,
        day=_day(sent, every, problems),
        language=_one_of(
            sent,
            "language",
            [code for code, _name in languages()],
            _("“Language”: choose one from the list."),
            problems,
        ),
        moves=_first(sent, "moves") == "yes",
        link_days=int(
            _one_of(
                sent,
                "link_days",
                ["0", *map(str, LIVES)],
                _("“Link for people without an account”: choose none, 7, 30 or 90 days."),
                problems,
            )
        ),
        colleagues=_colleagues(sent, company, problems),
    )
    if problems:
        raise BadWish(problems)
    return wish


def _first(sent: Sent, name: str) -> str:
    return next(iter(sent.get(name, [])), "").strip()


def _one_of(sent: Sent, name: str, known: list[str], refusal: str, problems: dict[str, str]) -> str:
    said = _first(sent, name)
    if said in known:
        return said
    problems[name] = refusal
    return known[0]


def _day(sent: Sent, every: str, problems: dict[str, str]) -> int:
    name, days = ("weekday", DAYS_OF_WEEK) if every == WEEK else ("monthday", DAYS_OF_MONTH)
    day = number_sent(_first(sent, name), 2)
    if day is not None and day in days:
        return day
    problems[name] = (
        _("“Day of the week”: choose one from the list.")
        if every == WEEK
        else _("“Day of the month”: choose a number from 1 to 31.")
    )
    return 1


def _colleagues(sent: Sent, company: Company, problems: dict[str, str]) -> tuple[int, ...]:
    wanted = tuple(dict.fromkeys(numbers_sent(sent.get("colleagues", []))))
    if not set(wanted) <= company.ids:
        problems["colleagues"] = _(
            "“Also to”: somebody you chose may not read these reports or has no mail address. Choose from the list."
        )
    elif len(wanted) > MOST_COLLEAGUES:
        problems["colleagues"] = _("“Also to”: choose at most %(n)s colleagues.") % {"n": MOST_COLLEAGUES}
    return wanted


def first_wish(language: str, *, moves: bool) -> dict[str, list[str]]:
    """Return what stands in the form of a new one."""
    return {
        "every": [Every.WEEK],
        "weekday": ["1"],
        "monthday": ["1"],
        "language": [language],
        "moves": ["yes"] if moves else [],
        "link_days": ["0"],
    }


def wish_of(subscription: Subscription) -> dict[str, list[str]]:
    """Return what stands in the form of one that runs."""
    day = str(subscription.day)
    getting = [str(one.user_id) for one in subscription.readers.all() if one.ended_at is None]
    return {
        "every": [subscription.every],
        "weekday": [day if subscription.every == WEEK else "1"],
        "monthday": [day if subscription.every != WEEK else "1"],
        "language": [subscription.language],
        "moves": ["yes"] if subscription.moves else [],
        "link_days": [str(subscription.link_days)],
        "colleagues": getting,
    }
