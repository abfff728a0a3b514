"""Curves, promises and ages the slow way: fractions and loops over every row. Shares no code with the kernels."""

from fractions import Fraction
from itertools import pairwise


def product_limit(ages, ended):
    """Age of each ending → (at risk, ended, share going on), in fractions."""
    share, rows = Fraction(1), []
    for age in sorted({a for a, e in zip(ages, ended, strict=True) if e}):
        at_risk = sum(1 for a in ages if a >= age)
        here = sum(1 for a, e in zip(ages, ended, strict=True) if e and a == age)
        share *= 1 - Fraction(here, at_risk)
        rows.append((age, at_risk, here, share))
    return rows


def greenwood(rows):
    """Σ d / (n (n − d)) after each row; None once nobody is left."""
    total, sums = Fraction(0), []
    for _age, n, d, _share in rows:
        total = None if total is None or n == d else total + Fraction(d, n * (n - d))
        sums.append(total)
    return sums


def going_on(rows, age):
    """Share still going on beyond an age."""
    return ([Fraction(1)] + [row[3] for row in rows if row[0] <= age])[-1]


def area(rows, until):
    """Restricted mean and its variance, interval by interval."""
    edges = [0, *[row[0] for row in rows if row[0] < until], until]
    pieces = [(b - a) * going_on(rows, a) for a, b in pairwise(edges)]
    variance = Fraction(0)
    for place, (_age, n, d, _share) in enumerate(row for row in rows if row[0] < until):
        if n > d:
            variance += sum(pieces[place + 1 :]) ** 2 * Fraction(d, n * (n - d))
    return sum(pieces), variance


def incidences(ages, cause, causes):
    """Age of each ending → share of each cause, in fractions."""
    share, so_far, rows = Fraction(1), dict.fromkeys(causes, Fraction(0)), []
    for age in sorted({a for a, c in zip(ages, cause, strict=True) if c}):
        at_risk = sum(1 for a in ages if a >= age)
        any_way = 0
        for one in causes:
            here = sum(1 for a, c in zip(ages, cause, strict=True) if a == age and c == one)
            so_far[one] += share * Fraction(here, at_risk)
            any_way += here
        share *= 1 - Fraction(any_way, at_risk)
        rows.append((age, dict(so_far), share))
    return rows


def incidence_variance(ages, cause, one):
    """The delta-method variance of one cause after each ending, as the formula stands in the book."""
    table, before, f, rows = [], Fraction(1), Fraction(0), []
    for age in sorted({a for a, c in zip(ages, cause, strict=True) if c}):
        n = sum(1 for a in ages if a >= age)
        d = sum(1 for a, c in zip(ages, cause, strict=True) if a == age and c)
        k = sum(1 for a, c in zip(ages, cause, strict=True) if a == age and c == one)
        f += before * Fraction(k, n)
        table.append((n, d, k, before, f))
        before *= 1 - Fraction(d, n)
        rows.append(sum(_term(f, *row) for row in table))
    return rows


def _term(f, n, d, k, before, then):
    spread = (f - then) ** 2 * Fraction(d, n * (n - d)) if n > d else Fraction(0)
    own = before**2 * Fraction((n - k) * k, n**3)
    return spread + own - 2 * (f - then) * before * Fraction(k, n**2)
