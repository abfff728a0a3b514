"""The measures again, written the slow and obvious way: lists, dicts, fractions. Shares no code with the kernels."""

from collections import defaultdict
from fractions import Fraction
from itertools import pairwise


def quantile(values, percent):
    """Exact linear interpolation at (n − 1)·q."""
    if not values:
        return None
    ordered = sorted(values)
    position = Fraction(len(ordered) - 1) * Fraction(percent, 100)
    low = position.numerator // position.denominator
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def segments(events):
    """events: (case, branch, at, seq, activity, office) → (closed segments, last events)."""
    chains = defaultdict(list)
    for event in sorted(events, key=lambda e: (e[0], e[1], e[2], e[3])):
        chains[event[0], event[1]].append(event)
    closed, tails = [], []
    for (case, branch), chain in sorted(chains.items()):
        closed += [(case, branch, a[4], b[4], a[5], b[5], a[2], b[2]) for a, b in pairwise(chain)]
        tails.append((case, branch, chain[-1][5], chain[-1][2]))
    return closed, tails


def visible_holds(holds, as_of):
    """holds: dicts; as they stood at as_of."""
    kept = []
    for hold in holds:
        if hold["sent"] is None or hold["sent"] > as_of:
            continue
        kept.append(
            {
                k: (None if k in {"accepted", "started", "ended"} and v is not None and v > as_of else v)
                for k, v in hold.items()
            }
        )
    return sorted(kept, key=lambda h: (h["case"], h["branch"], h["sent"]))


def time_held(holds, as_of):
    """office → (n, total, median, p90, visits, n_now, total_now)."""
    held, there, visits = defaultdict(int), set(), defaultdict(int)
    before = None
    for hold in visible_holds(holds, as_of):
        key = hold["case"], hold["office"]
        held[key] += (as_of if hold["ended"] is None else hold["ended"]) - hold["sent"]
        if hold["ended"] is None:
            there.add(key)
        here = hold["case"], hold["branch"], hold["office"]
        if here != before:
            visits[key] += 1
        before = here
    answer = {}
    for office in {office for _, office in held}:
        gone = [v for k, v in held.items() if k[1] == office and k not in there]
        now = [v for k, v in held.items() if k[1] == office and k in there]
        seen = sum(n for k, n in visits.items() if k[1] == office and k not in there)
        answer[office] = (len(gone), sum(gone), quantile(gone, 50), quantile(gone, 90), seen, len(now), sum(now))
    return answer


def handovers(holds, as_of):
    """Rows (case, branch, sender, receiver, wait or None, waiting, straight back)."""
    rows, before, last = [], None, None
    for hold in visible_holds(holds, as_of):
        same_branch = before and (before["case"], before["branch"]) == (hold["case"], hold["branch"])
        if same_branch and before["office"] != hold["office"]:
            wait = None if hold["accepted"] is None else hold["accepted"] - hold["sent"]
            waiting = hold["accepted"] is None and hold["ended"] is None and hold["started"] is None
            row = (hold["case"], hold["branch"], before["office"], hold["office"], wait, waiting)
            back = last is not None and last[:2] == row[:2] and (last[2], last[3]) == (row[3], row[2])
            rows.append((*row, back))
            last = row
        before = hold
    return rows


def kaplan_meier(ages, ended, percent):
    """First age at which the product-limit estimate has fallen to 1 − percent/100."""
    survival = Fraction(1)
    for age in sorted({a for a, e in zip(ages, ended, strict=True) if e}):
        at_risk = sum(1 for a in ages if a >= age)
        deaths = sum(1 for a, e in zip(ages, ended, strict=True) if e and a == age)
        survival *= 1 - Fraction(deaths, at_risk)
        if survival <= 1 - Fraction(percent, 100):
            return age
    return None
