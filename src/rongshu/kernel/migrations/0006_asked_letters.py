from django.db import migrations

SQL = """
CREATE UNLOGGED TABLE kernel_asked_letter (
    id bigint NOT NULL PRIMARY KEY,
    sealed bytea NOT NULL,
    asked_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL
);
CREATE INDEX asked_letter_due ON kernel_asked_letter (due_at, id);
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0005_passkeys")]

    operations = [migrations.RunSQL([SQL])]
