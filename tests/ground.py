"""The ground of the invented city, built once a process: seconds of work that many tests begin with."""

from functools import cache

from fixtures.city.build import City, build_city


@cache
def ground() -> City:
    """Land, streets and addresses; frozen."""
    return build_city()
