from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referral", "0009_teams")]

    operations = [
        migrations.CreateModel(
            name="Goal",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id",
                        "promoter_id",
                        "what",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("promoter_id", models.BigIntegerField()),
                ("what", models.TextField()),
                ("began", models.BigIntegerField()),
                ("wanted", models.BigIntegerField()),
                ("set_at", models.DateTimeField()),
                ("until", models.DateField()),
            ],
            options={"db_table": "referral_goal"},
        ),
    ]
