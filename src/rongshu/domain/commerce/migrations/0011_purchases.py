from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("commerce", "0010_prices"),
    ]

    operations = [
        migrations.CreateModel(
            name="PurchasesHead",
            fields=[
                ("tenant_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("filled_to", models.BigIntegerField(default=0)),
                ("filled_at", models.DateTimeField(null=True)),
                ("settings", models.JSONField(default=dict)),
                ("edges", models.JSONField(default=dict)),
                ("scored_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "commerce_purchases_head",
            },
        ),
        migrations.CreateModel(
            name="Purchases",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "member_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("member_id", models.BigIntegerField()),
                ("orders", models.IntegerField()),
                ("paid", models.BigIntegerField()),
                ("refunded", models.BigIntegerField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("recency", models.SmallIntegerField(default=0)),
                ("frequency", models.SmallIntegerField(default=0)),
                ("monetary", models.SmallIntegerField(default=0)),
                ("life", models.SmallIntegerField(default=0)),
                ("life_until", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "commerce_purchases",
                "indexes": [
                    models.Index(fields=["tenant_id", "last_at"], name="purchases_by_last"),
                    models.Index(fields=["tenant_id", "life", "member_id"], name="purchases_by_life"),
                    models.Index(fields=["tenant_id", "recency", "frequency", "member_id"], name="purchases_by_score"),
                    models.Index(
                        condition=models.Q(("life_until__isnull", False)),
                        fields=["tenant_id", "life_until"],
                        name="purchases_life_moves",
                    ),
                ],
            },
        ),
    ]
