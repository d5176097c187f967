from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0011_cards"),
    ]

    operations = [
        migrations.CreateModel(
            name="GiftDay",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "day", "occasion", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("occasion", models.TextField()),
                ("after_id", models.BigIntegerField(default=0)),
                ("given", models.BigIntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "members_gift_day",
            },
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(fields=["tenant_id", "created_at", "id"], name="member_by_joined"),
        ),
    ]
