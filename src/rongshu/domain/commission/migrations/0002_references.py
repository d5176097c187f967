from django.db import migrations

SQL = """
ALTER TABLE commission_rating
    ADD CHECK (cardinality(chain) = cardinality(states));
"""


class Migration(migrations.Migration):
    dependencies = [("commission", "0001_initial")]

    operations = [migrations.RunSQL([SQL])]
