"""Pure functions over frames: no Django, no database, frozen results out.

Times are aware UTC; every duration inside is an ``int64`` of microseconds, so sums are exact and do not depend on
order.
"""
