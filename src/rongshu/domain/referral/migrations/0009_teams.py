from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referral", "0008_evidence_by_promoter"), ("commerce", "0004_order_by_promoter")]

    operations = [
        migrations.AddIndex(
            "bond",
            models.Index(fields=["tenant_id", "promoter_id", "until", "member_id"], name="bond_of_promoter_by_end"),
        ),
        migrations.AddField("sales", "last_at", models.DateTimeField(null=True)),
        migrations.RunSQL(
            "UPDATE referral_sales s SET last_at = (SELECT max(o.paid_at) FROM commerce_order o "
            "WHERE o.tenant_id = s.tenant_id AND o.promoter_id = s.promoter_id)",
            migrations.RunSQL.noop,
        ),
        migrations.AddField("standing", "state", models.SmallIntegerField(default=2, db_default=2)),
        migrations.AddField("standing", "place", models.IntegerField(default=0, db_default=0)),
        migrations.AddIndex(
            "standing",
            models.Index(fields=["tenant_id", "depth", "state", "enter"], name="standing_by_state"),
        ),
        migrations.RunSQL("UPDATE referral_foresthead SET standing_version = -1", migrations.RunSQL.noop),
    ]
