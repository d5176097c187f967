import rongshu.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commission", "0004_rerating")]

    operations = [
        migrations.CreateModel(
            name="PeriodRun",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id",
                        "period_id",
                        "journal",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("period_id", models.BigIntegerField()),
                ("journal", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("base", models.BigIntegerField()),
                ("fund", models.BigIntegerField()),
                ("weights", models.BigIntegerField()),
                ("amount", models.BigIntegerField()),
                ("rows", models.IntegerField()),
            ],
            options={
                "db_table": "commission_period_run",
            },
        ),
        migrations.CreateModel(
            name="Reward",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id",
                        "period_id",
                        "promoter_id",
                        "journal",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("period_id", models.BigIntegerField()),
                ("promoter_id", models.BigIntegerField()),
                ("journal", models.BigIntegerField()),
                ("metric", models.BigIntegerField()),
                ("amount", models.BigIntegerField()),
                ("adjustment_of", models.BigIntegerField(null=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "commission_reward",
                "indexes": [
                    models.Index(fields=["tenant_id", "promoter_id", "at", "journal"], name="reward_by_promoter")
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount", 0), _negated=True), name="reward_of_something")
                ],
            },
        ),
        migrations.CreateModel(
            name="RewardPeriod",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.BigIntegerField(default=rongshu.kernel.ids.IdMaker.one)),
                ("kind", models.TextField()),
                ("rule", models.TextField()),
                ("length", models.TextField()),
                ("start", models.DateField()),
                ("end", models.DateField()),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("version_id", models.BigIntegerField()),
                ("base", models.BigIntegerField()),
                ("fund", models.BigIntegerField()),
                ("amount", models.BigIntegerField()),
                ("promoters", models.IntegerField()),
                ("closed_at", models.DateTimeField()),
                ("adjusted_at", models.DateTimeField(null=True)),
                ("adjust_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "commission_period",
                "indexes": [
                    models.Index(
                        condition=models.Q(("adjust_at__isnull", False)),
                        fields=["tenant_id", "adjust_at"],
                        name="period_touched",
                    ),
                    models.Index(fields=["tenant_id", "ends_at", "id"], name="period_by_end"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant_id", "kind", "rule", "start", "end"), name="period_closed_once"
                    )
                ],
            },
        ),
    ]
