import rongshu.kernel.ids
from django.db import migrations, models


def keyed(*names):
    return models.CompositePrimaryKey(*names, blank=True, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    dependencies = [("settlement", "0006_started_by")]

    operations = [
        migrations.CreateModel(
            name="TransparencyPolicy",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                ("pk", keyed("tenant_id", "id")),
                ("id", models.BigIntegerField(default=rongshu.kernel.ids.new_id)),
                ("shown", models.BooleanField()),
                ("monthly", models.BooleanField()),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
            ],
            options={"db_table": "settlement_transparency_policy"},
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                ("pk", keyed("tenant_id", "number")),
                ("number", models.IntegerField()),
                ("as_of", models.DateTimeField()),
                ("owed", models.BigIntegerField()),
                ("document", models.JSONField()),
                ("seed", models.BinaryField()),
                ("actor", models.TextField()),
            ],
            options={"db_table": "settlement_publication"},
        ),
        migrations.CreateModel(
            name="PublishedRow",
            fields=[
                ("tenant_id", models.BigIntegerField()),
                ("pk", keyed("tenant_id", "number", "place")),
                ("number", models.IntegerField()),
                ("place", models.IntegerField()),
                ("first", models.BinaryField()),
                ("promoters", models.BinaryField()),
                ("amounts", models.BinaryField()),
                ("sum", models.BigIntegerField()),
                ("digest", models.BinaryField()),
            ],
            options={"db_table": "settlement_published_row"},
        ),
    ]
