from django.db import migrations, models

from rongshu.kernel.ids import new_id

class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial")]

    operations = [
        migrations.CreateModel(
            "WechatApp",
            [
                ("tenant_id", models.BigIntegerField()),
                ("pk", models.CompositePrimaryKey("tenant_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.BigIntegerField(default=new_id)),
                ("kind", models.CharField(max_length=10)),
                ("appid", models.CharField(max_length=40)),
                ("secret", models.BinaryField()),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=200)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["tenant_id", "kind"], name="wechat_app_kind")],
            },
        ),
        migrations.CreateModel(
            "WechatPerson",
            [
                ("tenant_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.BigIntegerField(default=new_id)),
                ("appid", models.CharField(max_length=40)),
                ("openid", models.BinaryField()),
                ("openid_hash", models.BinaryField(max_length=16)),
                ("unionid_hash", models.BinaryField(max_length=16, null=True)),
                ("member_id", models.BigIntegerField(null=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["tenant_id", "appid", "openid_hash"], name="wechat_person_openid"
                    ),
                    models.UniqueConstraint(
                        fields=["tenant_id", "appid", "member_id"],
                        condition=models.Q(("member_id__isnull", False)),
                        name="wechat_person_member",
                    ),
                ],
                "indexes": [
                    models.Index(
                        fields=["tenant_id", "unionid_hash"],
                        condition=models.Q(("unionid_hash__isnull", False)),
                        name="wechat_person_unionid",
                    ),
                    models.Index(
                        fields=["tenant_id", "member_id"],
                        condition=models.Q(("member_id__isnull", False)),
                        name="wechat_person_of",
                    ),
                ],
            },
        ),
    ]
