from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall


class WechatApp(TenantModel):
    """A brand's app at WeChat, by which its people sign in."""

    wall = Wall(system=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    kind = models.CharField(max_length=10)
    """web: a website at the open platform, by QR code; official: an official account, inside WeChat"""
    appid = models.CharField(max_length=40)
    secret = models.BinaryField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "kind"], name="wechat_app_kind")]


class WechatPerson(TenantModel):
    """Somebody of WeChat as one app knows them; `member_id` is None until they proved who they are here."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    appid = models.CharField(max_length=40)
    openid = models.BinaryField()
    openid_hash = models.BinaryField(max_length=16)
    unionid_hash = models.BinaryField(max_length=16, null=True)
    member_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "appid", "openid_hash"], name="wechat_person_openid"),
            models.UniqueConstraint(
                fields=["tenant_id", "appid", "member_id"],
                condition=Q(member_id__isnull=False),
                name="wechat_person_member",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "unionid_hash"],
                condition=Q(unionid_hash__isnull=False),
                name="wechat_person_unionid",
            ),
            models.Index(
                fields=["tenant_id", "member_id"], condition=Q(member_id__isnull=False), name="wechat_person_of"
            ),
        ]
