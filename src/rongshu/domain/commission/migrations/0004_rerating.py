import django.contrib.postgres.fields
import rongshu.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("commission", "0003_publishing"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReratingPost",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id",
                        "order_id",
                        "preview_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("order_id", models.BigIntegerField()),
                ("preview_id", models.BigIntegerField()),
                ("rerating_id", models.BigIntegerField()),
                ("journal", models.BigIntegerField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "commission_rerating_post",
            },
        ),
        migrations.CreateModel(
            name="ReratedOrder",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id",
                        "preview_id",
                        "order_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("preview_id", models.BigIntegerField()),
                ("order_id", models.BigIntegerField()),
                ("cause", models.SmallIntegerField()),
                ("paid_at", models.DateTimeField()),
                ("gain", models.BigIntegerField()),
                ("last_row", models.IntegerField()),
                ("old_version_id", models.BigIntegerField(null=True)),
                ("new_version_id", models.BigIntegerField(null=True)),
                ("old_promoter_id", models.BigIntegerField(null=True)),
                ("new_promoter_id", models.BigIntegerField(null=True)),
                ("old_first", models.SmallIntegerField()),
                ("new_first", models.SmallIntegerField()),
                (
                    "old_chain",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                (
                    "old_states",
                    django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), size=None),
                ),
                (
                    "new_chain",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                (
                    "new_states",
                    django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), size=None),
                ),
            ],
            options={
                "db_table": "commission_rerated_order",
                "indexes": [
                    models.Index(
                        fields=["tenant_id", "preview_id", "paid_at", "order_id"], name="rerated_order_by_time"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReratedRow",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id",
                        "preview_id",
                        "order_id",
                        "place",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("preview_id", models.BigIntegerField()),
                ("order_id", models.BigIntegerField()),
                ("place", models.IntegerField()),
                ("old_row", models.IntegerField()),
                ("new_row", models.IntegerField()),
                ("line_no", models.IntegerField()),
                ("kind", models.SmallIntegerField()),
                ("level", models.IntegerField()),
                ("beneficiary_id", models.BigIntegerField()),
                ("rule", models.TextField()),
                ("base", models.BigIntegerField()),
                ("ppm", models.IntegerField()),
                ("before_caps", models.BigIntegerField()),
                ("cut_order", models.BigIntegerField()),
                ("cut_day", models.BigIntegerField()),
                ("cut_month", models.BigIntegerField()),
                ("amount", models.BigIntegerField()),
                ("at_once", models.SmallIntegerField()),
                ("old_amount", models.BigIntegerField()),
                ("old_net", models.BigIntegerField()),
                ("new_net", models.BigIntegerField()),
            ],
            options={
                "db_table": "commission_rerated_row",
                "indexes": [
                    models.Index(
                        fields=["tenant_id", "beneficiary_id", "preview_id", "order_id"], name="rerated_row_by_promoter"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Rerating",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.BigIntegerField(default=rongshu.kernel.ids.IdMaker.one)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("version_id", models.BigIntegerField(null=True)),
                ("reason", models.TextField()),
                ("state", models.SmallIntegerField(default=0)),
                ("asked_at", models.DateTimeField()),
                ("asked_by", models.TextField()),
                ("preview_id", models.BigIntegerField(default=0)),
                ("previewed_at", models.DateTimeField(null=True)),
                ("stale", models.BooleanField(default=False)),
                ("failure", models.TextField(default="")),
                ("orders", models.IntegerField(default=0)),
                ("corrected", models.IntegerField(default=0)),
                ("last_correction", models.BigIntegerField(default=0)),
                ("posts_known", models.IntegerField(default=0)),
                ("changed", models.IntegerField(default=0)),
                ("rows", models.IntegerField(default=0)),
                ("gains", models.BigIntegerField(default=0)),
                ("losses", models.BigIntegerField(default=0)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.TextField(default="")),
                ("decision", models.TextField(default="")),
                ("posted_upto", models.BigIntegerField(default=0)),
                ("posted", models.IntegerField(default=0)),
                ("posted_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "commission_rerating",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", [0, 2])), fields=["tenant_id", "id"], name="rerating_at_work"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("since"))), name="rerating_window"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", 2)), fields=("tenant_id",), name="rerating_one_posting"
                    ),
                ],
            },
        ),
    ]
