"""Sample pages about batches and providers."""

from __future__ import annotations

from datetime import timedelta

from rongshu.interfaces.console.pages import payouts as pages
from rongshu.interfaces.faces.parts import Cursor
from tests.interfaces.samples_money import CHEN, NOW, _row, _yuan


def _batch(provider: str = "bank", state: str = "sending") -> pages.BatchRow:
    return pages.BatchRow(
        id="bat_0am6k74jr0200", provider=provider, state=state, withdrawals=2, amount=_yuan(9000), tax=_yuan(1440), fee=_yuan(0),
        net=_yuan(7560), made_at=NOW - timedelta(hours=1), who="周会计", sends_at=NOW + timedelta(minutes=20),
        taken_at=NOW if provider == "bank" else None, settled_at=NOW if state == "settled" else None,
        undone_at=NOW if state == "undone" else None, undone_by="何静" if state == "undone" else "",
    )  # fmt: skip


def bank() -> pages.Payout:
    rows = (pages.PaidRow(_row("sent")), pages.PaidRow(_row("confirmed", CHEN, 8000)))
    return pages.Payout(
        _batch(), rows, 1, may_send=True, problems=("第 2 行的状态 maybe 既不是成功也不是失败。未作任何更改。",)
    )


def called() -> pages.Payout:
    rows = (
        pages.PaidRow(_row("sent"), "stuck", "渠道返回了这里不认识的代码。请到渠道查询，再重新查询或结束这笔付款。", "SOMETHING_NEW", may_end=True),
        pages.PaidRow(_row("sent", CHEN, 2200), "to_confirm"),
        pages.PaidRow(_row("confirmed", CHEN, 8000), "paid"),
    )  # fmt: skip
    totals = (("paid", 1, _yuan(7680)), ("stuck", 1, _yuan(960)), ("to_confirm", 1, _yuan(2112)))
    return pages.Payout(_batch("wechat"), rows, 2, may_send=True, called=True, totals=totals)


def undoable() -> pages.Payout:
    rows = (pages.PaidRow(_row("sent"), "waiting"),)
    totals = (("waiting", 1, _yuan(960)),)
    return pages.Payout(_batch("alipay", "made"), rows, 1, may_send=True, minutes_left=20, called=True, totals=totals)


def undone() -> pages.Payout:
    return pages.Payout(_batch("alipay", "undone"), (), 0, may_send=True, called=True)


def payouts() -> pages.Payouts:
    rows = tuple(
        _batch(*one) for one in (("wechat", "made"), ("alipay", "sending"), ("bank", "settled"), ("manual", "undone"))
    )
    totals = (pages.ProviderTotal("alipay", 2, _yuan(7560)), pages.ProviderTotal("wechat", 2, _yuan(7560)))
    return pages.Payouts(rows, Cursor("z"), "2026-11", totals, may_set=True)


def providers() -> pages.Providers:
    wechat = (
        pages.Entry("mchid", "商户号", "", "1900000109"),
        pages.Entry("private_key", "API 证书私钥", "apiclient_key.pem 的全部内容。", secret=True, kept=True, long=True),
        pages.Entry("apiv3_key", "APIv3 密钥", "32 个字符。", secret=True, wrong=True),
    )
    alipay = (
        pages.Entry("app_id", "应用编号", ""),
        pages.Entry("public_key", "支付宝公钥", "", secret=True, long=True),
    )
    return pages.Providers(
        forms=(
            pages.ProviderForm("wechat", wechat, NOW, "何静", "https://shop.example.com/providers/rongshu/wechat"),
            pages.ProviderForm("alipay", alipay),
        ),
        may_set=True,
        problem="APIv3 密钥为 32 个字符。",
    )


CONSOLE = {
    "payout": (bank, "money"), "payout_called": (called, "money"), "payout_undoable": (undoable, "money"),
    "payout_undone": (undone, "money"), "payouts": (payouts, "money"), "providers": (providers, "money"),
    "no_payouts": (lambda: pages.Payouts((), Cursor(), "2026-11"), "money"),
}  # fmt: skip
