from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("referral", "0011_renewals"),
    ]

    operations = [
        migrations.AddField(
            model_name="renewal",
            name="reminded_at",
            field=models.DateTimeField(null=True),
        ),
    ]
