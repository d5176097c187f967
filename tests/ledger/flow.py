"""A tenant's whole life driven step by step: orders, refunds, statuses, the job, withdrawals; beside the slow reference.

What is accepted waits in the inbox, here as there, and is worked off in cuts of any size. The reference rates each order by
itself (`tests.reference.commission`) and follows the money by hand (`tests.reference.life`).
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import orjson
import yaml
from django.db import connection, transaction

from rongshu.domain.commission.plans.actions import publish_plan
from rongshu.domain.commission.release.actions import release_due
from rongshu.domain.members.profiles.actions import ensure_members
from rongshu.domain.referral.bonds.actions import bond_members
from rongshu.domain.referral.promoters.actions import Joining, end_promoter, enrol_promoters
from rongshu.flows.intake.accept import accept_orders, accept_refunds, accept_statuses
from rongshu.flows.intake.results import Outcome
from rongshu.flows.intake.shapes import ORDERS, REFUNDS, STATUSES
from rongshu.flows.intake.work import work_off
from rongshu.flows.verify import Verdict, verify_now
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger import actions
from rongshu.ledger.queries import Finding
from tests.factories import TESTER, found_here
from tests.ledger.trial import DifferenceError, demand
from tests.reference import commission
from tests.reference.generators import Dice, RandomDice, chance, choose, shuffled, some
from tests.reference.life import Life

START = datetime(2026, 3, 31, 2, tzinfo=UTC)
ZONE = "Asia/Shanghai"
LONG_AGO = START - timedelta(days=400)
RELEASE = {"after": "completed", "days": 2}

PLAIN: dict[str, Any] = {
    "name": "plain",
    "levels": {1: {"rate": "10%"}, 2: {"rate": "3%"}},
    "caps": {"order": "11.1111%"},
}
CAPPED: dict[str, Any] = {
    "name": "capped",
    "levels": {1: {"rate": "33.3333%"}, 2: {"rate": "12.5%"}, 3: {"rate": "1%"}},
    "overrides": [{"id": "first", "level": 1, "when": {"order": "first"}, "rate": "50%"}],
    "caps": {"promoter_day": "20.00", "promoter_month": "45.00"},
}
COMPRESSED: dict[str, Any] = {
    "name": "compressed",
    "compress": True,
    "self_purchase": "rebate",
    "levels": {1: {"rate": "7%"}, 2: {"rate": "66.6667%"}, 3: {"rate": "0.5%"}},
    "caps": {"order": "50%"},
}
AT_ONCE: dict[str, Any] = {
    "name": "at once",
    "jurisdiction": "XX",
    "levels": {1: {"rate": "10%"}, 2: {"rate": "5%"}},
    "release": {**RELEASE, "instant_below": "5.00"},
}
PLANS = (PLAIN, CAPPED, COMPRESSED, AT_ONCE)
PAID = ("100.00", "0.01", "0.03", "9.99", "0.00", "123.45", "1.00", "33.33", "7.00")
FOREST = {"p0": "", "p1": "p0", "p2": "p1", "p3": "p2", "p4": "p0"}
ENDED = "p1"
"""Stopped a day before the start, so that compression has somebody to pass over."""
BUYERS = ("b0", "b1", "p3", "p0", None)
BONDED = ("b0", "p2")

BALANCES = """
    SELECT owner, book, amount FROM ledger_balance WHERE tenant_id = %(tenant)s AND owner > 0
    UNION ALL SELECT owner, 101, sum(delta) FROM (
        SELECT cr_owner AS owner, amount AS delta FROM ledger_transfer WHERE tenant_id = %(tenant)s AND cr_book = 101
        UNION ALL SELECT dr_owner, -amount FROM ledger_transfer WHERE tenant_id = %(tenant)s AND dr_book = 101) p
        GROUP BY owner
    UNION ALL SELECT beneficiary_id, 0, sum(amount - reversed) FROM commission_commission
        WHERE tenant_id = %(tenant)s AND state = 0 GROUP BY 1
    UNION ALL SELECT 0, 1, count(*) FROM commerce_inbox WHERE tenant_id = %(tenant)s AND refused_at IS NOT NULL
