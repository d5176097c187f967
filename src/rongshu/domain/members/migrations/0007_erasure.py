from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0006_profiles"),
    ]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "member_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("member_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "members_erasure",
            },
        ),
    ]
