from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("insight", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Affinity",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "product_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("product_id", models.BigIntegerField()),
                ("row", models.BinaryField()),
            ],
            options={"db_table": "insight_affinity"},
        ),
        migrations.CreateModel(
            name="Learned",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "one", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("one", models.SmallIntegerField(default=1)),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("products", models.BinaryField()),
                ("popular", models.BinaryField()),
                ("sellers", models.IntegerField()),
                ("measured", models.IntegerField()),
                ("measured_popular", models.IntegerField()),
                ("used", models.BooleanField()),
            ],
            options={"db_table": "insight_learned"},
        ),
    ]
