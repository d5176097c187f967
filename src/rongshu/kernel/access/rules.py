"""Who may do what. A role not named here may nothing."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a login is for."""

    OWNER = "owner"
    OPERATOR = "operator"
    FINANCE = "finance"
    RISK = "risk"
    SUPPORT = "support"
    AUDITOR = "auditor"
    PROMOTER = "promoter"
    """A promoter's own login to the portal; never enters the console."""


class Permission(StrEnum):
    """What a console page or action asks for."""

    SEE_FIGURES = "see_figures"
    SEE_ORDERS = "see_orders"
    SEE_PROMOTERS = "see_promoters"
    SEE_PLANS = "see_plans"
    EDIT_PLANS = "edit_plans"
    PUBLISH_PLANS = "publish_plans"
    APPROVE_PLANS = "approve_plans"
    """To be the second person: decides about what somebody else wrote."""
    RERATE = "rerate"
    """Corrects to whom orders belong, and asks for a window to be rated anew."""
    APPROVE_RERATING = "approve_rerating"
    """To be the second person: lets a re-rating be posted that somebody else asked for."""
    EDIT_RANKS = "edit_ranks"
    SEE_LEDGER = "see_ledger"
    CHECK_LEDGER = "check_ledger"
    SETTLE_REFUSED = "settle_refused"
    MANAGE_ACCESS = "manage_access"
    SEE_MONEY = "see_money"
    APPROVE_MONEY = "approve_money"
    SEND_MONEY = "send_money"
    SEE_PAPERS = "see_papers"
    SET_MONEY_RULES = "set_money_rules"


class Scope(StrEnum):
    """What an API key opens."""

    ORDERS_WRITE = "orders:write"
    ORDERS_READ = "orders:read"
    MEMBERS_WRITE = "members:write"
    MEMBERS_READ = "members:read"
    PLANS_WRITE = "plans:write"
    PLANS_READ = "plans:read"
    PLANS_APPROVE = "plans:approve"
    """Decides about a plan that somebody else wrote; a key that writes plans better lacks it."""
    RERATINGS_WRITE = "reratings:write"
    """Corrects attributions and asks for re-ratings."""
    RERATINGS_APPROVE = "reratings:approve"
    """Lets be posted what somebody else asked for."""


_SEE = frozenset(
    {
        Permission.SEE_FIGURES,
        Permission.SEE_ORDERS,
        Permission.SEE_PROMOTERS,
        Permission.SEE_PLANS,
        Permission.SEE_LEDGER,
    }
)

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.OPERATOR: _SEE - {Permission.SEE_LEDGER}
    | {
        Permission.EDIT_PLANS,
        Permission.PUBLISH_PLANS,
        Permission.APPROVE_PLANS,
        Permission.EDIT_RANKS,
        Permission.RERATE,
        Permission.SETTLE_REFUSED,
    },
    Role.FINANCE: _SEE
    | {
        Permission.APPROVE_PLANS,
        Permission.RERATE,
        Permission.APPROVE_RERATING,
        Permission.CHECK_LEDGER,
        Permission.SETTLE_REFUSED,
        Permission.SEE_MONEY,
        Permission.APPROVE_MONEY,
        Permission.SEND_MONEY,
        Permission.SEE_PAPERS,
        Permission.SET_MONEY_RULES,
    },
    Role.RISK: _SEE | {Permission.SEE_MONEY, Permission.APPROVE_MONEY},
    Role.SUPPORT: frozenset({Permission.SEE_ORDERS, Permission.SEE_PROMOTERS}),
    Role.AUDITOR: _SEE | {Permission.SEE_MONEY, Permission.CHECK_LEDGER},
    Role.PROMOTER: frozenset(),
}


def may(role: str, permission: Permission) -> bool:
    """Whether a role has a permission; unknown roles have none."""
    return any(permission in granted for known, granted in PERMISSIONS.items() if known == role)
