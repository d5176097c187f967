from django.db import migrations, models

import rongshu.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("marketing", "0004_segments"),
    ]

    operations = [
        migrations.CreateModel(
            name="Sending",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.BigIntegerField(default=rongshu.kernel.ids.new_id)),
                ("kind_id", models.BigIntegerField()),
                ("segment_id", models.BigIntegerField()),
                ("ref", models.TextField()),
                ("size", models.BigIntegerField()),
                ("after_id", models.BigIntegerField(default=0)),
                ("looked_at", models.BigIntegerField(default=0)),
                ("given", models.BigIntegerField(default=0)),
                ("state", models.TextField(default="running")),
                ("why", models.TextField(default="")),
                ("asked_by", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "marketing_sending",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "running")), fields=["tenant_id", "id"], name="sending_running"
                    ),
                    models.Index(fields=["tenant_id", "kind_id", "id"], name="sending_by_kind"),
                ],
                "constraints": [models.UniqueConstraint(fields=("tenant_id", "ref"), name="sending_once")],
            },
        ),
    ]
