import django.db.models.functions.text
from django.db import migrations, models

import rongshu.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0005_member_by_tier"),
    ]

    operations = [
        migrations.CreateModel(
            name="Consent",
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
                ("purpose", models.TextField()),
                ("given", models.BooleanField()),
                ("text", models.IntegerField()),
                ("place", models.TextField()),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
            ],
            options={
                "db_table": "members_consent",
            },
        ),
        migrations.CreateModel(
            name="ConsentNow",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id",
                        "member_id",
                        "purpose",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("member_id", models.BigIntegerField()),
                ("purpose", models.TextField()),
                ("given", models.BooleanField()),
                ("text", models.IntegerField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "members_consent_now",
            },
        ),
        migrations.CreateModel(
            name="ConsentText",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "purpose", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("purpose", models.TextField()),
                ("number", models.IntegerField()),
                ("words", models.JSONField()),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
            ],
            options={
                "db_table": "members_consent_text",
            },
        ),
        migrations.CreateModel(
            name="ProfileField",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.BigIntegerField(default=rongshu.kernel.ids.new_id)),
                ("code", models.TextField()),
                ("kind", models.TextField()),
                ("names", models.JSONField()),
                ("required", models.BooleanField(default=False)),
                ("by_member", models.BooleanField(default=False)),
                ("sealed", models.BooleanField(default=False)),
                ("limits", models.JSONField(default=dict)),
                ("position", models.IntegerField(default=0)),
                ("active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "members_profile_field",
            },
        ),
        migrations.CreateModel(
            name="ProfileValue",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id",
                        "member_id",
                        "field_id",
                        "item",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("member_id", models.BigIntegerField()),
                ("field_id", models.BigIntegerField()),
                ("item", models.TextField(default="")),
                ("word", models.TextField(null=True)),
                ("number", models.DecimalField(decimal_places=6, max_digits=24, null=True)),
                ("day", models.DateField(null=True)),
                ("flag", models.BooleanField(null=True)),
                ("secret", models.BinaryField(null=True)),
            ],
            options={
                "db_table": "members_profile_value",
            },
        ),
        migrations.CreateModel(
            name="Tag",
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
                ("active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                ("actor", models.TextField()),
            ],
            options={
                "db_table": "members_tag",
            },
        ),
        migrations.CreateModel(
            name="TagChange",
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
                ("tag_id", models.BigIntegerField()),
                ("on", models.BooleanField()),
                ("source", models.TextField()),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
            ],
            options={
                "db_table": "members_tag_change",
            },
        ),
        migrations.CreateModel(
            name="Tagging",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id",
                        "member_id",
                        "tag_id",
                        "source",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("member_id", models.BigIntegerField()),
                ("tag_id", models.BigIntegerField()),
                ("source", models.TextField()),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
            ],
            options={
                "db_table": "members_tagging",
            },
        ),
        migrations.AddField(
            model_name="member",
            name="birth_by",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="member",
            name="birth_day",
            field=models.SmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="member",
            name="birth_year",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="member",
            name="city",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="member",
            name="preference",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="member",
            name="region",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                condition=models.Q(("birth_day__isnull", False)),
                fields=["tenant_id", "birth_day", "id"],
                name="member_by_birth_day",
            ),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                condition=models.Q(("region", ""), _negated=True),
                fields=["tenant_id", "region", "id"],
                name="member_by_region",
            ),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                condition=models.Q(("preference", ""), _negated=True),
                fields=["tenant_id", "preference", "id"],
                name="member_by_preference",
            ),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(fields=["tenant_id", "member_id", "-id"], name="consent_by_member"),
        ),
        migrations.AddIndex(
            model_name="consentnow",
            index=models.Index(fields=["tenant_id", "purpose", "given", "member_id"], name="consent_now_by_purpose"),
        ),
        migrations.AddConstraint(
            model_name="profilefield",
            constraint=models.UniqueConstraint(fields=("tenant_id", "code"), name="profile_field_code"),
        ),
        migrations.AddIndex(
            model_name="profilevalue",
            index=models.Index(
                condition=models.Q(("word__isnull", False)),
                fields=["tenant_id", "field_id", "word", "member_id"],
                name="profile_value_word",
            ),
        ),
        migrations.AddIndex(
            model_name="profilevalue",
            index=models.Index(
                condition=models.Q(("number__isnull", False)),
                fields=["tenant_id", "field_id", "number", "member_id"],
                name="profile_value_number",
            ),
        ),
        migrations.AddIndex(
            model_name="profilevalue",
            index=models.Index(
                condition=models.Q(("day__isnull", False)),
                fields=["tenant_id", "field_id", "day", "member_id"],
                name="profile_value_day",
            ),
        ),
        migrations.AddIndex(
            model_name="profilevalue",
            index=models.Index(
                condition=models.Q(("flag__isnull", False)),
                fields=["tenant_id", "field_id", "flag", "member_id"],
                name="profile_value_flag",
            ),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(
                models.F("tenant_id"), django.db.models.functions.text.Lower("name"), name="tag_name"
            ),
        ),
        migrations.AddIndex(
            model_name="tagchange",
            index=models.Index(fields=["tenant_id", "member_id", "-id"], name="tag_change_by_member"),
        ),
        migrations.AddIndex(
            model_name="tagging",
            index=models.Index(fields=["tenant_id", "tag_id", "member_id"], name="tagging_by_tag"),
        ),
    ]
