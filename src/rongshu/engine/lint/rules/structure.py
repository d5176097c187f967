"""STR: how deep pay goes, and what it depends on. The tests of a pyramid scheme."""

from __future__ import annotations

from collections.abc import Iterator

from rongshu.engine.jurisdictions.profiles import CHOICE, PYRAMID
from rongshu.engine.lint.report import BLOCK, WARN, Finding
from rongshu.engine.lint.rules.declared import PRIVACY, answers
from rongshu.engine.lint.rules.subject import DECLARE, Rule, Subject, not_declared
from rongshu.engine.plan.fields import write_percent
from rongshu.engine.ranks import Ladder
from rongshu.engine.wording import gettext_noop as _

COUNTING_NEEDS = ("invited_promoters", "team_size")
TEAM_NEEDS = (*COUNTING_NEEDS, "team_sales")


def depth(subject: Subject) -> Iterator[Finding]:
    """STR-01: more paid levels than the market allows at all."""
    most = subject.number("max_paid_depth")
    if subject.facts.filing_ref:
        most = max(most, subject.number("registered_depth"))
    if (found := subject.plan.max_level) > most:
        yield Finding(
            "STR-01", BLOCK, f"levels.{found}",
            _("The plan pays %(found)s levels; at most %(most)s are provided for here."),
            {"found": found, "most": most}, subject.basis("max_paid_depth"),
            _("Take out every level above %(most)s, and the overrides of those levels."), {"most": most},
        )  # fmt: skip


def second_level(subject: Subject) -> Iterator[Finding]:
    """STR-02: somebody is paid for another promoter's sale."""
    opinion = subject.number("opinion_depth")
    if subject.plan.max_level < 2 or subject.plan.max_level > max(2, subject.number("max_paid_depth")):
        return
    strict = bool(opinion) and subject.plan.max_level >= opinion and not subject.facts.legal_opinion_ref
    says = _("Level 2 pays the inviter for another promoter's sale: an upline paid on its downline's sales.")
    if strict:
        yield Finding(
            "STR-02", BLOCK, "levels.2", says, {}, subject.basis("opinion_depth"),
            _("Take level 2 out; or have a lawyer's opinion, declare its reference, and let a second person approve."), {},
            fact="legal_opinion_ref",
        )  # fmt: skip
    else:
        yield Finding(
            "STR-02", WARN, "levels.2", says, {}, subject.basis("max_paid_depth"),
            _("Take level 2 out, or let a second person answer for it with a reason."), {}, fact="legal_opinion_ref",
        )  # fmt: skip


def unbounded(subject: Subject) -> Iterator[Finding]:
    """STR-03: pay without a limit of depth."""
    differential = subject.plan.differential
    if differential is None:
        return
    remedy = _("Take it out; reward own sales by overrides with a rank, or by steps.")
    yield Finding(
        "STR-03", BLOCK, "differential",
        _("The differential walks up the chain without a limit of depth."), {}, PYRAMID, remedy,
    )  # fmt: skip
    if differential.peer is not None:
        yield Finding(
            "STR-03", BLOCK, "differential.peer",
            _("The peer bonus pays promoters for what others of their rank earn, at any depth."), {}, PYRAMID, remedy,
        )  # fmt: skip


def team_pay(subject: Subject) -> Iterator[Finding]:
    """STR-04: a leader is paid on the turnover of the team."""
    if subject.plan.differential is not None:
        yield Finding(
            "STR-04", BLOCK if subject.flag("team_pay_refused") else WARN, "differential",
            _("The differential pays a leader on the sales of everybody below: pay by team turnover."), {}, PYRAMID,
            _("Pay on a promoter's own sales only."),
        )  # fmt: skip


def purchases(subject: Subject) -> Iterator[Finding]:
    """STR-08: purchases that open the role or raise the rate."""
    yield from answers("STR-08", subject)
    if subject.plan.self_purchase != "rebate":
        return
    for key in ("overrides", "boosts"):
        for index, rule in enumerate(getattr(subject.plan, key)):
            if rule.when.tier is not None:
                yield Finding(
                    "STR-08", WARN, f"{key}[{index}].when.tier",
                    _("With rebates on own purchases this rate follows the member tier, which spending raises."), {}, PYRAMID,
                    _("Let the tier decide the member's own prices, not the commission."),
                )  # fmt: skip


def ranks_by_people(subject: Subject) -> Iterator[Finding]:
    """STR-11: ranks that depend on the people below."""
    used = _ranks_used(subject)
    if subject.ladder is None:
        if used:
            path = next(iter(used.values()))
            yield Finding(
                "STR-11", WARN, path,
                _("Ranks decide what is paid, and there is no ladder that says how a rank is reached."), {}, PYRAMID,
                _("Write the ladder, with ranks by own sales."), declared=False,
            )  # fmt: skip
        return
    yield from _needs_of_people(subject.ladder, used)


