from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.postgres.fields import ArrayField
from django.db import models

from rongshu.kernel.access.rules import PORTAL
from rongshu.kernel.actor import Actor
from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall


class Login(AbstractBaseUser):
    """Somebody who signs in. The name they sign in with is kept as a keyed hash and in masked form only."""

    wall: ClassVar[Wall] = Wall(system=True)

    id = models.BigIntegerField(primary_key=True)
    tenant_id = models.BigIntegerField()
    name_hash = models.BinaryField(unique=True, max_length=16)
    shown = models.CharField(max_length=120)
    role = models.CharField(max_length=20)
    member_id = models.BigIntegerField(null=True)
    language = models.CharField(max_length=10, blank=True)
    is_active = models.BooleanField(default=True)
    email_hash = models.BinaryField(null=True, max_length=16, db_index=True)
    """Of the mailbox they confirmed, by which a link signs them in; None before."""

    USERNAME_FIELD = "id"
    objects = models.Manager()

    def __str__(self) -> str:
        return self.shown

    @property
    def actor(self) -> Actor:
        """This login, as the audit names it."""
        return Actor("login", self.shown)

    @property
    def at_portal(self) -> bool:
        """Whether it is some member's own, which enters the portal."""
        return self.role in PORTAL and self.member_id is not None


class Passkey(TenantModel):
    """The public half of a key pair by which a login signs in."""

    wall = Wall(system=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    login_id = models.BigIntegerField()
    credential = models.BinaryField(unique=True, max_length=1024)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField()
    name = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "login_id", "id"], name="passkey_of_login")]


class ApiKey(TenantModel):
    """A key for programs. Shown once, kept as a hash."""

    wall = Wall(system=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    name = models.CharField(max_length=80)
    hash = models.BinaryField(unique=True, max_length=32)
    scopes = ArrayField(models.CharField(max_length=40))
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
