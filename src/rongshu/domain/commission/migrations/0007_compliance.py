import rongshu.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("commission", "0006_scenarios"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeclaredFacts",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.BigIntegerField(default=rongshu.kernel.ids.IdMaker.one)),
                ("number", models.IntegerField()),
                ("facts", models.JSONField()),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
            ],
            options={
                "db_table": "commission_declared_facts",
                "constraints": [models.UniqueConstraint(fields=("tenant_id", "number"), name="declared_facts_number")],
            },
        ),
        migrations.CreateModel(
            name="KeptCheck",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.BigIntegerField(default=rongshu.kernel.ids.IdMaker.one)),
                ("name", models.TextField()),
                ("text", models.TextField()),
                ("plan_hash", models.TextField()),
                ("facts", models.JSONField()),
                ("report", models.JSONField()),
                ("blocking", models.IntegerField()),
                ("warnings", models.IntegerField()),
                ("worst_ppm", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
            ],
            options={
                "db_table": "commission_kept_check",
                "indexes": [models.Index(fields=["tenant_id", "plan_hash", "id"], name="kept_check_by_plan")],
            },
        ),
    ]