def _needs_of_people(ladder: Ladder, used: dict[str, str]) -> Iterator[Finding]:
    for rule in ladder.ranks:
        for need in TEAM_NEEDS:
            if need not in rule.needs.given:
                continue
            grave = need in COUNTING_NEEDS and rule.name in used
            says = (
                _("The rank %(rank)s raises what is paid and needs a number of people below (%(need)s).")
                if grave
                else _("The rank %(rank)s depends on the team (%(need)s).")
            )
            yield Finding(
                "STR-11", BLOCK if grave else WARN, used.get(rule.name, ""), says, {"rank": rule.name, "need": need}, PYRAMID,
                _("Let the rank depend on own sales, own orders or active months."),
            )  # fmt: skip


def _ranks_used(subject: Subject) -> dict[str, str]:
    """The ranks that decide what is paid, with the first place that names each."""
    plan = subject.plan
    places: list[tuple[str, str]] = []
    for key in ("overrides", "boosts"):
        for index, rule in enumerate(getattr(plan, key)):
            places += [(rank, f"{key}[{index}].when.rank") for rank in rule.when.rank or ()]
    if plan.differential is not None:
        places += [(rank, f"differential.ranks.{rank}") for rank in plan.differential.ranks]
    for index, pool in enumerate(plan.pools):
        places += [(rank, f"pools[{index}].eligible.rank") for rank in pool.eligible.rank or ()]
    return dict(reversed(places))


def retail(subject: Subject) -> Iterator[Finding]:
    """STR-13: most of what commission is paid for has to be bought by people who promote nothing."""
    share = subject.facts.retail_share
    block, warn = subject.number("retail_block"), subject.number("retail_warn")
    if share is None:
        yield not_declared(
            "STR-13", WARN, "retail_share",
            _("It is not known yet how much of the sales is bought by people who do not promote."), subject.basis("retail_warn"),
        )  # fmt: skip
    elif share < warn:
        limit = block if share < block else warn
        yield Finding(
            "STR-13", BLOCK if share < block else WARN, "",
            _("Of the sales of 90 days %(found)s were bought by people who do not promote; at least %(least)s are looked for."),
            {"found": write_percent(share), "least": write_percent(limit)}, subject.basis("retail_warn"),
            _("Find out why promoters buy themselves; sell to customers before the plan is published."), fact="retail_share",
        )  # fmt: skip


def own_purchases(subject: Subject) -> Iterator[Finding]:
    """STR-14: commission on own purchases."""
    if subject.plan.self_purchase == "rebate":
        yield Finding(
            "STR-14", WARN, "self_purchase",
            _("Promoters earn on their own purchases; these are discounts, not sales."), {}, CHOICE,
            _("Write `self_purchase: none` and give promoters a lower price; or book rebates as discounts and leave them out of ranks."),
        )  # fmt: skip


def bonds(subject: Subject) -> Iterator[Finding]:
    """STR-15: ties without an end."""
    yield from answers("STR-15", subject)
    days = subject.facts.bond_days
    if days is None:
        yield not_declared(
            "STR-15", WARN, "bond_days",
            _("It is not declared after how many days a customer's tie to a promoter ends."), PRIVACY,
        )  # fmt: skip
    elif days == 0:
        yield Finding(
            "STR-15", WARN, "", _("A customer's tie to a promoter never ends."), {}, PRIVACY,
            _("Let ties end after a time without a purchase."), fact="bond_days",
        )  # fmt: skip


def filing(subject: Subject) -> Iterator[Finding]:
    """STR-16: a licence, a filing or a registration has to come first."""
    wanted = subject.flag("filing") and subject.plan.max_level >= subject.number("filing_depth")
    if wanted and not subject.facts.filing_ref:
        yield Finding(
            "STR-16", BLOCK, "jurisdiction",
            _("A licence, filing or registration is needed here first, and its number is not declared."), {},
            subject.basis("filing"), DECLARE, fact="filing_ref", declared=False,
        )  # fmt: skip


RULES = (
    Rule("STR-01", _("Number of paid levels"), depth),
    Rule("STR-02", _("Pay for another's sale"), second_level),
    Rule("STR-03", _("Pay without a limit of depth"), unbounded),
    Rule("STR-04", _("Pay by team turnover"), team_pay),
    Rule("STR-08", _("Purchases to promote"), purchases),
    Rule("STR-11", _("Ranks by people below"), ranks_by_people),
    Rule("STR-13", _("Sales to people who do not promote"), retail),
    Rule("STR-14", _("Own purchases"), own_purchases),
    Rule("STR-15", _("Leaving, and ties that end"), bonds),
    Rule("STR-16", _("Licence or filing"), filing),
)
