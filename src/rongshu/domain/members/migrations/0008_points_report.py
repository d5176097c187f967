from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0007_erasure"),
    ]

    operations = [
        migrations.CreateModel(
            name="PointsReminder",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "days", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("days", models.IntegerField()),
                ("until_at", models.DateTimeField()),
                ("member_id", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "members_points_reminder",
            },
        ),
        migrations.CreateModel(
            name="PointsReport",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.IntegerField()),
                ("at", models.DateTimeField()),
                ("document", models.JSONField()),
            ],
            options={
                "db_table": "members_points_report",
            },
        ),
        migrations.RemoveIndex(
            model_name="pointslot",
            name="points_lot_ending",
        ),
        migrations.RemoveField(
            model_name="pointsaccount",
            name="reminded_day",
        ),
        migrations.AddIndex(
            model_name="pointslot",
            index=models.Index(
                condition=models.Q(("expires_at__isnull", False), ("is_open", True), ("left__gt", 0)),
                fields=["tenant_id", "expires_at", "member_id"],
                name="points_lot_ending",
            ),
        ),
    ]
