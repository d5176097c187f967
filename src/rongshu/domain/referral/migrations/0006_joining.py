from django.db import migrations, models

import rongshu.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("referral", "0005_attribution"),
    ]

    operations = [
        migrations.CreateModel(
            name="Acceptance",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "member_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("member_id", models.BigIntegerField()),
                ("id", models.BigIntegerField(default=rongshu.kernel.ids.IdMaker.one)),
                ("version", models.TextField()),
                ("text_hash", models.BinaryField()),
                ("plan", models.IntegerField()),
                ("jurisdiction", models.TextField()),
                ("declared", models.JSONField()),
                ("address_hash", models.BinaryField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "referral_acceptance",
            },
        ),
        migrations.CreateModel(
            name="JoiningVersion",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.BigIntegerField(default=rongshu.kernel.ids.IdMaker.one)),
                ("document", models.JSONField()),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
            ],
            options={
                "db_table": "referral_joining_policy",
            },
        ),
        migrations.CreateModel(
            name="StepDone",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id",
                        "promoter_id",
                        "step",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("promoter_id", models.BigIntegerField()),
                ("step", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "referral_step_done",
            },
        ),
        migrations.CreateModel(
            name="Application",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.BigIntegerField(default=rongshu.kernel.ids.IdMaker.one)),
                ("member_id", models.BigIntegerField()),
                ("inviter_id", models.BigIntegerField(null=True)),
                ("state", models.TextField()),
                ("words", models.TextField(default="")),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("actor", models.TextField(default="")),
                ("reason", models.TextField(default="")),
            ],
            options={
                "db_table": "referral_application",
                "indexes": [
                    models.Index(fields=["tenant_id", "state", "id"], name="application_by_state"),
                    models.Index(fields=["tenant_id", "member_id", "id"], name="application_of_member"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")),
                        fields=("tenant_id", "member_id"),
                        name="application_one_waiting",
                    )
                ],
            },
        ),
    ]
