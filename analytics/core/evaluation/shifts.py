"""What else may have moved when the time did: the services that come in, where cases go on to, how they end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from analytics.core.evaluation.held import Held
from analytics.core.frames import Flags, Floats, Ints

LEAST_OF_A_SERVICE: Final = 10
MUCH: Final = 0.05
"""Shares that moved apart by five points, or a mix that alone makes five percent, are worth a sentence."""


@dataclass(frozen=True, slots=True)
class ServiceMix:
    """One service at the treated offices; ``mean_us`` is that of its finished holds begun before the change."""

    service: int
    before: int
    after: int
    mean_us: float | None


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the holds that began before and after, at the treated offices and at those compared with."""

    name: str
    before: float
    after: float
    others_before: float
    others_after: float
    error: float

    @property
    def apart(self) -> float:
        """How far the treated offices moved beside the others, in points of share."""
        return (self.after - self.before) - (self.others_after - self.others_before)

    @property
    def has_shifted(self) -> bool:
        """Whether that is much, and more than chance does."""
        return abs(self.apart) >= MUCH and abs(self.apart) > 2 * self.error


def same_mix(held: Held, service: Ints, change_us: int) -> Held:
    """Return the holds with each length in proportion to what is usual for its service at its office before the change.

    A service with fewer than ten finished holds there keeps its lengths. Then more of a slow service is no longer work.
    """
    length = held.length_us.astype(np.float64)
    services = int(service.max()) + 1 if len(service) else 1
    key = held.office * services + service
    known = ~held.open & (held.begin_us < change_us)
    count = len(held.offices) * services
    n = np.bincount(key[known], minlength=count)
    mean = np.bincount(key[known], weights=length[known], minlength=count) / np.maximum(n, 1)
    of_office = np.bincount(held.office[known], weights=length[known], minlength=len(held.offices))
    usual = of_office / np.maximum(np.bincount(held.office[known], minlength=len(held.offices)), 1)
    fits = (n >= LEAST_OF_A_SERVICE) & (mean > 0)
    factor = np.where(fits[key], usual[held.office] / np.where(mean > 0, mean, 1.0)[key], 1.0)
    return replace(held, length_us=np.asarray(length * factor, dtype=np.int64))


def mix_of(held: Held, service: Ints, rows: Flags, after: Flags) -> list[ServiceMix]:
    """Count the services of some holds before and after, the most frequent first."""
    found = []
    for code in np.unique(service[rows]):
        here = rows & (service == code)
        done = here & ~after & ~held.open
        mean = float(held.length_us[done].mean()) if done.any() else None
        found.append(ServiceMix(int(code), int((here & ~after).sum()), int((here & after).sum()), mean))
    return sorted(found, key=lambda one: -(one.before + one.after))


def mix_alone(mix: list[ServiceMix]) -> float | None:
    """How much the mean would have changed by the services alone, each as slow as before; ``None``: unknown."""
    known = [one for one in mix if one.mean_us is not None]
    weights: list[Floats] = [np.array([getattr(one, side) for one in known], float) for side in ("before", "after")]
    means = np.array([one.mean_us for one in known], float)
    if not all(side.sum() for side in weights) or not means.any():
        return None
    before, after = (float((side * means).sum() / side.sum()) for side in weights)
    return after / before - 1 if before else None


def share(name: str, what: Flags, treated: Flags, others: Flags, after: Flags) -> Share | None:
    """Compare how often something is true of the holds; ``None`` where one of the four groups is empty."""
    groups = [group & part for group in (treated, others) for part in (~after, after)]
    sizes = [int(group.sum()) for group in groups]
    if not all(sizes):
        return None
    shares = [float(what[group].mean()) for group in groups]
    spread = sum(p * (1 - p) / n for p, n in zip(shares, sizes, strict=True))
    return Share(name, shares[0], shares[1], shares[2], shares[3], float(np.sqrt(spread)))
