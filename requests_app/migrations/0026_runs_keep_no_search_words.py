from django.db import migrations


class Migration(migrations.Migration):
    """Words somebody searched for may be an address or a name: they go out of the lists that runs came from."""

    dependencies = [
        ("requests_app", "0025_measured_times"),
    ]

    operations = [
        migrations.RunSQL(
            "UPDATE requests_app_bulkrun SET query = ltrim(regexp_replace(query, '(^|&)q=[^&]*', '', 'g'), '&')"
            " WHERE query ~ '(^|&)q='",
            migrations.RunSQL.noop,
        ),
    ]
