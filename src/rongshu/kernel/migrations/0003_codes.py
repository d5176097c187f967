from django.db import migrations

SQL = """
CREATE UNLOGGED TABLE kernel_code (
    key bytea NOT NULL PRIMARY KEY,
    hash bytea NOT NULL,
    until timestamptz NOT NULL,
    attempts integer NOT NULL
);
CREATE INDEX code_until ON kernel_code (until);
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_throttle")]

    operations = [migrations.RunSQL([SQL])]
