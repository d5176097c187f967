from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("commerce", "0005_products"),
    ]

    operations = [
        migrations.AddField(
            model_name="product",
            name="sold",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(
                fields=["tenant_id", "-sold", "-id"],
                condition=models.Q(("shared", True)),
                name="product_best_sellers",
            ),
        ),
    ]
