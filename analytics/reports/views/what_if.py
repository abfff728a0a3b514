"""What if: a change tried on the history (replay), and more people as a simulated queue; both are models."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from analytics.core.whatif.replay import Shift, median_change
from analytics.reports.sections import (
    EMPTY,
    NOT_RECORDED,
    Section,
    Subject,
    calendar_clock,
    not_recorded,
    nothing_here,
)
from analytics.reports.views.parts import Links, Made, Options
from analytics.reports.views.what_if_parts import cases_section, held_section, tested_section
from analytics.reports.views.what_if_people import people_made
from analytics.reports.whatif.asked import (
    CAP,
    DROP,
    PASS,
    PEOPLE,
    SHORTEN,
    Wish,
    office_choices,
    read_wish,
    step_choices,
)
from analytics.reports.whatif.tried import Tried, change_of, tried
from analytics.reports.wording import DAY_US, count_of_cases, duration, number


@dataclass(frozen=True, slots=True)
class Form:
    """The form and the two bars above the tables."""

    wish: Wish
    hidden: tuple[tuple[str, str], ...]
    offices: list[tuple[str, str]]
    steps: list[tuple[str, str]]
    ways: list[tuple[str, str]]
    bars: tuple[tuple[str, float, str], ...]

    @property
    def much(self) -> str:
        """How much, as it is written into the field."""
        return f"{self.wish.much:g}"


def what_if_view(subject: Subject, options: Options) -> Made:
    """Try a change: where, what and how much stand in the address."""
    wish = read_wish(subject, options)
    if not len(subject.measured.stays):
        basis = subject.basis(count_of_cases(0), calendar_clock(), "what-if")
        return Made(nothing_here(), (Section("cases", _("Whole cases"), nothing_here(), basis, state=EMPTY),))
    doubted: tuple[str, ...] = ()
    if wish.what == PEOPLE:
        headline, sections, shift = people_made(subject, wish)
    elif wish.what == PASS and not subject.records("accepted"):
        headline, sections, shift = _no_acceptance(subject)
    else:
        headline, sections, shift = _replayed(subject, wish)
        doubted = sections[-1].notes  # that the model was far off here stands beside the answer too
    return Made(
        headline,
        sections,
        (_a_model(wish), *doubted),
        picture=lambda links: _form(subject, wish, shift, links),
        template="analytics/_what_if.html",
        options=wish.parameters(),
    )


def _a_model(wish: Wish) -> str:
    if wish.what == PEOPLE:
        return _(
            "This is a model, not a promise: one queue, first come, first served, with the arrivals and the work that "
            "were measured. What people do beside it is not in it."
        )
    return _(
        "This is a model, not a promise: the same cases with some waits shorter. That others gain because a queue gets "
        "shorter is not in it, so the gain is a lower bound."
    )


def needs_events(options: Options) -> bool:
    """A step of an event log is made of events."""
    return bool(options.get("step"))


def _replayed(subject: Subject, wish: Wish) -> tuple[str, tuple[Section, ...], Shift]:
    found = tried(subject, wish, change_of(wish))
    shift = median_change(found.ages, found.after_us)
    place = place_name(subject, wish)
    sentence = _sentence(subject, wish, shift, found)
    return (
        sentence,
        (
            cases_section(subject, found, sentence, shift),
            held_section(subject, found, place),
            tested_section(subject, found, place),
        ),
        shift,
    )


def _no_acceptance(subject: Subject) -> tuple[str, tuple[Section, ...], None]:
    """Without it nobody knows which part of a stay was the hand-over."""
    basis = subject.basis(count_of_cases(subject.measured.n), calendar_clock(), "what-if")
    without = _("Without the moment an office accepted a case no hand-over can be left out: try making stays shorter.")
    sentence = f"{not_recorded()} {without}"
    return sentence, (Section("cases", _("Whole cases"), sentence, basis, state=NOT_RECORDED),), None


def place_name(subject: Subject, wish: Wish) -> str:
    """Name the office or the step."""
    if wish.step:
        return dict(step_choices(subject)).get(wish.step, wish.step)
    return subject.offices.get(wish.at, wish.at)


def _sentence(subject: Subject, wish: Wish, shift: Shift, found: Tried) -> str:
    condition = _condition(subject, wish)
    if not len(found.off_us):
        return _("No case of this report was ever at “%(place)s”.") % {"place": place_name(subject, wish)}
    if not found.off_us.any():
        return _("%(condition)s, nothing would change: no wait there is longer than that.") % {"condition": condition}
    if shift.after_us is None or shift.before_us is None:
        said = {"condition": condition}
        return _("%(condition)s, nobody can say what the median case there would take: too few have ended.") % said
    said = {"condition": condition, "after": duration(shift.after_us), "before": duration(shift.before_us)}
    if shift.low_us is None or shift.high_us is None:
        return _(
            "%(condition)s, the median case that passes there would take %(after)s instead of %(before)s (replay)."
        ) % (said)
    said |= {"low": duration(shift.low_us), "high": duration(shift.high_us)}
    return (
        _(
            "%(condition)s, the median case that passes there would take %(after)s instead of %(before)s (replay, a "
            "lower bound of the gain; then between %(low)s and %(high)s)."
        )
        % said
    )


def _condition(subject: Subject, wish: Wish) -> str:
    said = {"place": place_name(subject, wish), "n": number(wish.much, 0 if wish.much == int(wish.much) else 1)}
    if wish.what == CAP:
        days = {**said, "time": duration(wish.much * DAY_US)}
        return _("If no case stayed at “%(place)s” for longer than %(time)s") % days
    if wish.what == SHORTEN:
        return _("If every stay at “%(place)s” were %(n)s%% shorter") % said
    if wish.what == PASS:
        return _("If cases reached “%(place)s” without a hand-over to wait for") % said
    return _("If cases did not need “%(place)s” at all") % said


def _form(subject: Subject, wish: Wish, shift: Shift | None, links: Links) -> Form:
    ways = [
        (SHORTEN, _("make every stay shorter, by %")),
        (CAP, _("pass every case on within … days")),
        (DROP, _("leave it out altogether")),
        (PASS, _("hand over without delay (offices only)")),
        (PEOPLE, _("more people, by % (offices only)")),
    ]
    hidden = tuple(subject.measured.filters.parameters().items())
    return Form(wish, hidden, office_choices(subject), step_choices(subject), ways, _bars(shift))


def _bars(shift: Shift | None) -> tuple[tuple[str, float, str], ...]:
    if shift is None or not shift.before_us or shift.after_us is None:
        return ()
    length = round(100 * min(shift.after_us / shift.before_us, 1.0), 2)
    return (
        (_("Median case that passes there, today"), 100.0, duration(shift.before_us)),
        (_("Median case that passes there, then"), length, duration(shift.after_us)),
    )
