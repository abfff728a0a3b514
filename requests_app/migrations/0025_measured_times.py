import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0021_people_for_a_time"),
    ]

    operations = [
        migrations.CreateModel(
            name="ServiceTime",
            fields=[
                (
                    "service",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="usual_time",
                        serialize=False,
                        to="requests_app.service",
                    ),
                ),
                ("requests", models.PositiveIntegerField(help_text="Answered and open ones together.")),
                ("still_open", models.PositiveIntegerField()),
                (
                    "half_days",
                    models.PositiveIntegerField(help_text="Half were finished in so many; empty: not yet.", null=True),
                ),
                ("most_days", models.PositiveIntegerField(help_text="Nine in ten were; empty: not yet.", null=True)),
                ("filed_from", models.DateField()),
                ("measured_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="OfficeTime",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("nine_in_ten", models.DurationField(help_text="Calendar time from sent to sent on or closed.")),
                ("of", models.PositiveIntegerField(help_text="How many stays have ended.")),
                ("measured_at", models.DateTimeField()),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="usual_stays",
                        to="requests_app.office",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="requests_app.service"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("office", "service"), name="one_usual_stay_a_kind")],
            },
        ),
    ]
