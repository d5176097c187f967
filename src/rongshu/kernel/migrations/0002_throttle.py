from django.db import migrations

SQL = """
CREATE UNLOGGED TABLE kernel_throttle (
    key bytea NOT NULL,
    until timestamptz NOT NULL,
    attempts integer NOT NULL,
    PRIMARY KEY (key, until)
);
ALTER TABLE kernel_outboxevent ALTER COLUMN subjects SET STORAGE EXTERNAL;
CREATE INDEX throttle_until ON kernel_throttle (until);
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]

    operations = [migrations.RunSQL([SQL])]
