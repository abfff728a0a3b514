"""How each figure is counted, in a sentence or two. docs/definitions.md has the same names and the whole story."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DEFINITIONS: Final[Mapping[str, Promise]] = {
    "office-time": _(
        "For each case, all its stays at an office are added up; stays that follow each other there are one visit. "
        "The median and the 90th percentile are over cases that have left the office."
    ),
    "three-clocks": _(
        "A finished hold has up to three clocks: sent to accepted, accepted to started, started to finished. "
        "A clock that was not recorded is counted as missing."
    ),
    "hand-over": _(
        "A hand-over is a change of office on one branch of a case. It went straight back when the next hand-over "
        "of that branch returned it to the sender."
    ),
    "round-trip": _(
        "A visit to an office between two visits to one other. It costs the time from sent there to sent back; the "
        "same days are part of the time that office held."
    ),
    "rework": _(
        "Every time after the first that a case goes through a step of work. Sending, accepting and handing over are "
        "no work: what comes back between offices is counted as round trips. Open cases count with what they have."
    ),
    "misrouted": _(
        "A visit in which nobody recorded a start of work and after which the case went to another office, if it ended "
        "before the limit or the office never accepted the case (sent back, or sent on at once)."
    ),
    "variants": _(
        "A way is the whole sequence of offices (visits) or steps of a case. Named once, each place counts only where "
        "it is first reached. Open cases are beginnings of ways and stand apart."
    ),
    "spectrum": _(
        "Every time is a line from its beginning to its end; the colours hold a quarter of the ended ones each, by "
        "length. A week’s median is over what ended in it. Overtaken is what something that began later left before."
    ),
    "map": _(
        "Boxes are offices (time held, of cases that left) or steps (time until the next step); ways are hand-overs or "
        "pairs of successive steps. Colours hold a quarter of the boxes, or ways, each, by share of the time."
    ),
    "flow": _(
        "Ways between offices, the busiest first, until 85% of all hand-overs are drawn or there are 22 ways. "
        "The four colours hold a quarter of the ways each, by median wait."
    ),
    "cycle-time": _(
        "From filed to the last close, of cases closed with an answer. The median that counts open cases is "
        "Kaplan-Meier: an open case is known to take at least its age."
    ),
    "barrier": _(
        "For each wait the part beyond its baseline, never below 0, added up in case-days. The interval draws the "
        "weeks anew 500 times; chance is the most that 19 random deals of the names among like work gave. Below 30 "
        "compared waits nothing is ranked. Time in which a case waited for the citizen is not held against a target."
    ),
    "left-out": _(
        "A record that lacks its time, is dated after the as-of time, runs backwards, is told twice or comes after its "
        "case was closed is in no figure. It is counted under the first reason that fits and never repaired."
    ),
    "every-wait": _(
        "A wait runs from an event of a case to its next one and belongs to the office that held the case. What an "
        "office held of a case are all its waits together; a run of them is one visit. Every event counts as a step, "
        "and a wait counts in the period in which it ended."
    ),
    "unexpected-pair": _(
        "A pair of steps, one right after the other, that fewer than 1 case of 100 has. Only what happened is known, "
        "so rare stands for unexpected here."
    ),
    "equity": _(
        "The median with open cases counted (Kaplan-Meier), beside the one all cases would give with the same mix. A "
        "stratified log-rank test asks whether they differ; p-values are adjusted (Benjamini-Hochberg, 5%)."
    ),
    "compare": _(
        "Medians with open cases counted (Kaplan-Meier), beside the one that both sides together would give with the "
        "same mix of services. A log-rank test, stratified by service, asks whether the difference is more than chance."
    ),
    "same-steps": _(
        "Pairs of successive steps that every place has 30 times or more: the mean wait of each there, added up as "
        "often as all places together have the pair, over the average of the places. The rest is not compared."
    ),
    "what-if": _(
        "Replay: the cases of this report with the waits of one place shorter, all else as it was (a lower bound of "
        "the gain). Open cases count (Kaplan-Meier). Stays on branches beside the lead one are left as they are."
    ),
    "what-if-queue": _(
        "One queue, first come, first served, in working time: arrivals by weeks drawn anew, work drawn from what was "
        "measured, as many places as make the simulated wait most like the measured one; 40 seeded simulations."
    ),
    "usual-time": _(
        "Requests of one service filed in the last 12 months that were answered or are still open. Open ones are "
        "counted as open (Kaplan-Meier); withdrawn, joined or not valid ones are left out. A request finished on the "
        "day it came took 0 working days."
    ),
    "ageing": _(
        "An open stay is compared with the stays of its office and service, or of its office where fewer than 30 of "
        "those have ended. Stays that go on are counted in the comparison (Kaplan-Meier)."
    ),
    "promise": _(
        "Kept: done at the promised time or before. Done later, and open beyond its time, are both late. What is open "
        "and not due is in neither number. Kept over all decided, with Wilson’s interval. Time in which the case "
        "waited for the citizen moves the date on."
    ),
    "still-open": _(
        "Of all cases filed, the share that had ended in each way by an age (Aalen-Johansen): open cases count up to "
        "their age, and what was withdrawn or joined with another can no longer be answered. The shares add up to 100%."
    ),
    "efficiency": _(
        "Time between a recorded start of work and its end, over the whole time. Only where every stay tells both; the "
        "others are counted and never taken as zero. Parallel work counts in each branch."
    ),
    "progress": _(
        "Came and left in each week, there at its end, and there on average (exact time spent there over its length). "
        "Little’s law: in steady times, arrivals a day × days a case stays = cases there. Beyond 20% the times are not "
        "steady."
    ),
    "drift": _(
        "Waits by the week they ended in, as ranks; the place is found where their running sum is furthest from zero "
        "(CUSUM). Asked only from 12 weeks of 20 waits; p-values are adjusted for how many are asked "
        "(Benjamini-Hochberg, 5%). It says when, never why."
    ),
    "waiting-cause": _(
        "Each moment from accepted to begun is under the first cause that fits: the rest of its batch had not come; "
        "others that came before; others that came later; closed; or open, with room, and not begun. How many an "
        "office does at once is estimated. What lacks a start is not identifiable."
    ),
    "share-late": _(
        "Of decided promises, the share late beside what the rest of the city would have had with the same mix (each "
        "case is given the share late of its service elsewhere). 95% interval; p-values adjusted (Benjamini-Hochberg, "
        "5%); fewer than 10 are not shown."
    ),
    "did-it-help": _(
        "Mean time of stays begun after the change over that of those begun before, divided by the same of the other "
        "offices. How much offices differ by themselves is in the interval; a stay that still runs is given the length "
        "such stays went on to have before the change."
    ),
    "could-we-see-it": _(
        "At past dates the weeks on each side are drawn again in blocks of four, a cut of each size is planted, and "
        "the evaluation’s estimator says whether it sees a fall (p under 0.05, and not explained by the time before)."
    ),
}


def definition_of(name: str) -> str:
    """Return the definition in the reader’s language."""
    return str(DEFINITIONS[name])
