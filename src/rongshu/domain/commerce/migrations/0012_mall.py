from django.db import migrations, models

import rongshu.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("commerce", "0011_purchases"),
    ]

    operations = [
        migrations.CreateModel(
            name="MallExchange",
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
                ("item_id", models.BigIntegerField()),
                ("key", models.TextField()),
                ("kind", models.TextField()),
                ("name", models.TextField()),
                ("points", models.BigIntegerField()),
                ("state", models.TextField()),
                ("address", models.BinaryField(null=True)),
                ("carrier", models.TextField(default="")),
                ("tracking", models.TextField(default="")),
                ("coupon_id", models.BigIntegerField(null=True)),
                ("reason", models.TextField(default="")),
                ("back", models.BigIntegerField(default=0)),
                ("asked_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "commerce_mallexchange",
                "indexes": [
                    models.Index(fields=["tenant_id", "member_id", "-id"], name="mallexchange_by_member"),
                    models.Index(fields=["tenant_id", "item_id", "-id"], name="mallexchange_by_item"),
                    models.Index(fields=["tenant_id", "state", "-id"], name="mallexchange_by_state"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_id", "member_id", "key"), name="mallexchange_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("asked", "sent", "done", "cancelled"))),
                        name="mallexchange_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("back__gte", 0), ("back__lte", models.F("points"))),
                        name="mallexchange_back",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MallItem",
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
                ("kind", models.TextField()),
                ("points", models.BigIntegerField()),
                ("note", models.TextField(default="")),
                ("picture", models.TextField(default="")),
                ("coupon_kind_id", models.BigIntegerField(null=True)),
                ("stock", models.BigIntegerField(null=True)),
                ("taken", models.BigIntegerField(default=0)),
                ("per_member", models.IntegerField(default=0)),
                ("tier", models.TextField(default="")),
                ("sale_from", models.DateTimeField()),
                ("sale_until", models.DateTimeField(null=True)),
                ("open", models.BooleanField(default=True)),
                ("made_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "commerce_mallitem",
                "indexes": [
                    models.Index(
                        condition=models.Q(("open", True)),
                        fields=["tenant_id", "points", "id"],
                        name="mallitem_on_sale",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("points__gt", 0)), name="mallitem_points"),
                    models.CheckConstraint(condition=models.Q(("taken__gte", 0)), name="mallitem_taken"),
                    models.CheckConstraint(
                        condition=models.Q(("stock__isnull", True), ("stock__gte", models.F("taken")), _connector="OR"),
                        name="mallitem_stock",
                    ),
                    models.CheckConstraint(condition=models.Q(("per_member__gte", 0)), name="mallitem_per_member"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("goods", "coupon", "privilege"))), name="mallitem_kind"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("coupon_kind_id__isnull", False), ("kind", "coupon")),
                            models.Q(models.Q(("kind", "coupon"), _negated=True), ("coupon_kind_id__isnull", True)),
                            _connector="OR",
                        ),
                        name="mallitem_coupon",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MallTaker",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id",
                        "item_id",
                        "member_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("item_id", models.BigIntegerField()),
                ("member_id", models.BigIntegerField()),
                ("taken", models.IntegerField()),
            ],
            options={
                "db_table": "commerce_malltaker",
                "constraints": [models.CheckConstraint(condition=models.Q(("taken__gte", 0)), name="malltaker_taken")],
            },
        ),
    ]
