from django.db import migrations, models

import rongshu.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0008_points_report"),
    ]

    operations = [
        migrations.AddField(
            model_name="consent",
            name="source",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.CreateModel(
            name="MemberFile",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.BigIntegerField(default=rongshu.kernel.ids.new_id)),
                ("name", models.TextField()),
                ("content", models.BinaryField(null=True)),
                ("mapping", models.JSONField(default=list)),
                ("said", models.JSONField(default=dict)),
                ("counts", models.JSONField(default=dict)),
                ("made_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                ("actor", models.TextField()),
            ],
            options={
                "db_table": "members_file",
                "indexes": [
                    models.Index(
                        condition=models.Q(("content__isnull", False)),
                        fields=["tenant_id", "made_at"],
                        name="member_file_kept",
                    )
                ],
            },
        ),
    ]
