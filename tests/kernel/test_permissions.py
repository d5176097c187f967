"""Who may do what, written out: a new permission is nobody's but the owner's until it is given here too."""

from __future__ import annotations

import pytest

from rongshu.kernel.access.rules import PERMISSIONS, Permission, Role, may

SEES = {
    Permission.SEE_FIGURES,
    Permission.SEE_ORDERS,
    Permission.SEE_PROMOTERS,
    Permission.SEE_PROMOTION,
    Permission.SEE_MEMBERS,
    Permission.SEE_PLANS,
}
MATRIX = {
    Role.OWNER: set(Permission),
    Role.OPERATOR: SEES
    | {
        Permission.EDIT_PLANS,
        Permission.PUBLISH_PLANS,
        Permission.APPROVE_PLANS,
        Permission.EDIT_RANKS,
        Permission.RERATE,
        Permission.SETTLE_REFUSED,
        Permission.SEE_DELIVERIES,
        Permission.MANAGE_MESSAGES,
        Permission.MANAGE_JOINING,
        Permission.NOTE_PROMOTERS,
        Permission.MANAGE_PROMOTERS,
        Permission.MANAGE_LINKS,
        Permission.GIVE_BONDS,
        Permission.SET_ATTRIBUTION,
        Permission.EDIT_MEMBERS,
        Permission.SET_MEMBERSHIP,
        Permission.ISSUE_COUPONS,
        Permission.ADJUST_POINTS,
        Permission.SEE_MATERIALS,
        Permission.EDIT_MATERIALS,
    },
    Role.FINANCE: SEES
    | {
        Permission.RERATE,
        Permission.APPROVE_RERATING,
        Permission.SEE_LEDGER,
        Permission.APPROVE_PLANS,
        Permission.CHECK_LEDGER,
        Permission.SETTLE_REFUSED,
        Permission.SEE_MONEY,
        Permission.APPROVE_MONEY,
        Permission.SEND_MONEY,
        Permission.SEE_PAPERS,
        Permission.SET_MONEY_RULES,
        Permission.SEE_MATERIALS,
        Permission.NOTE_PROMOTERS,
        Permission.MERGE_PROMOTERS,
    },
    Role.RISK: SEES
    | {
        Permission.SEE_LEDGER,
        Permission.SEE_MONEY,
        Permission.APPROVE_MONEY,
        Permission.SEE_MATERIALS,
        Permission.NOTE_PROMOTERS,
        Permission.MANAGE_PROMOTERS,
        Permission.MERGE_PROMOTERS,
    },
    Role.SUPPORT: {
        Permission.SEE_ORDERS,
        Permission.SEE_PROMOTERS,
        Permission.SEE_PROMOTION,
        Permission.SEE_MEMBERS,
        Permission.NOTE_PROMOTERS,
        Permission.SEE_DELIVERIES,
    },
    Role.AUDITOR: SEES
    | {Permission.SEE_LEDGER, Permission.CHECK_LEDGER, Permission.SEE_MONEY, Permission.SEE_MATERIALS},
    Role.PROMOTER: set(),
    Role.MEMBER: set(),
}


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", Role)
def test_the_matrix(role: Role, permission: Permission) -> None:
    assert may(role, permission) is (permission in MATRIX[role])


def test_a_role_nobody_knows_may_nothing() -> None:
    assert set(PERMISSIONS) == set(Role) == set(MATRIX)
    for role in ("", "root", "Owner", "owner ", "superuser"):
        assert not any(may(role, permission) for permission in Permission)
