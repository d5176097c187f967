from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referral", "0007_care")]

    operations = [
        migrations.AddIndex(
            "evidence",
            models.Index(
                fields=["tenant_id", "touch_promoter_id", "order_id"],
                condition=models.Q(touch_promoter_id__isnull=False),
                name="evidence_by_toucher",
            ),
        ),
        migrations.AddIndex(
            "evidence",
            models.Index(
                fields=["tenant_id", "bond_promoter_id", "order_id"],
                condition=models.Q(bond_promoter_id__isnull=False),
                name="evidence_by_bond",
            ),
        ),
    ]
