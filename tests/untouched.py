"""Everything the database holds, as one sum a table: what a refusal must leave as it was."""

from django.apps import apps
from django.db import connection

from requests_app.models import RateWindow

Sums = dict[str, tuple[int, str]]
NOT_CASES = (RateWindow,)
"""Tables that say nothing of a case: who asks counts, also who is refused."""


_PREPARED = "everything_of_ours"


def everything() -> Sums:
    """The number of rows and a sum over their values, of every table of ours; one statement, planned once a session."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_prepared_statements WHERE name = %s", [_PREPARED])
        if not cursor.fetchall():
            cursor.execute(f"PREPARE {_PREPARED} AS {_sums()}")
        cursor.execute(f"EXECUTE {_PREPARED}")
        return {table: (number, total) for table, number, total in cursor.fetchall()}


def _sums() -> str:
    tables = [m._meta.db_table for m in apps.get_app_config("requests_app").get_models() if m not in NOT_CASES]
    return " UNION ALL ".join(
        f"SELECT '{table}', count(*), coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {table} t"
        for table in tables
    )


def touched(before: Sums) -> set[str]:
    """The tables that are not as they were."""
    after = everything()
    return {table for table in before if before[table] != after[table]}
