import rongshu.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("commerce", "0002_storage"),
    ]

    operations = [
        migrations.CreateModel(
            name="CreditCorrection",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "order_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("order_id", models.BigIntegerField()),
                ("id", models.BigIntegerField(default=rongshu.kernel.ids.IdMaker.one)),
                ("old_promoter_id", models.BigIntegerField(null=True)),
                ("new_promoter_id", models.BigIntegerField(null=True)),
                ("reason", models.TextField()),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
            ],
            options={
                "db_table": "commerce_credit_correction",
                "indexes": [models.Index(fields=["tenant_id", "id"], name="credit_correction_by_id")],
            },
        ),
    ]
