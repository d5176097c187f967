from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("settlement", "0005_declarations")]

    operations = [
        migrations.AddField("settlementrun", "started_by", models.TextField(default="worker:")),
    ]
