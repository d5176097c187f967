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
    MEMBER = "member"
    """The login of a member who does not promote, to the same portal. Whoever becomes a promoter keeps it, under that role."""


PORTAL = (Role.PROMOTER, Role.MEMBER)
"""The roles whose logins belong to one member each and enter the portal alone."""


class Permission(StrEnum):
    """What a console page or action asks for."""

    SEE_FIGURES = "see_figures"
    SEE_ORDERS = "see_orders"
    SEE_PROMOTERS = "see_promoters"
    MANAGE_JOINING = "manage_joining"
    """Sets who may join and how, and decides about applications."""
    NOTE_PROMOTERS = "note_promoters"
    """Writes notes about promoters, and tags them."""
    MANAGE_PROMOTERS = "manage_promoters"
    """Freezes promoters and lets them go on; moves them to another inviter."""
    MERGE_PROMOTERS = "merge_promoters"
    """Makes two promoters that are one person one: their money moves."""
    SEE_PROMOTION = "see_promotion"
    """Sees links, whom customers belong to, stores' holders and the attribution policy."""
    MANAGE_LINKS = "manage_links"
    """Makes links, turns them off, gives lost codes to others; says where links may lead."""
    GIVE_BONDS = "give_bonds"
    """Gives customers and stores to promoters by hand."""
    SET_ATTRIBUTION = "set_attribution"
    """Publishes the attribution policy."""
    SEE_MEMBERS = "see_members"
    """Sees members, segments, tiers, points, coupons, prices and the mall."""
    EDIT_MEMBERS = "edit_members"
    """Changes profiles, tags and segments; imports, exports and merges members."""
    EXPORT_MEMBERS = "export_members"
    """Takes members' data out unmasked, with a reason that is kept."""
    SET_MEMBERSHIP = "set_membership"
    """Publishes the ladder of tiers, the rules of points, prices, kinds of coupons, the mall."""
    ISSUE_COUPONS = "issue_coupons"
    """Makes codes and sends coupons to members."""
    ADJUST_POINTS = "adjust_points"
    """Gives and takes points and growth value by hand."""
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
    SEE_DELIVERIES = "see_deliveries"
    """Sees what was sent by e-mail, to masked addresses, and what became of it."""
    MANAGE_MESSAGES = "manage_messages"
    """Tries a mail again, and sets how the tenant sends."""
    SEE_MATERIALS = "see_materials"
    EDIT_MATERIALS = "edit_materials"
    """Writes, offers and withdraws what promoters share, and the templates of posters; accepts what rules mind in somebody else's text."""


class Scope(StrEnum):
    """What an API key opens."""

    ORDERS_WRITE = "orders:write"
    ORDERS_READ = "orders:read"
    MEMBERS_WRITE = "members:write"
    MEMBERS_READ = "members:read"
    PROMOTERS_READ = "promoters:read"
    """Reads what the team wrote about promoters and did with them."""
    PROMOTERS_WRITE = "promoters:write"
    """Freezes promoters and lets them go on, writes notes and tags, moves them to another inviter."""
    PROMOTERS_MERGE = "promoters:merge"
    """Makes two promoters that are one person one: their money moves."""
    PLANS_WRITE = "plans:write"
    PLANS_READ = "plans:read"
    PLANS_APPROVE = "plans:approve"
    """Decides about a plan that somebody else wrote; a key that writes plans better lacks it."""
    RERATINGS_WRITE = "reratings:write"
    """Corrects attributions and asks for re-ratings."""
    RERATINGS_APPROVE = "reratings:approve"
    """Lets be posted what somebody else asked for."""
    PROMOTION_READ = "promotion:read"
    """Reads products, links, codes, bonds and the attribution policy."""
    PROMOTION_WRITE = "promotion:write"
    """Puts products, makes and switches links, reports touches, gives bonds, publishes the attribution policy."""
    MATERIALS_READ = "materials:read"
    """Reads the library of what promoters share, and a promoter's own copy of it."""
    MATERIALS_WRITE = "materials:write"
    """Writes materials, and notes that a promoter took one."""
    MATERIALS_APPROVE = "materials:approve"
    """Offers and withdraws materials that somebody else wrote; a key that writes them better lacks it."""
    MEMBERSHIP_READ = "membership:read"
    """Quotes prices; reads tiers, points, coupons, price rules, segments."""
    MEMBERSHIP_WRITE = "membership:write"
    """Earns, reserves and spends points and coupons for members; publishes rules of tiers, points and prices."""
    MONEY_READ = "money:read"
    """Reads withdrawals, statements, and papers masked."""
    MONEY_WRITE = "money:write"
    """Asks for withdrawals on behalf of promoters, and takes them back."""
    MONEY_APPROVE = "money:approve"
    """Approves and refuses withdrawals that somebody else asked for."""
    MONEY_SEND = "money:send"
    """Puts approved withdrawals into batches, takes the bank's file, tells what arrived; begins and stops settlement runs."""
    MONEY_RULES = "money:rules"
    """Sets the rules for withdrawals."""


_SEE = frozenset(
    {
        Permission.SEE_FIGURES,
        Permission.SEE_ORDERS,
        Permission.SEE_PROMOTERS,
        Permission.SEE_PROMOTION,
        Permission.SEE_MEMBERS,
        Permission.SEE_PLANS,
        Permission.SEE_LEDGER,
        Permission.SEE_MATERIALS,
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
        Permission.RERATE,
        Permission.SETTLE_REFUSED,
        Permission.SEE_DELIVERIES,
        Permission.MANAGE_MESSAGES,
        Permission.EDIT_MATERIALS,
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
        Permission.NOTE_PROMOTERS,
        Permission.MERGE_PROMOTERS,
    },
    Role.RISK: _SEE
    | {
        Permission.SEE_MONEY,
        Permission.APPROVE_MONEY,
        Permission.NOTE_PROMOTERS,
        Permission.MANAGE_PROMOTERS,
        Permission.MERGE_PROMOTERS,
    },
    Role.SUPPORT: frozenset(
        {
            Permission.SEE_ORDERS,
            Permission.SEE_PROMOTERS,
            Permission.SEE_PROMOTION,
            Permission.SEE_MEMBERS,
            Permission.NOTE_PROMOTERS,
            Permission.SEE_DELIVERIES,
        }
    ),
    Role.AUDITOR: _SEE | {Permission.SEE_MONEY, Permission.CHECK_LEDGER},
    Role.PROMOTER: frozenset(),
    Role.MEMBER: frozenset(),
}


def may(role: str, permission: Permission) -> bool:
    """Whether a role has a permission; unknown roles have none."""
    return any(permission in granted for known, granted in PERMISSIONS.items() if known == role)
