"""The register of changes, which takes rows and refuses to alter one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

REGISTER = "analytics_intervention"
REFUSE = f"""
CREATE FUNCTION register_refuses_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Only the owner of the table may switch this off, as for the ledger.
    IF current_setting('clearway.ledger_maintenance', true) = 'on'
       AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
        RETURN CASE WHEN TG_OP = 'UPDATE' THEN NEW ELSE OLD END;
    END IF;
    RAISE EXCEPTION 'the register of changes is append-only: % is refused; register a new version beside the old one',
        TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER register_refuses_row_change BEFORE UPDATE OR DELETE ON {REGISTER}
    FOR EACH ROW EXECUTE FUNCTION register_refuses_change();
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'clearway_app') AND current_user <> 'clearway_app' THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON {REGISTER} FROM clearway_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("requests_app", "0023_limits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Intervention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("what", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("staffing", "Staffing"),
                            ("rule", "Rule"),
                            ("process", "Process"),
                            ("form", "Form"),
                            ("hours", "Opening hours"),
                            ("other", "Something else"),
                        ],
                        max_length=20,
                    ),
                ),
                ("offices", models.JSONField(help_text="Codes of the offices that change.")),
                (
                    "services",
                    models.JSONField(default=list, help_text="Codes of the services that change; none: every service."),
                ),
                ("comparison", models.JSONField(help_text="Codes of the offices they are compared with.")),
                ("happens_on", models.DateField()),
                ("expected_percent", models.SmallIntegerField(help_text="-20: a fifth less time.", null=True)),
                (
                    "measure",
                    models.CharField(
                        choices=[
                            ("held", "Time held: from sent to the office until it leaves"),
                            ("waiting", "Waiting: from sent to the office until work starts"),
                        ],
                        default="held",
                        max_length=20,
                    ),
                ),
                ("weeks_before", models.PositiveSmallIntegerField(default=52)),
                ("weeks_after", models.PositiveSmallIntegerField()),
                ("note", models.TextField(blank=True)),
                ("registered_at", models.DateTimeField()),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="requests_app.jurisdiction"
                    ),
                ),
                (
                    "registered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["number", "version"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("jurisdiction", "number", "version"), name="intervention_version_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(
            REFUSE, f"DROP TRIGGER register_refuses_row_change ON {REGISTER}; DROP FUNCTION register_refuses_change();"
        ),
    ]