"""
OPEN = 0
"""Not a book: the sum of the commissions that are still pending."""


def full_plan(plan: dict[str, Any]) -> dict[str, Any]:
    return {
        "currency": "CNY", "jurisdiction": "CN", "basis": "paid", "self_purchase": "none", "release": RELEASE, **plan
    }  # fmt: skip


WITHDRAWALS = ("reserved = open withdrawals", "paid out, tax and fees = confirmed withdrawals")
"""What holds between the ledger and withdrawals; these trials reserve and pay on the ledger alone."""


def books_of(verdict: Verdict) -> list[Finding]:
    """What verification found, but for the withdrawals that these trials do without."""
    return [finding for finding in verdict.findings if finding.name not in WITHDRAWALS]


class Live(Life):
    """`below`: rows of an order that are less are released with the rating."""

    def order_paid_now(self, order_id: str, below: int, *rest: Any) -> None:
        self.order_paid(order_id, *rest)
        for each in self.orders[order_id].commissions:
            if 0 < each.amount < below:
                each.released = True
                account = self.account(each.beneficiary)
                account.pending -= each.amount - each.reversed
                self.receive(account, each.amount - each.reversed)


@dataclass
class Rater:
    """The reference's rating, one order after the other in the sequence in which they are worked off."""

    promoters: list[dict[str, str]]
    versions: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)
    used: commission.Used = field(default_factory=commission.Used)
    seen: set[str] = field(default_factory=set)

    def plan_at(self, moment: datetime) -> dict[str, Any]:
        return [plan for start, plan in self.versions if start <= moment][-1]

    def rate(self, body: dict[str, Any], promoter: str) -> list[commission.Row]:
        lines = [
            commission.Line(
                number, line["sku"], line.get("category", ""), line.get("qty", 1),
                commission.minor_units(line["paid"], "CNY"), commission.minor_units(line.get("cost", "0"), "CNY"),
            )
            for number, line in enumerate(body["lines"], 1)
        ]  # fmt: skip
        buyer = body.get("buyer") or ""
        moment = datetime.fromisoformat(body["paid_at"])
        order = commission.Order(body["id"], buyer, promoter, moment, "", "", "", "", lines)
        if buyer:
            order.first = buyer not in self.seen
            self.seen.add(buyer)
        plan = self.plan_at(order.paid_at)
        forest = commission.read_promoters(self.promoters)
        rows = commission.level_rows(plan, order, commission.chain_of(plan, order, forest), ZONE)
        rows = sorted((row for row in rows if row.before_caps > 0), key=commission.Row.place)
        commission.cut_to_order_cap(rows, commission.order_limit(plan, order))
        commission.cut_to_promoter_caps(plan, order, rows, self.used_within(plan), ZONE)
        today = commission.local_day(order.paid_at, ZONE)
        for row in rows:
            day, month = (row.beneficiary, today), (row.beneficiary, today.year, today.month)
            self.used.day[day] = self.used.day.get(day, 0) + row.amount
            self.used.month[month] = self.used.month.get(month, 0) + row.amount
        return rows

    def used_within(self, plan: dict[str, Any]) -> commission.Used:
        """What was used, at most as much as the plan allows: an earlier version may have allowed more."""
        caps = plan.get("caps") or {}
        most = {
            name: commission.minor_units(caps.get(name, "1" + "0" * 15), "CNY")
            for name in ("promoter_day", "promoter_month")
        }
        return commission.Used(
            {key: min(used, most["promoter_day"]) for key, used in self.used.day.items()},
            {key: min(used, most["promoter_month"]) for key, used in self.used.month.items()},
        )


