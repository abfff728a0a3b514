from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0022_areas_with_dates"),
    ]

    operations = [
        migrations.CreateModel(
            name="RateWindow",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("ends_at", models.DateTimeField()),
                ("spare", models.PositiveIntegerField()),
            ],
            options={"indexes": [models.Index(fields=["ends_at"], name="rate_window_ends")]},
        ),
        # Counts are worth no write to the disk; a crash may forget them.
        migrations.RunSQL("ALTER TABLE requests_app_ratewindow SET UNLOGGED", migrations.RunSQL.noop),
    ]
