from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("commerce", "0007_checkouts"),
    ]

    operations = [
        migrations.AddField(
            model_name="picture",
            name="small",
            field=models.BinaryField(db_default=b"", default=bytes),
        ),
    ]
