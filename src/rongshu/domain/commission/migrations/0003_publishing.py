import django.contrib.postgres.fields
import rongshu.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("commission", "0002_references"),
    ]

    operations = [
        migrations.CreateModel(
            name="PlanNotice",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                ("pk", models.CompositePrimaryKey("tenant_id", "id")),
                ("id", models.BigIntegerField(default=rongshu.kernel.ids.IdMaker.one)),
                ("version_id", models.BigIntegerField()),
                ("kind", models.SmallIntegerField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "commission_plan_notice",
            },
        ),
        migrations.CreateModel(
            name="PlanNoticeSeen",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                ("pk", models.CompositePrimaryKey("tenant_id", "notice_id", "promoter_id")),
                ("notice_id", models.BigIntegerField()),
                ("promoter_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "commission_plan_notice_seen",
            },
        ),
        migrations.CreateModel(
            name="PlanReview",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                ("pk", models.CompositePrimaryKey("tenant_id", "id")),
                ("id", models.BigIntegerField(default=rongshu.kernel.ids.IdMaker.one)),
                ("draft_id", models.BigIntegerField(null=True)),
                ("text", models.TextField()),
                ("effective_from", models.DateTimeField(null=True)),
                ("note", models.TextField()),
                ("authors", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ("asked_at", models.DateTimeField()),
                ("asked_by", models.TextField()),
                ("state", models.SmallIntegerField(default=0)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.TextField(default="")),
                ("reason", models.TextField(default="")),
                ("alone", models.BooleanField(default=False)),
                ("looked", models.JSONField()),
                (
                    "accepted",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
                ),
                ("version_id", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "commission_plan_review",
            },
        ),
        migrations.CreateModel(
            name="PlanWithdrawal",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                ("pk", models.CompositePrimaryKey("tenant_id", "version_id")),
                ("version_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
                ("reason", models.TextField()),
            ],
            options={
                "db_table": "commission_plan_withdrawal",
            },
        ),
        migrations.CreateModel(
            name="RulesPage",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                ("pk", models.CompositePrimaryKey("tenant_id", "id")),
                ("id", models.BigIntegerField(default=rongshu.kernel.ids.IdMaker.one)),
                ("contact", models.TextField(blank=True)),
                ("tax", models.TextField(blank=True)),
                ("leaving", models.TextField(blank=True)),
                ("more", models.TextField(blank=True)),
                ("updated_at", models.DateTimeField()),
                ("actor", models.TextField()),
            ],
            options={
                "db_table": "commission_rules_page",
            },
        ),
        migrations.RemoveConstraint(
            model_name="planversion",
            name="plan_version_start",
        ),
        migrations.AddField(
            model_name="plandraft",
            name="authors",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
        ),
        migrations.AddField(
            model_name="plandraft",
            name="in_review",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="plannotice",
            constraint=models.UniqueConstraint(fields=("tenant_id", "version_id", "kind"), name="plan_notice_once"),
        ),
        migrations.AddIndex(
            model_name="planreview",
            index=models.Index(fields=["tenant_id", "state", "id"], name="plan_review_state"),
        ),
        migrations.AddConstraint(
            model_name="planreview",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", 0)), fields=("tenant_id", "draft_id"), name="plan_review_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="planreview",
            constraint=models.UniqueConstraint(
                condition=models.Q(("version_id__isnull", False)),
                fields=("tenant_id", "version_id"),
                name="plan_review_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="planreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", 1), ("version_id__isnull", False)),
                    models.Q(models.Q(("state", 1), _negated=True), ("version_id", None)),
                    _connector="OR",
                ),
                name="plan_review_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulespage",
            constraint=models.UniqueConstraint(fields=("tenant_id",), name="rules_page_one"),
        ),
    ]
