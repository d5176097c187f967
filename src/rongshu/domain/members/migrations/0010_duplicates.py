from django.db import migrations, models

import rongshu.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0009_member_files"),
    ]

    operations = [
        migrations.CreateModel(
            name="LikenessSeen",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "member_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("member_id", models.BigIntegerField()),
                ("mark", models.TextField()),
            ],
            options={
                "db_table": "members_likeness_seen",
            },
        ),
        migrations.AddField(
            model_name="member",
            name="heir_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.CreateModel(
            name="MemberLikeness",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "member_id", "kind", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("member_id", models.BigIntegerField()),
                ("kind", models.TextField()),
                ("key", models.BinaryField()),
            ],
            options={
                "db_table": "members_likeness",
                "indexes": [models.Index(fields=["tenant_id", "kind", "key", "member_id"], name="likeness_by_key")],
            },
        ),
        migrations.CreateModel(
            name="MemberMerge",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.BigIntegerField(default=rongshu.kernel.ids.new_id)),
                ("source_id", models.BigIntegerField()),
                ("heir_id", models.BigIntegerField()),
                ("reason", models.TextField()),
                ("moved", models.JSONField()),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_by", models.TextField(default="")),
            ],
            options={
                "db_table": "members_merge",
                "indexes": [models.Index(fields=["tenant_id", "heir_id"], name="member_merge_by_heir")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at__isnull", True)),
                        fields=("tenant_id", "source_id"),
                        name="member_merged_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MemberPair",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "low", "high", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("low", models.BigIntegerField()),
                ("high", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
            ],
            options={
                "db_table": "members_pair",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("low__lt", models.F("high"))), name="member_pair_order")
                ],
            },
        ),
    ]
