import rongshu.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("commerce", "0009_coupons"),
    ]

    operations = [
        migrations.CreateModel(
            name="PriceDraft",
            fields=[
                ("tenant_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("document", models.JSONField()),
                ("based_on", models.IntegerField()),
                ("revision", models.IntegerField(default=1)),
                ("updated_at", models.DateTimeField()),
                ("actor", models.TextField()),
            ],
            options={"db_table": "commerce_price_draft"},
        ),
        migrations.CreateModel(
            name="PriceVersion",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                ("pk", models.CompositePrimaryKey("tenant_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.BigIntegerField(default=rongshu.kernel.ids.new_id)),
                ("number", models.IntegerField()),
                ("document", models.JSONField()),
                ("effective_from", models.DateTimeField()),
                ("reason", models.TextField(default="")),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
            ],
            options={
                "db_table": "commerce_price_version",
                "indexes": [
                    models.Index(
                        fields=["tenant_id", "-effective_from", "-number"], name="price_version_in_force"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_id", "number"), name="price_version_number")
                ],
            },
        ),
    ]
