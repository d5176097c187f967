from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel


class Member(TenantModel):
    """Somebody a tenant knows. At least one of external id, phone and e-mail names them."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    external_id = models.TextField(null=True)
    phone = models.BinaryField(null=True)
    phone_hash = models.BinaryField(null=True)
    email = models.BinaryField(null=True)
    email_hash = models.BinaryField(null=True)
    name = models.BinaryField(null=True)
    tier = models.TextField(default="")
    birth_day = models.SmallIntegerField(null=True)
    """Month and day as 100 * month + day (229 for the leap day), in the clear so that a day's birthdays are found."""
    birth_year = models.BinaryField(null=True)
    """Sealed; None where only the day is known."""
    birth_by = models.TextField(default="", db_default="")
    """Who said the birthday: `member`, `operator` or `import`. What a member said once, only an operator changes."""
    region = models.TextField(default="", db_default="")
    """A code of `profiles.regions`, else as it was written."""
    city = models.TextField(default="", db_default="")
    preference = models.TextField(default="", db_default="")
    """What pleases them: `discount`, `gift`, `novelty`, "" while nobody said."""
    heir_id = models.BigIntegerField(null=True)
    """Of one that was merged into another: who they are now. Their ids, phone and e-mail lead there."""
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "external_id"], name="member_external_id"),
            models.UniqueConstraint(
                fields=["tenant_id", "phone_hash"], condition=Q(phone_hash__isnull=False), name="member_phone"
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "email_hash"], condition=Q(email_hash__isnull=False), name="member_email"
            ),
            models.CheckConstraint(
                condition=Q(external_id__isnull=False) | Q(phone_hash__isnull=False) | Q(email_hash__isnull=False),
                name="member_has_a_name",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "tier", "id"], condition=~Q(tier=""), name="member_by_tier"),
            models.Index(
                fields=["tenant_id", "birth_day", "id"],
                condition=Q(birth_day__isnull=False),
                name="member_by_birth_day",
            ),
            models.Index(fields=["tenant_id", "created_at", "id"], name="member_by_joined"),
            models.Index(fields=["tenant_id", "region", "id"], condition=~Q(region=""), name="member_by_region"),
            models.Index(
                fields=["tenant_id", "preference", "id"], condition=~Q(preference=""), name="member_by_preference"
            ),
        ]


TEXT, NUMBER, DATE, CHOICE, CHOICES, YES_NO = "text", "number", "date", "choice", "choices", "yes_no"
KINDS = (TEXT, NUMBER, DATE, CHOICE, CHOICES, YES_NO)


class ProfileField(TenantModel):
    """Something a tenant wants to know of its members besides what every member has."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    code = models.TextField()
    """How the API, files and segments call it; never changes."""
    kind = models.TextField()
    """One of KINDS; never changes."""
    names = models.JSONField()
    """`{"zh": …, "en": …}`."""
    required = models.BooleanField(default=False)
    by_member = models.BooleanField(default=False)
    """Whether members edit it themselves; else only the team and the API."""
    sealed = models.BooleanField(default=False)
    """A text that is kept encrypted: nothing can be searched by it. Never changes."""
    limits = models.JSONField(default=dict)
    """text: `longest`; number: `least`, `most`, `places`; date: `since`, `until`; choices: `options`, each `{"code", "zh", "en"}`."""
    position = models.IntegerField(default=0)
    active = models.BooleanField(default=True)
    """Switched off it is not asked and not shown; its values are kept."""
    created_at = models.DateTimeField()

    class Meta:
        db_table = "members_profile_field"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "code"], name="profile_field_code")]


class ProfileValue(TenantModel):
    """A member's value of a field, in the column of its kind; several choices are a row each."""

    pk = models.CompositePrimaryKey("tenant_id", "member_id", "field_id", "item")
    member_id = models.BigIntegerField()
    field_id = models.BigIntegerField()
    item = models.TextField(default="")
    """The option's code of several choices, "" for every other kind."""
    word = models.TextField(null=True)
    """A text, or an option's code."""
    number = models.DecimalField(null=True, max_digits=24, decimal_places=6)
    day = models.DateField(null=True)
    flag = models.BooleanField(null=True)
    secret = models.BinaryField(null=True)
    """A text of a sealed field."""

    class Meta:
        db_table = "members_profile_value"
        indexes = [
            models.Index(
                fields=["tenant_id", "field_id", "word", "member_id"],
                condition=Q(word__isnull=False),
                name="profile_value_word",
            ),
            models.Index(
                fields=["tenant_id", "field_id", "number", "member_id"],
                condition=Q(number__isnull=False),
                name="profile_value_number",
            ),
            models.Index(
                fields=["tenant_id", "field_id", "day", "member_id"],
                condition=Q(day__isnull=False),
                name="profile_value_day",
            ),
            models.Index(
                fields=["tenant_id", "field_id", "flag", "member_id"],
                condition=Q(flag__isnull=False),
                name="profile_value_flag",
            ),
        ]
