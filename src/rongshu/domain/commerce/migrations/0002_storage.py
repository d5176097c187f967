from django.db import migrations

# Payloads live for seconds: compressing them would cost more than it saves.
SQL = """
ALTER TABLE commerce_inbox ALTER COLUMN payload SET STORAGE EXTERNAL;
ALTER TABLE commerce_parked ALTER COLUMN payload SET STORAGE EXTERNAL;
"""


class Migration(migrations.Migration):
    dependencies = [("commerce", "0001_initial")]

    operations = [migrations.RunSQL([SQL])]
