from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("marketing", "0002_materials")]

    operations = [
        migrations.CreateModel(
            name="Nudge",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id",
                        "leader_id",
                        "week",
                        "recipient_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("leader_id", models.BigIntegerField()),
                ("week", models.IntegerField()),
                ("recipient_id", models.BigIntegerField()),
                ("kind", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={"db_table": "marketing_nudge"},
        ),
    ]
