from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commerce", "0003_corrections")]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("promoter_id__isnull", False)),
                fields=["tenant_id", "promoter_id", "paid_at"],
                name="order_by_promoter",
            ),
        ),
    ]