class FlowTrial:
    STEPS = (
        "orders", "orders", "orders", "refunds", "refunds", "refunds", "statuses", "statuses", "work", "work", "work",
        "release", "release", "wait", "withdraw", "end_withdrawal", "publish", "publish",
    )  # fmt: skip

    def __init__(self, plan: dict[str, Any], *, keep: bool = False) -> None:
        """`keep` leaves the tenant behind instead of throwing it away."""
        self.keep = keep
        self.tenant = new_id()
        self.now = START
        promoters = [
            {
                "promoter_id": name,
                "inviter_id": inviter,
                "joined_at": LONG_AGO.isoformat(),
                "active_from": LONG_AGO.isoformat(),
                "active_to": (START - timedelta(days=1)).isoformat() if name == ENDED else "",
            }
            for name, inviter in FOREST.items()
        ]
        self.rater = Rater(promoters, [(LONG_AGO, full_plan(plan))])
        self.life = Live(full_plan(plan))
        self.bodies: dict[str, dict[str, Any]] = {}
        """Every order there is, delivered or not."""
        self.rated: dict[str, list[commission.Row]] = {}
        self.keys: dict[tuple[str, str], bytes] = {}
        self.sent: dict[str, list[dict[str, Any]]] = {"orders": [], "refunds": [], "statuses": []}
        self.inbox: list[tuple[str, list[dict[str, Any]]]] = []
        self.parked: dict[str, list[tuple[str, list[dict[str, Any]]]]] = {}
        self.refunded: dict[tuple[str, int], int] = {}
        self.cancelled: dict[str, bool] = {}
        self.refused = 0
        self.withdrawals: dict[str, tuple[str, int]] = {}
        self.numbers = 0

    def __enter__(self) -> Self:
        self.stack = ExitStack()
        self.stack.enter_context(tenant_scope(self.tenant))
        self.house = found_here(now=LONG_AGO, zone=ZONE)
        self.members = ensure_members(external_ids=[*FOREST, *(buyer for buyer in BUYERS if buyer)], now=LONG_AGO)
        enrol_promoters(
            joinings=[
                Joining(self.members[name], self.members[inviter] if inviter else None, LONG_AGO)
                for name, inviter in FOREST.items()
            ],
            by=TESTER,
            now=LONG_AGO,
        )
        end_promoter(promoter_id=self.members[ENDED], by=TESTER, now=START - timedelta(days=1))
        bond_members(bonds={self.members[BONDED[0]]: self.members[BONDED[1]]}, by=TESTER, now=LONG_AGO)
        self.publish_version(self.rater.versions[0][1], LONG_AGO)
        self.names = {identifier: name for name, identifier in self.members.items()}
        return self

    def __exit__(self, *_: object) -> None:
        if not self.keep:
            transaction.set_rollback(True)
        self.stack.close()

    def publish_version(self, plan: dict[str, Any], start: datetime) -> None:
        publish_plan(text=yaml.safe_dump(plan, sort_keys=False), effective_from=start, by=TESTER, now=self.now)

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    # ---- what is sent

    def an_order(self, dice: Dice) -> str:
        """A new order; it may not be delivered for long."""
        name = f"o{dice.between(0, 9)}-{self.number()}"
        paid_at = self.now - timedelta(minutes=choose(dice, (0, 1, 30, 1, 600, 5000)))
        body: dict[str, Any] = {
            "id": name,
            "paid_at": paid_at.isoformat(),
            "lines": [
                {"sku": "A", "paid": choose(dice, PAID), "qty": choose(dice, (1, 1, 2, 3))}
                for _ in range(dice.between(1, 3))
            ],
        }
        buyer = choose(dice, BUYERS)
        if buyer:
            body["buyer"] = buyer
        if chance(dice, 85):
            body["promoter"] = choose(dice, ("p3", "p2", "p4", "p0"))
        if chance(dice, 20):
            body["completed_at"] = (paid_at + timedelta(hours=1)).isoformat()
        self.bodies[name] = body
        return name

    def some_order(self, dice: Dice) -> str:
        if not self.bodies or chance(dice, 15):
            return self.an_order(dice)
        return choose(dice, list(self.bodies)[-6:])

    def send(self, kind: str, entries: list[dict[str, Any]]) -> None:
        """Delivers a call and holds each result to what it should be."""
        entries = [dict(entry) for entry in entries]
        expected: list[Outcome] = []
        fresh: list[dict[str, Any]] = []
        outcomes: dict[str, Outcome] = {}
        for entry in list(entries):
            ref = entry["order"] + ":" + entry["status"] if kind == "statuses" else entry["id"]
            if outcomes.get(ref) in (Outcome.REFUSED, Outcome.CONFLICT):
                entries[:] = [
                    each for each in entries if each is not entry
                ]  # what a call says of a repetition of what it refuses is a test of its own
                continue
            content = orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)
            if kind == "refunds" and entry["order"] in self.rated and not self.lines_exist(entry):
                expected.append(Outcome.REFUSED)
            elif (kind, ref) not in self.keys:
                self.keys[kind, ref] = content
                expected.append(Outcome.ACCEPTED)
                fresh.append(entry)
            else:
                expected.append(Outcome.DUPLICATE if self.keys[kind, ref] == content else Outcome.CONFLICT)
            outcomes.setdefault(ref, expected[-1])
        common = {"tenant": self.house, "by": TESTER, "now": self.now}
        with tenant_scope(self.tenant):
            if kind == "orders":
                accepted = accept_orders(orders=ORDERS.validate_python(entries), **common)
            elif kind == "refunds":
                accepted = accept_refunds(refunds=REFUNDS.validate_python(entries), **common)
            else:
                accepted = accept_statuses(statuses=STATUSES.validate_python(entries), **common)
        demand([result.outcome for result in accepted.results], expected, f"outcomes of {kind}")
        self.sent[kind] = [*self.sent[kind], *fresh][-30:]
        if fresh:
            self.inbox.append((kind, fresh))

    def lines_exist(self, refund: dict[str, Any]) -> bool:
        return all(line["line_no"] <= len(self.bodies[refund["order"]]["lines"]) for line in refund["lines"])

    def again(self, dice: Dice, kind: str, field_name: str, other: Any) -> list[dict[str, Any]]:
        """What was sent before, sent again; some of it changed."""
        if not self.sent[kind] or not chance(dice, 40):
            return []
        entries = []
        for entry in some(dice, self.sent[kind], 1, 3):
            entries += [entry] * choose(dice, (1, 1, 2, 4))
            if chance(dice, 30):
                entries.append({**entry, field_name: other})
        return entries

    # ---- steps

    def orders(self, dice: Dice) -> None:
        waiting = [name for name in self.bodies if ("orders", name) not in self.keys]
        names = some(dice, waiting, 0, min(2, len(waiting)))
        names += [self.an_order(dice) for _ in range(dice.between(0 if names else 1, 3))]
        entries = [self.bodies[name] for name in names for _ in range(choose(dice, (1, 1, 1, 2)))]
        changed = [{"sku": "A", "paid": "55.55"}]
        self.send("orders", shuffled(dice, [*entries, *self.again(dice, "orders", "lines", changed)]))

    def refunds(self, dice: Dice) -> None:
        entries = []
        for _ in range(dice.between(1, 3)):
            if not entries or chance(dice, 60):  # else the same order once more
                order = self.bodies[self.some_order(dice)]
            lines = []
            for number, line in enumerate(order["lines"], 1):
                units = commission.minor_units(line["paid"], "CNY")
                if lines and chance(dice, 50):
                    continue
                taken = choose(dice, (units, units // 2, units // 3, 1, units + 1, units // 7, 3))
                lines.append({"line_no": number, "amount": commission.decimal_text(max(1, taken), "CNY")})
            if chance(dice, 4):
                lines.append({"line_no": 9, "amount": "1.00"})
            name = f"r{dice.between(0, 9)}-{self.number()}"
            entries.append({"id": name, "order": order["id"], "refunded_at": self.now.isoformat(), "lines": lines})
        other = [{"line_no": 1, "amount": "77.77"}]
        self.send("refunds", [*entries, *self.again(dice, "refunds", "lines", other)])

    def statuses(self, dice: Dice) -> None:
        entries = []
        for _ in range(dice.between(1, 3)):
            order = self.some_order(dice)
            status = "cancelled" if chance(dice, 20) else "completed"
            at = self.now - timedelta(hours=choose(dice, (0, 1, 100, 200)))
            entries.append({"order": order, "status": status, "at": at.isoformat()})
        self.send("statuses", [*entries, *self.again(dice, "statuses", "at", LONG_AGO.isoformat())])

    def wait(self, dice: Dice) -> None:
        self.now += timedelta(hours=choose(dice, (1, 1, 24, 72)))

    def publish(self, dice: Dice) -> None:
        """The plan changes once, from now on."""
        if len(self.rater.versions) == 1:
            plan = full_plan(choose(dice, (CAPPED, *PLANS)))
            start = self.now + timedelta(seconds=1)
            self.publish_version(plan, start)
            self.rater.versions.append((start, plan))
            self.now += timedelta(minutes=1)

    def work(self, dice: Dice) -> None:
        self.work_off(choose(dice, (5000, 1, 2, 4, 5000)))

    def work_off(self, entries: int) -> None:
        taken: list[tuple[str, list[dict[str, Any]]]] = []
        count = 0
        while self.inbox and count < entries:
            taken.append(self.inbox.pop(0))
            count += len(taken[-1][1])
        demand(work_off(self.tenant, now=self.now, entries=entries), count, "entries worked off")
        orders = [entry for kind, some_entries in taken if kind == "orders" for entry in some_entries]
        for order in sorted(orders, key=lambda order: datetime.fromisoformat(order["paid_at"])):
            self.order_rated(order)
        taken += [woken for order in orders for woken in self.parked.pop(order["id"], [])]
        for kind in ("refunds", "completed", "cancelled"):
            for found, some_entries in taken:
                for entry in some_entries:
                    if kind == entry.get("status", found):
                        self.apply(kind, entry)

    def order_rated(self, body: dict[str, Any]) -> None:
        name = body["id"]
        promoter = body.get("promoter") or (BONDED[1] if body.get("buyer") == BONDED[0] else "")
        rows = self.rated[name] = self.rater.rate(body, promoter)
        moment = datetime.fromisoformat(body["paid_at"])
        paid = {number: commission.minor_units(line["paid"], "CNY") for number, line in enumerate(body["lines"], 1)}
        plan = self.rater.plan_at(moment)
        below = plan["release"].get("instant_below") if plan["jurisdiction"] == "XX" else None
        self.life.order_paid_now(
            name, commission.minor_units(below, "CNY") if below else 0, moment, paid,
            [(row.line.number, row.beneficiary, row.amount) for row in rows],
        )  # fmt: skip
        self.refunded |= {(name, number): 0 for number in paid}
        self.cancelled[name] = False
        if body.get("completed_at"):
            self.life.order_completed(name, datetime.fromisoformat(body["completed_at"]))

    def apply(self, kind: str, entry: dict[str, Any]) -> None:
        name = entry["order"]
        if name not in self.rated:
            self.parked.setdefault(name, []).append(("statuses" if "status" in entry else kind, [entry]))
        elif kind == "completed":
            if not self.cancelled[name]:
                self.life.order_completed(name, datetime.fromisoformat(entry["at"]))
        elif kind == "cancelled":
            if not self.cancelled[name]:
                self.cancelled[name] = True
                paid = self.life.orders[name].paid
                self.refund(f"cancelled {name}", name, {line: paid[line] - self.refunded[name, line] for line in paid})
        elif self.lines_exist(entry):
            amounts = {line["line_no"]: commission.minor_units(line["amount"], "CNY") for line in entry["lines"]}
            self.refund(entry["id"], name, amounts)
        else:
            self.refused += 1

    def refund(self, refund: str, order: str, amounts: dict[int, int]) -> None:
        amounts = {line: amount for line, amount in amounts.items() if amount > 0}
        for line, amount in amounts.items():
            self.refunded[order, line] += amount
        self.life.refund(refund, order, amounts)

    def release(self, dice: Dice) -> None:
        limit = choose(dice, (5000, 1, 2))
        with tenant_scope(self.tenant):
            while release_due(now=self.now, limit=limit):
                pass
        self.life.release(self.now)

    def withdraw(self, dice: Dice) -> None:
        rich = [name for name in FOREST if self.life.account(name).available]
        name = choose(dice, rich or list(FOREST))
        there = self.life.account(name).available
        amount = choose(dice, (there, there // 2, there + 1, 1))
        ref = f"w{self.number()}"
        expected = self.life.withdraw(ref, name, amount)
        try:
            done = actions.reserve(ref=ref, owner=self.members[name], amount=amount, now=self.now)
        except Refusal:
            done = False
        demand(done, expected, f"withdrawal of {amount} of {there}")
        if done:
            self.withdrawals[ref] = (name, amount)

    def end_withdrawal(self, dice: Dice) -> None:
        if not self.withdrawals:
            return
        ref = choose(dice, sorted(self.withdrawals))
        name, amount = self.withdrawals.pop(ref)
        if chance(dice, 60):
            actions.give_back(ref=ref, owner=self.members[name], amount=amount, now=self.now)
            self.life.withdrawal_failed(ref)
        else:
            tax = amount // 5
            actions.pay_reserved(ref=ref, owner=self.members[name], amount=amount, tax=tax, now=self.now)
            self.life.withdrawal_paid(ref)

    # ---- comparison

    def check(self) -> None:
        found: dict[tuple[str, int], int] = {}
        refused = 0
        with connection.cursor() as cursor:
            cursor.execute(BALANCES, {"tenant": self.tenant})
            for owner, book, amount in cursor.fetchall():
                if owner:
                    found[self.names[owner], book] = int(amount)
                else:
                    refused = int(amount)
        if refused != self.refused:
            self.look_why(refused)
        expected = {}
        for name, account in self.life.accounts.items():
            books = {
                101: account.pending,
                OPEN: account.pending,
                102: account.available,
                103: account.reserved,
                104: account.debt,
            }
            expected |= {(name, book): amount for book, amount in books.items()}
        demand(
            {place: amount for place, amount in found.items() if amount},
            {place: amount for place, amount in expected.items() if amount},
            "balances",
        )

    def look_why(self, refused: int) -> None:
        """Entries are set aside that should not be, or the other way round; a crash of the code itself is told apart."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT error FROM commerce_inbox WHERE tenant_id = %s AND refused_at IS NOT NULL", [self.tenant]
            )
            errors = [error for (error,) in cursor.fetchall() if "has no line" not in error]
        if any(not error.split(":")[0].endswith("Violation") for error in errors):
            raise RuntimeError(f"set aside: {errors}")
        raise DifferenceError(f"{refused} entries set aside, expected {self.refused}: {errors}")

    def finish(self) -> None:
        """Everything is worked off; every commission, with its trace, is the reference's; the invariants hold."""
        self.work_off(1_000_000)
        self.check()
        demand(
            self.commissions(),
            sorted(
                (
                    name, row.line.number, row.level, row.beneficiary, row.rule, row.base,
                    -1 if row.ppm is None else row.ppm, row.before_caps, row.cut_order, row.cut_day, row.cut_month,
                    row.amount, each.reversed, int(each.released),
                )
                for name, rows in self.rated.items()
                for row, each in zip(rows, self.life.orders[name].commissions, strict=True)
            ),
            "commissions",
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT o.external_id, l.line_no, l.refunded, o.completed_at, o.cancelled_at IS NOT NULL FROM commerce_order o "
                "JOIN commerce_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id WHERE o.tenant_id = %s ORDER BY 1, 2",
                [self.tenant],
            )
            demand(
                cursor.fetchall(),
                [
                    (name, line, refunded, self.life.completed.get(name), self.cancelled[name])
                    for (name, line), refunded in sorted(self.refunded.items())
                ],
                "orders",
            )
        for finding in books_of(verify_now()):
            demand(finding.differences, 0, f"{finding.name} {finding.examples}")

    def commissions(self) -> list[tuple[Any, ...]]:
        """Every row, by what the outside calls things. A row whose order is due is released even when nothing is left of it."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT o.external_id, c.line_no, c.level, c.beneficiary_id, c.rule, c.base, c.ppm, c.before_caps, c.cut_order, "
                "c.cut_day, c.cut_month, c.amount, c.reversed, "
                "CASE WHEN o.cancelled_at IS NULL THEN c.state ELSE -1 END FROM commission_commission c "
                "JOIN commerce_order o ON o.tenant_id = c.tenant_id AND o.id = c.order_id WHERE c.tenant_id = %s",
                [self.tenant],
            )
            rows = [(row[0], row[1], row[2], self.names[row[3]], *row[4:]) for row in cursor.fetchall()]
        states = {
            (name, each.line_no, each.beneficiary): each
            for name, order in self.life.orders.items()
            for each in order.commissions
        }
        return sorted(
            (*row[:-1], int(states[row[0], row[1], row[3]].released) if row[-1] < 0 else row[-1]) for row in rows
        )

    def step(self, dice: Dice) -> None:
        getattr(self, choose(dice, self.STEPS))(dice)
        self.check()


def run_flow(seed: int, steps: int) -> int:
    """One seeded life of a tenant; how many steps. Raises what it finds."""
    dice = RandomDice(seed)
    with FlowTrial(PLANS[seed % len(PLANS)]) as trial:
        for _ in range(steps):
            trial.step(dice)
        trial.finish()
    return steps
