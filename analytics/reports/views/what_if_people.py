"""More people at an office: what a simulated queue says of its waits, and replay of whole cases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analytics.core.whatif.queue import LEAST, BackTest, Simulated, back_test, simulate
from analytics.core.whatif.replay import Change, Shift, by_case, median
from analytics.reports.sections import EMPTY, NOT_RECORDED, Section, Subject, calendar_clock, not_recorded
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.whatif.asked import Wish
from analytics.reports.whatif.crew import office_of, queue_waits
from analytics.reports.whatif.tried import tried
from analytics.reports.wording import HOUR_US, HOURS, count_of_stays, duration, number, percent

FAR = 2.0
"""A model that says more than twice or less than half of what was measured says nothing of more people."""
PEOPLE_MADE = tuple[str, tuple[Section, ...], Shift | None]


def people_made(subject: Subject, wish: Wish) -> PEOPLE_MADE:
    """Simulate, test, and carry the change of the queue over to whole cases."""
    title, place = _("The queue, simulated"), subject.offices.get(wish.at, wish.at)
    if not subject.records("started"):
        basis = subject.basis(_("finished holds"), calendar_clock(), "what-if-queue")
        sentence = f"{not_recorded()} {_without_starts()}"
        return sentence, (Section("queue", title, sentence, basis, state=NOT_RECORDED),), None
    office = office_of(subject, wish.at)
    basis = subject.basis(count_of_stays(len(office)), _working(), "what-if-queue")
    if len(office) < LEAST:
        sentence = _("Fewer than %(n)s stays at “%(place)s” say when work began: too few to simulate its queue.") % {
            "n": number(LEAST),
            "place": place,
        }
        return sentence, (Section("queue", title, sentence, basis, state=EMPTY),), None
    made = simulate(office, wish.much / 100)
    shift = _carried_over(subject, wish, made)
    test = back_test(office)
    is_queue = _is_a_queue(made, test)
    queue = Section("queue", title, _queue_sentence(place, made), basis, _table(made, title, is_queue))
    tested = Section("tested", _("How good is this model here?"), _tested(test), basis)
    if not is_queue:
        return _no_queue(place, made, test), (queue, tested), None
    return _sentence(place, wish, made, shift), (queue, tested), shift


def _is_a_queue(made: Simulated, test: BackTest | None) -> bool:
    """Whether the model is near what was measured, both where it was fitted and later."""
    return test is not None and _near(made.today_us, made.measured_us) and _near(test.predicted_us, test.measured_us)


def _near(said_us: float, measured_us: float) -> bool:
    return measured_us <= FAR * said_us and said_us <= FAR * measured_us


def _no_queue(place: str, made: Simulated, test: BackTest | None) -> str:
    pair = made.today_us, made.measured_us
    if _near(*pair):
        if test is None:
            return _tested(None)
        pair = test.predicted_us, test.measured_us
    said = {"place": place, "today": hours(pair[0]), "measured": hours(pair[1])}
    return (
        _(
            "Cases at “%(place)s” do not wait as in a queue for people: one would make them wait %(today)s of working "
            "time on average, and %(measured)s was measured. What more people would do there cannot be said; ask first "
            "why cases wait."
        )
        % said
    )


def hours(us: float) -> str:
    """Say working time in hours always: a day of it would be read as a day of the calendar."""
    n = round(us / HOUR_US, 1)
    return ngettext("%(n)s hour", "%(n)s hours", 1 if n == 1 else 2) % {"n": number(n, 1)}


def _without_starts() -> str:
    return _("Without the moment work began no queue can be simulated: try making stays shorter instead.")


def _working() -> str:
    return _("working time of the office, as its calendar is now")


def _sentence(place: str, wish: Wish, made: Simulated, shift: Shift) -> str:
    said = {
        "place": place,
        "n": number(wish.much, 0 if wish.much == int(wish.much) else 1),
        "today": hours(made.today_us),
        "then": hours(made.then_us),
        "before": duration(shift.before_us),
        "after": duration(shift.after_us),
        "low": duration(shift.low_us),
        "high": duration(shift.high_us),
    }
    return (
        _(
            "With %(n)s%% more people at “%(place)s”, a case would wait there for %(then)s of working time on average "
            "instead of %(today)s (simulated), and the median case that passes there would take %(after)s instead of "
            "%(before)s (%(low)s to %(high)s over 40 simulations)."
        )
        % said
    )


def _queue_sentence(place: str, made: Simulated) -> str:
    said = {
        "place": place,
        "n": number(made.places),
        "measured": hours(made.measured_us),
        "today": hours(made.today_us),
    }
    text = ngettext(
        "“%(place)s” behaves like %(n)s piece of work done at a time: simulated, the average wait is %(today)s of "
        "working time; %(measured)s was measured.",
        "“%(place)s” behaves like %(n)s pieces of work done side by side: simulated, the average wait is %(today)s of "
        "working time; %(measured)s was measured.",
        made.places,
    )
    return text % said


def _table(made: Simulated, title: str, is_queue: bool) -> Table:
    columns = (
        Column("what", pgettext("column", "What"), Kind.TEXT),
        Column("wait", _("Average wait"), Kind.DURATION),
        Column("low", _("From"), Kind.DURATION),
        Column("high", _("To"), Kind.DURATION),
    )
    rows = (
        Row((Cell(_("Measured")), Cell(made.measured_us), Cell(None), Cell(None))),
        Row((Cell(_("Simulated, as it is")), Cell(made.today_us), Cell(None), Cell(None))),
        Row((Cell(_("Simulated, with more people")), Cell(made.then_us), Cell(made.low_us), Cell(made.high_us))),
    )
    return Table("queue", title, columns, rows if is_queue else rows[:2], HOURS)


def _tested(test: BackTest | None) -> str:
    if test is None or test.error is None:
        return _("Too little work to try the model on a later period: take the figures with more doubt.")
    said = {
        "n": number(test.n),
        "predicted": hours(test.predicted_us),
        "measured": hours(test.measured_us),
        "error": percent(abs(test.error)),
    }
    return (
        _(
            "Fitted on the first 70%% of the arrivals and asked about the last %(n)s: the model says an average wait "
            "of %(predicted)s of working time; %(measured)s came. It was off by %(error)s."
        )
        % said
    )


def _carried_over(subject: Subject, wish: Wish, made: Simulated) -> Shift:
    """Each queue there becomes as much shorter as the simulated one; the interval is that of the replications."""
    ages = tried(subject, wish, Change("scale", 1.0)).ages
    case, wait = queue_waits(subject, wish.at)

    def then(ratio: float) -> float | None:
        off = by_case(ages, case, np.rint(wait * (1 - min(ratio, 1.0))).astype(np.int64))
        return median(np.asarray((ages.age_us - off).clip(0), dtype=np.int64), ages.ended)

    low, high = (then(ratio) for ratio in (made.ratio_low, made.ratio_high))
    return replace(Shift(None, None, low, high), before_us=median(ages.age_us, ages.ended), after_us=then(made.ratio))
