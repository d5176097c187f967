import rongshu.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("marketing", "0003_nudges"),
    ]

    operations = [
        migrations.CreateModel(
            name="SegmentCount",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "segment_id", "at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("segment_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("version", models.IntegerField()),
                ("size", models.BigIntegerField()),
                ("joined", models.BigIntegerField()),
                ("left", models.BigIntegerField()),
            ],
            options={
                "db_table": "marketing_segment_count",
            },
        ),
        migrations.CreateModel(
            name="SegmentVersion",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id",
                        "segment_id",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("segment_id", models.BigIntegerField()),
                ("number", models.IntegerField()),
                ("document", models.JSONField()),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
            ],
            options={
                "db_table": "marketing_segment_version",
            },
        ),
        migrations.CreateModel(
            name="Segment",
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
                ("version", models.IntegerField()),
                ("tag", models.TextField(default="")),
                ("size", models.BigIntegerField(default=0)),
                ("refreshed_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "marketing_segment",
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)), fields=["tenant_id", "due_at"], name="segment_due"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("tenant_id", "name"), name="segment_name_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SegmentMember",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id",
                        "segment_id",
                        "member_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("segment_id", models.BigIntegerField()),
                ("member_id", models.BigIntegerField()),
                ("since", models.DateTimeField()),
            ],
            options={
                "db_table": "marketing_segment_member",
                "indexes": [models.Index(fields=["tenant_id", "member_id"], name="segment_of_member")],
            },
        ),
    ]
