from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rongshu.domain.members.erasure.holding import hold_known
from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import phone_hash, present
from rongshu.domain.referral.clicks.actions import Met, join_visitor, record_touches
from rongshu.domain.referral.joining.actions import ask_to_join, decide_applications, keep_acceptance
from rongshu.domain.referral.joining.models import Application
from rongshu.domain.referral.joining.renewal import confirm_again
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.domain.referral.promoters.models import Promoter
from rongshu.domain.referral.promoters.queries import which_promote
from rongshu.flows.join.inviting import Invitation
from rongshu.flows.join.terms import Terms
from rongshu.kernel.access.actions import add_login, name_hash, promote_logins
from rongshu.kernel.access.models import Login
from rongshu.kernel.access.rules import PORTAL, Role
from rongshu.kernel.actor import Actor
from rongshu.kernel.errors import Refusal, conflict, forbidden, invalid
from rongshu.kernel.ids import outside
from rongshu.kernel.secrets import unseal
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant

Came = Literal["joined", "asked"]


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody said when joining. `quiz` holds the place of the answer chosen for each question, -1 for none."""

    of_age: bool
    in_no_group: bool
    agreed: bool
    quiz: tuple[int, ...] = ()
    words: str = ""


def welcome(*, phone: str, visitor: int, inviting: Invitation, by: Actor, now: datetime) -> Member:
    """The member with this phone, a new one where it is nobody's; what their browser clicked counts for them from now on.

    The phone must have been proved. Raises `invalid` for one that is none.
    """
    member = Member.objects.filter(phone_hash=phone_hash(phone)).first()
    if member is None:
        try:
            member = add_member(phone=phone, by=by, now=now)
        except Refusal as refusal:
            if refusal.code != "member_exists":
                raise
            member = Member.objects.get(phone_hash=phone_hash(phone))  # a second tap of the same person
    member = present(member)
    join_visitor(visitor=visitor, member_id=member.id, now=now)
    if inviting.promoter is not None and inviting.promoter != member.id:
        record_touches(met=[Met(member.id, inviting.promoter, "entry", now, inviting.link)])
    return member


def join(*, member: Member, inviting: Invitation, answers: Answers, terms: Terms, address: str, now: datetime) -> Came:
    """A member becomes a promoter, or an applicant where the tenant wants to look first.

    Raises `conflict` for whoever is a promoter already, `invalid` for what was not answered as it must be, `forbidden` without
    an invitation where one is needed. Nothing is kept then.
    """
    by = Actor("member", outside("mem", member.id))
    hold_known(member.id)
    inviter = inviting.promoter if inviting.to_join else None
    there = Promoter.objects.filter(id=member.id).first()
    if there is not None:
        raise _there_already(there, inviter)
    if inviter == member.id:
        raise invalid("own_inviter", "Nobody can be their own inviter.", at="inviter")
    rules = terms.policy
    if rules.mode == "invitation" and inviter is None:
        raise forbidden("not_invited", "Only whoever is invited by a promoter can join here.")
    _accept(member.id, answers, terms, address, by, now)
    if rules.mode == "application":
        ask_to_join(member_id=member.id, inviter_id=inviter, words=answers.words, by=by, now=now)
        return "asked"
    enrol_promoters(joinings=[Joining(member.id, inviter, now)], by=by, now=now)
    ensure_portal_login(member=member, by=by, now=now)
    return "joined"


def confirm(*, promoter_id: int, answers: Answers, terms: Terms, address: str, now: datetime) -> bool:
    """A promoter confirms anew what whoever joins now accepts. Whether they had been paused for not doing so and go on.

    Raises `invalid` for what was not answered as it must be, `conflict` for whoever has stopped. Nothing is kept then.
    """
    by = Actor("member", outside("mem", promoter_id))
    _accept(promoter_id, answers, terms, address, by, now)
    return confirm_again(promoter_id=promoter_id, by=by, now=now)


def _accept(member_id: int, answers: Answers, terms: Terms, address: str, by: Actor, now: datetime) -> None:
    _check(answers, terms)
    rules = terms.policy
    keep_acceptance(
        member_id=member_id, version=rules.agreement_version, text=rules.agreement, plan=terms.number,
        jurisdiction=terms.jurisdiction, address=address, by=by, now=now,
        declared={"age": terms.minimum_age, "in_no_group": terms.groups, "quiz": list(answers.quiz)},
    )  # fmt: skip


def _there_already(there: Promoter, inviter: int | None) -> Refusal:
    if there.active_to is not None:
        return conflict("left_before", "You stopped promoting here before. Ask the brand to let you in again.")
    if inviter == there.id:
        return conflict("own_invitation", "This is your own invitation. Share it; it cannot invite yourself.")
    if inviter is not None and inviter != there.inviter_id:
        return conflict(
            "second_inviter", "You are a promoter already. Who invited you stays as it is; nobody has two inviters."
        )
    return conflict("joined_before", "You are a promoter already.")


def _check(answers: Answers, terms: Terms) -> None:
    if terms.minimum_age and not answers.of_age:
        raise invalid(
            "too_young", "You have to be at least %(age)s years old, and say so.", at="of_age", age=terms.minimum_age
        )
    if terms.groups and not answers.in_no_group:
        raise invalid("in_group", "Only whoever belongs to none of these groups can join.", at="in_no_group")
    if not answers.agreed:
        raise invalid("not_agreed", "Read the rules and the agreement, and accept them.", at="agreed")
    given = (*answers.quiz, *[-1] * len(terms.policy.quiz))
    wrong = [
        number for number, (one, said) in enumerate(zip(terms.policy.quiz, given, strict=False), 1) if one.right != said
    ]
    if wrong:
        raise invalid(
            "quiz_wrong", "Not right yet: question %(numbers)s. Look into the rules and try again.", at="quiz",
            numbers=", ".join(map(str, wrong)),
        )  # fmt: skip


def decide(*, identifiers: Sequence[int], approve: bool, reason: str, by: Actor, now: datetime) -> list[Application]:
    """Decides applications; those approved are promoters with a login from now on. Returns the ones it decided.

    An inviter who has stopped since then invites nobody any more: the applicant starts without one.
    """
    rows = decide_applications(identifiers=identifiers, approve=approve, reason=reason, by=by, now=now)
    if not approve or not rows:
        return rows
    inviters = [row.inviter_id for row in rows if row.inviter_id is not None]
    active = set(Promoter.objects.filter(id__in=inviters, active_to=None).values_list("id", flat=True))
    promote = which_promote([row.member_id for row in rows])
    enrol_promoters(
        joinings=[
            Joining(row.member_id, row.inviter_id if row.inviter_id in active else None, now)
            for row in rows
            if row.member_id not in promote
        ],
        by=by,
        now=now,
    )
    for member in Member.objects.filter(id__in=[row.member_id for row in rows]):  # a page of the queue
        ensure_portal_login(member=member, by=by, now=now)
    return rows


def portal_login_of(member_id: int) -> Login | None:
    """The login of a member of the active tenant to the portal; of two, the promoter's."""
    theirs = Login.objects.filter(tenant_id=current_tenant(), member_id=member_id, role__in=PORTAL, is_active=True)
    return max(theirs, key=lambda one: one.role == Role.PROMOTER, default=None)  # at most one a role


