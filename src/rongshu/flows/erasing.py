"""A member's personal data erased, once nothing is owed to them or by them any more.

What stays because the law demands it: the ledger and the orders, which name nobody, and the papers payments were made by, sealed.
The member's row is held first, so that whoever makes a way in for them, or lets them promote, goes before or finds nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from rongshu.domain.commerce.coupons.actions import end_coupons_of
from rongshu.domain.commerce.inbox.queries import waits_from_before
from rongshu.domain.commerce.mall.actions import forget_addresses
from rongshu.domain.commission.rating.queries import pending_of
from rongshu.domain.marketing.messages.actions import forget_promoter
from rongshu.domain.members.erasure.actions import erase_member
from rongshu.domain.members.erasure.queries import erased_at
from rongshu.domain.members.points.actions import end_points
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.wechat.actions import forget_wechat
from rongshu.domain.referral.care.actions import forget_tags
from rongshu.domain.referral.joining.actions import forget_words
from rongshu.domain.referral.promoters.models import FROZEN, MERGED, Promoter
from rongshu.domain.settlement.payees.queries import payee_of
from rongshu.domain.settlement.withdrawals.actions import take_back_consent
from rongshu.engine.money import format_units
from rongshu.engine.wording import gettext_noop as _
from rongshu.kernel.access.actions import forget_login
from rongshu.kernel.access.models import Login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import Refusal, conflict, missing
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant, lock_background_writing
from rongshu.ledger.books import Book
from rongshu.ledger.queries import balances_of, standings_of

TEAM = (Role.OWNER, Role.OPERATOR, Role.FINANCE, Role.RISK, Role.SUPPORT, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class Erased:
    """When the data were erased; `again`: it had been done before, and nothing was changed. Points and coupons that lapsed with it."""

    at: datetime
    again: bool
    points: int = 0
    coupons: int = 0


def erase_person(*, member_id: int, by: Actor, now: datetime) -> Erased:
    """Erases a member, and whoever was merged into them, for they are one person. The same again changes nothing.

    Raises `missing`, `conflict` naming what stands in the way and what to do about it; nothing is changed then.
    """
    with transaction.atomic():
        others = Promoter.objects.filter(heir_id=member_id).order_by("id").values_list("id", flat=True)
        everybody = sorted({member_id, *others})
        held = list(
            Member.objects.select_for_update().filter(id__in=everybody).order_by("id").values_list("id", flat=True)
        )
        if member_id not in held:
            raise missing("unknown_member", "There is no such member.")
        before = erased_at(member_id)
        if before is not None:
            return Erased(before, again=True)
        lock_background_writing()
        for problem in in_the_way(member_id):
            raise problem
        points = sum(end_points(member_id=one, now=now) for one in everybody)
        coupons = sum(end_coupons_of(member_id=one, now=now) for one in everybody)
        for one in everybody:  # those merged into one person: a handful
            _forget(one, by, now)
        record(
            "person.erased",
            subject=str(member_id),
            by=by,
            now=now,
            points=points,
            coupons=coupons,
            merged=len(everybody) - 1,
        )
    return Erased(now, again=False, points=points, coupons=coupons)


def in_the_way(member_id: int) -> list[Refusal]:
    """Everything that has to happen before a member can be erased, each with what to do; empty when nothing stands in the way."""
    problems = []
    promoter = Promoter.objects.filter(id=member_id).first()
    if promoter is not None:
        problems += _as_promoter(promoter)
    problems += _money(member_id)
    if balances_of([member_id], [Book.POINTS_RESERVED]).get(member_id, {}).get(Book.POINTS_RESERVED):
        problems.append(
            conflict(
                "points_reserved",
                "Points are set aside for an order or an exchange; wait until it is paid, sent or given up.",
            )
        )
    return problems


def _as_promoter(promoter: Promoter) -> list[Refusal]:
    if promoter.ended_as == MERGED and promoter.heir_id is not None:
        heir = outside("mem", promoter.heir_id)
        return [conflict("merged", "They are one person with %(heir)s: erase that one, and both go.", heir=heir)]
    if promoter.active_to is None:
        return [conflict("still_promotes", "They still promote. Stop promoting first, then erase.")]
    if promoter.ended_as == FROZEN:
        return [
            conflict("frozen", "They are frozen, not gone. Let them go on, and they can stop promoting themselves.")
        ]
    if waits_from_before(promoter.active_to):
        return [
            conflict("still_counted", "Orders from before they stopped are still being counted; try again in a minute.")
        ]
    return []


def _money(member_id: int) -> list[Refusal]:
    """What is pending, available, reserved and owed, each a problem of its own."""
    stands, currency = standings_of([member_id])[member_id], house().currency

    def written(units: int) -> str:
        return f"{format_units(units, currency)} {currency}"

    pending = pending_of([member_id])[member_id]
    said = (
        ("money_pending", _("%(amount)s is still pending; wait until it is available, then withdraw it."), pending),
        ("money_available", _("%(amount)s is still available; withdraw it first. Below the least amount, the brand can pay it out."),
         stands.available),
        ("money_reserved", _("%(amount)s is on its way; wait until the withdrawal has ended."), stands.reserved),
        ("money_owed", _("%(amount)s is owed to the brand for orders that were given back; settle it with the brand first."),
         -stands.debt),
    )  # fmt: skip
    return [conflict(code, text, amount=written(units)) for code, text, units in said if units]


def _forget(member_id: int, by: Actor, now: datetime) -> None:
    """One member's row, papers, messages, tags, words, and ways in. A login of the team's stays theirs, without the member."""
    if payee_of(member_id) is not None:
        take_back_consent(promoter_id=member_id, by=by, now=now)
    forget_wechat(member_id=member_id, by=by, now=now)
    forget_promoter(promoter_id=member_id)
    forget_tags(promoter_id=member_id)
    forget_words(member_id=member_id)
    forget_addresses(member_id=member_id)
    theirs = Login.objects.filter(tenant_id=current_tenant(), member_id=member_id)
    theirs.filter(role__in=TEAM).update(member_id=None)
    for login in theirs.exclude(role__in=TEAM):  # one a role
        forget_login(login=login, by=by, now=now)
    erase_member(member_id=member_id, by=by, now=now)
