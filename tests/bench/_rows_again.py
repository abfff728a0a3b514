"""The raw work: rows like those of a case, written with plain SQL and no rule checked."""

import secrets
from typing import Any

from django.db import connection, models, transaction

from requests_app.models import Hold, RequestEvent, ServiceRequest, Words


def again(cursor: Any, model: type[models.Model], pk: int, **changed: object) -> int:
    """Insert a copy of a row with some columns changed; return its id."""
    columns = [f.column for f in model._meta.local_concrete_fields if f.column not in ("id", "xact")]
    taken = ", ".join(f"%({c})s" if c in changed else f'"{c}"' for c in columns)
    names = ", ".join(f'"{c}"' for c in columns)
    table = model._meta.db_table
    cursor.execute(
        f'INSERT INTO "{table}" ({names}) SELECT {taken} FROM "{table}" WHERE id = %(pk)s RETURNING id',
        {**changed, "pk": pk},
    )
    return int(cursor.fetchone()[0])


class BareCase:
    """The rows of one filed case, to be written again and again."""

    def __init__(self, request: ServiceRequest) -> None:
        self.request_id = request.pk
        self.words_id, self.hold_id = request.words.get().pk, request.holds.get().pk
        self.event_ids = list(request.events.order_by("sequence").values_list("pk", flat=True))

    def file(self) -> int:
        """Write a request, its words, its hold and its events in one transaction; return its id."""
        mark = secrets.token_hex(8)
        with transaction.atomic(), connection.cursor() as cursor:
            pk = again(cursor, ServiceRequest, self.request_id, reference=mark, submission_key_hash=mark)
            words_id = again(cursor, Words, self.words_id, request_id=pk)
            again(cursor, Hold, self.hold_id, request_id=pk)
            for event_id in self.event_ids:
                again(cursor, RequestEvent, event_id, request_id=pk, words_id=words_id)
        return pk

    def move(self, request_id: int, sequence: int) -> None:
        """Write a move: lock the case, change it and its hold, append an event."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM requests_app_servicerequest WHERE id = %s FOR NO KEY UPDATE", [request_id])
            cursor.execute(
                "UPDATE requests_app_servicerequest SET version = %s, updated_at = now() WHERE id = %s",
                [sequence, request_id],
            )
            cursor.execute(
                "UPDATE requests_app_hold SET accepted_at = now() WHERE request_id = %s AND ended_at IS NULL",
                [request_id],
            )
            again(cursor, RequestEvent, self.event_ids[-1], request_id=request_id, sequence=sequence)
