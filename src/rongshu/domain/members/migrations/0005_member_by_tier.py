from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0004_tiers"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                condition=models.Q(("tier", ""), _negated=True), fields=["tenant_id", "tier", "id"], name="member_by_tier"
            ),
        ),
    ]
