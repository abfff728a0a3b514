"""Why work waited, asked of every whole moment in turn. Shares no code with the kernel."""

CAUSES = ("batching", "contention", "prioritisation", "unavailability", "extraneous", "not_identifiable")


def as_it_stood(rows, as_of):
    """rows: (resource or None, arrived, started, finished), None where not recorded."""
    return [(who, *(None if at is not None and at > as_of else at for at in times)) for who, *times in rows]


def batch_ends(rows, least, gap):
    """Row → when the last member of its batch had arrived."""
    found = {}
    for resource in {row[0] for row in rows if row[0] is not None}:
        whole = [n for n, row in enumerate(rows) if row[0] == resource and None not in row]
        pile = []
        for n in [*sorted(whole, key=lambda n: (rows[n][3], n)), None]:
            fits = n is not None and pile and rows[n][3] - rows[pile[-1]][3] <= gap
            fits = fits and max(rows[m][1] for m in [*pile, n]) <= min(rows[m][2] for m in [*pile, n])
            if not fits:
                if len(pile) >= least:
                    found |= dict.fromkeys(pile, max(rows[m][1] for m in pile))
                pile = []
            pile.append(n)
    return found


def causes(rows, as_of, working, least, gap, at_once):
    """One dict per row; ``working(resource, moment)`` tells whether the resource works in [moment, moment + 1)."""
    rows = as_it_stood(rows, as_of)
    batches = batch_ends(rows, least, gap)
    answer = []
    for n, (who, arrived, started, finished) in enumerate(rows):
        parts = dict.fromkeys(CAUSES, 0)
        answer.append(parts)
        if arrived is None:
            continue
        end = started if started is not None else finished if finished is not None else as_of
        if who is None or (started is None and finished is not None):
            parts["not_identifiable"] = end - arrived
            continue
        for moment in range(arrived, end):
            parts[_cause(rows, n, moment, batches.get(n, arrived), as_of, working, at_once)] += 1
    return answer


def _cause(rows, n, moment, batch_end, as_of, working, at_once):
    who, arrived, _started, _finished = rows[n]
    if moment < batch_end:
        return "batching"
    busy_with = [
        (other[1], m)
        for m, other in enumerate(rows)
        if other[0] == who
        and other[1] is not None
        and other[2] is not None
        and other[2] <= moment < (as_of if other[3] is None else other[3])
    ]
    if sum(key < (arrived, n) for key in busy_with) >= at_once[who]:
        return "contention"
    if len(busy_with) >= at_once[who]:
        return "prioritisation"
    return "extraneous" if working(who, moment) else "unavailability"
