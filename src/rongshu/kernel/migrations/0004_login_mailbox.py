from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_codes")]

    operations = [
        migrations.AddField("login", "email_hash", models.BinaryField(null=True, max_length=16, db_index=True)),
    ]
