from django.db import migrations, models

import rongshu.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("commission", "0005_periods"),
    ]

    operations = [
        migrations.CreateModel(
            name="Scenario",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                ("pk", models.CompositePrimaryKey("tenant_id", "id")),
                ("id", models.BigIntegerField(default=rongshu.kernel.ids.IdMaker.one)),
                ("token", models.TextField()),
                ("name", models.TextField()),
                ("text", models.TextField()),
                ("against", models.IntegerField(null=True)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
                ("document_hash", models.TextField()),
                ("result_hash", models.TextField()),
                ("result", models.JSONField()),
            ],
            options={
                "db_table": "commission_scenario",
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_id", "token"), name="scenario_token"),
                ],
            },
        ),
    ]
