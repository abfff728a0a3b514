import datetime

import django.db.models.functions.comparison
from django.db import migrations, models

import requests_app.states

FILL = """
UPDATE requests_app_servicerequest r SET long_at = s.sent_at + t.nine_in_ten
  FROM requests_app_hold s, requests_app_officetime t
 WHERE s.request_id = r.id AND s.branch = 0 AND s.ended_at IS NULL AND r.parent_id IS NULL AND r.status <> 'closed'
   AND t.office_id = s.office_id AND t.service_id = r.service_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0026_runs_keep_no_search_words"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="hold", name="hold_not_accepted"),
        migrations.AddField(
            model_name="servicerequest",
            name="long_at",
            field=models.DateTimeField(
                help_text="From when it is longer at its office than 9 in 10 of its kind; empty: nobody knows.",
                null=True,
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(
                condition=models.Q(("ended_at", None), ("is_lead", False)),
                fields=["office", "request"],
                name="hold_beside",
            ),
        ),
        migrations.AddIndex(
            model_name="servicerequest",
            index=models.Index(
                models.F("jurisdiction"),
                django.db.models.functions.comparison.Coalesce(
                    "long_at", models.Value(datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.UTC))
                ),
                models.F("id"),
                condition=models.Q(("status", requests_app.states.Status["CLOSED"]), _negated=True),
                name="request_longest_first",
            ),
        ),
    ]
