"""The ledger refuses change, tells of what it takes, and the application has no right to alter it."""

from django.db import migrations

LEDGER = "requests_app_requestevent"

REFUSE = f"""
CREATE FUNCTION ledger_refuses_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Only the owner of the table may switch this off, for migrations and the flush between tests.
    IF current_setting('clearway.ledger_maintenance', true) = 'on'
       AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
        RETURN CASE WHEN TG_OP = 'UPDATE' THEN NEW WHEN TG_OP = 'DELETE' THEN OLD ELSE NULL END;
    END IF;
    RAISE EXCEPTION 'the ledger is append-only: % of % is refused; record a new event that corrects the old one',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER ledger_refuses_row_change BEFORE UPDATE OR DELETE ON {LEDGER}
    FOR EACH ROW EXECUTE FUNCTION ledger_refuses_change();
CREATE TRIGGER ledger_refuses_truncate BEFORE TRUNCATE ON {LEDGER}
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses_change();
ALTER TABLE {LEDGER} ENABLE ALWAYS TRIGGER ledger_refuses_row_change;
ALTER TABLE {LEDGER} ENABLE ALWAYS TRIGGER ledger_refuses_truncate;
"""

TELL = f"""
CREATE FUNCTION ledger_tells() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE told record;
BEGIN
    -- One notice a statement, so a COPY of 100,000 events is one; it leaves when the transaction commits.
    SELECT min(id) AS low, max(id) AS high, count(*) AS n INTO told FROM fresh;
    IF told.n > 0 THEN
        PERFORM pg_notify('clearway_ledger', told.low || ',' || told.high || ',' || told.n);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_tells_listeners AFTER INSERT ON {LEDGER}
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_tells();
"""

GRANT = f"""
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'clearway_app') AND current_user <> 'clearway_app' THEN
        GRANT USAGE ON SCHEMA public TO clearway_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO clearway_app;
        GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO clearway_app;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO clearway_app;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO clearway_app;
        REVOKE UPDATE, DELETE, TRUNCATE ON {LEDGER} FROM clearway_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0001_the_domain")]
    operations = [
        migrations.RunSQL(
            REFUSE,
            f"DROP TRIGGER ledger_refuses_row_change ON {LEDGER}; DROP TRIGGER ledger_refuses_truncate ON {LEDGER};"
            " DROP FUNCTION ledger_refuses_change();",
        ),
        migrations.RunSQL(TELL, f"DROP TRIGGER ledger_tells_listeners ON {LEDGER}; DROP FUNCTION ledger_tells();"),
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
    ]