def ensure_portal_login(*, member: Member, by: Actor, now: datetime) -> Login | None:
    """The member's login to the portal, made where there is none; None for a member without phone. For one merged into another, the heir's.

    It opens what promoters see where they are one, else what members see; one that was there before is raised with them.
    Its name is the phone; where that is the name of somebody's login at another brand of the installation, the phone with the
    brand's slug. Nobody knows its password: the way in is a code. Raises `conflict` where the member was erased meanwhile.
    """
    phone_known = member.phone
    member = present(member)
    member.phone = member.phone or phone_known  # theirs too, though another row holds it
    heir = Promoter.objects.filter(id=member.id, heir_id__isnull=False).first()
    if heir is not None:
        member = Member.objects.get(id=heir.heir_id)
    role = Role.PROMOTER if Promoter.objects.filter(id=member.id).exists() else Role.MEMBER
    if role == Role.PROMOTER:
        promote_logins(members=[member.id], by=by, now=now)
    found = portal_login_of(member.id)
    if found is not None or not member.phone:
        return found
    hold_known(member.id)
    phone = unseal(member.phone)
    password = secrets.token_urlsafe(24)
    try:
        return add_login(name=phone, password=password, role=role, member_id=member.id, by=by, now=now)
    except Refusal as refusal:
        if refusal.code != "login_exists":
            raise
    name = f"{phone}@{house().slug}"
    there = Login.objects.filter(name_hash=name_hash(name), tenant_id=current_tenant()).first()
    return there or add_login(name=name, password=password, role=role, member_id=member.id, by=by, now=now)
