from django.db import migrations, models


class Migration(migrations.Migration):
    """Whose part an older report shows is not known: only who evaluates all of the place reads it from now on."""

    dependencies = [
        ("analytics", "0002_frozen_reports"),
    ]

    operations = [
        migrations.AddField(
            model_name="frozenreport",
            name="is_whole",
            field=models.BooleanField(
                default=True, help_text="Frozen by somebody who measured every case of the place."
            ),
            preserve_default=False,
        ),
    ]
