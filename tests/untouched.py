"""Everything the database holds, as one sum a table: what a refusal must leave as it was."""

from django.apps import apps
from django.db import connection

from requests_app.models import RateWindow

Sums = dict[str, tuple[int, str]]
NOT_CASES = (RateWindow,)
"""Tables that say nothing of a case: who asks counts, also who is refused."""


def everything() -> Sums:
    """The number of rows and a sum over their values, of every table of ours; one statement."""
    tables = [m._meta.db_table for m in apps.get_app_config("requests_app").get_models() if m not in NOT_CASES]
    sums = " UNION ALL ".join(
        f"SELECT '{table}', count(*), coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {table} t"
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(sums)
        return {table: (number, total) for table, number, total in cursor.fetchall()}


def touched(before: Sums) -> set[str]:
    """The tables that are not as they were."""
    after = everything()
    return {table for table in before if before[table] != after[table]}
