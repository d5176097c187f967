from django.db import migrations, models

import rongshu.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0010_duplicates"),
    ]

    operations = [
        migrations.CreateModel(
            name="CardVersion",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.IntegerField()),
                ("document", models.JSONField()),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
            ],
            options={
                "db_table": "members_card_version",
            },
        ),
        migrations.CreateModel(
            name="Card",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "member_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("member_id", models.BigIntegerField()),
                ("number", models.TextField()),
                ("way", models.TextField()),
                ("invited_by", models.BigIntegerField(null=True)),
                ("version", models.IntegerField()),
                ("got_at", models.DateTimeField()),
            ],
            options={
                "db_table": "members_card",
                "constraints": [models.UniqueConstraint(fields=("tenant_id", "number"), name="card_number_once")],
            },
        ),
        migrations.CreateModel(
            name="CardRequest",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.BigIntegerField(default=rongshu.kernel.ids.new_id)),
                ("member_id", models.BigIntegerField()),
                ("said", models.TextField(default="")),
                ("state", models.TextField(default="waiting")),
                ("reason", models.TextField(default="")),
                ("asked_at", models.DateTimeField()),
                ("decided_by", models.TextField(default="")),
                ("decided_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "members_card_request",
                "indexes": [models.Index(fields=["tenant_id", "state", "id"], name="card_request_by_state")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("tenant_id", "member_id"),
                        name="card_request_once",
                    )
                ],
            },
        ),
    ]
