from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("referral", "0010_goals"),
    ]

    operations = [
        migrations.CreateModel(
            name="Renewal",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "promoter_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("promoter_id", models.BigIntegerField()),
                ("held_at", models.DateTimeField()),
                ("told_at", models.DateTimeField(null=True)),
                ("frozen_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "referral_renewal",
                "indexes": [
                    models.Index(fields=["tenant_id", "held_at", "promoter_id"], name="renewal_by_age")
                ],
            },
        ),
    ]
