"""Degrees and metres: columns and their index know degrees, people know metres."""

from django.contrib.gis.geos import Point
from django.db.models import Q

from requests_app.rounds import METRES_A_DEGREE

__all__ = ["METRES_A_DEGREE", "about_within"]


def about_within(pin: Point | None, metres: float) -> Q:
    """The cases that may lie within so many metres of a pin, as its index finds them; the distance in metres decides.

    Degrees are shorter going east: the circle is twice as wide as it would be at the equator, enough for any city.
    Around no pin lies nothing.
    """
    if pin is None:
        return Q(pk__in=[])
    return Q(location__dwithin=(pin, 2 * metres / METRES_A_DEGREE))
