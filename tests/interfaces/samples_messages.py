"""Sample pages about messages and mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rongshu.interfaces.console.pages import messages as console
from rongshu.interfaces.faces.message_parts import ChoiceRow, MessageRow
from rongshu.interfaces.faces.parts import Cursor
from rongshu.interfaces.portal.pages import messages as portal
from rongshu.interfaces.portal.pages.notices import NoticeRow

NOW = datetime(2026, 11, 22, 11, 32, tzinfo=UTC)

MINE = (
    MessageRow("msg_1", "提现未到账", "你申请的 ¥1,000.00 提现没有付成：户名与账号不符。金额已退回可提现余额，请核对收款账户后再提现。", NOW, True),
    MessageRow("msg_2", "提现已到账", "你申请的 ¥800.00 提现已向你的账户付款 ¥796.00。税款和手续费见对账单。", NOW - timedelta(days=2), True),
    MessageRow("msg_3", "佣金已可提现", "2026年11月19日有 ¥3,200.00 佣金转为可提现。", NOW - timedelta(days=3), False),
)  # fmt: skip
CHOICES = (
    ChoiceRow("withdrawal.confirmed", "提现到账", True, True, False, False, False),
    ChoiceRow("withdrawal.failed", "提现未到账", True, True, True, False, False),
    ChoiceRow("plan.changed", "规则变更", False, True, False, True, False),
    ChoiceRow("rank.changed", "新等级", True, False, False, False, True),
)
TEAM = (
    MessageRow("msg_4", "有提现等待审批", "等待审批：12 笔，共 ¥38,400.00。最早的一笔从 2026年11月20日 开始等待。", NOW, True),
    MessageRow("msg_5", "账本核对发现差异", "每小时核对发现的差异：2。资金不会因此变动；请在下次付款前查看。", NOW - timedelta(days=1), False),
)  # fmt: skip


def _mail(state: str, trouble: str = "", attempts: int = 1) -> console.DeliveryRow:
    return console.DeliveryRow(
        id="eml_1", title="提现已到账", address="l***@example.org", person="mem_7k2m", state=state, trouble=trouble, attempts=attempts,
        at=NOW, due_at=NOW + timedelta(minutes=30) if state == "waiting" else None, may_retry=state in ("failed", "gave_up"),
    )  # fmt: skip


def deliveries(*, off: bool = False) -> console.Deliveries:
    rows = (
        _mail("waiting", "对方服务器暂时不收。 (450 4.2.1)", 3), _mail("sent"), _mail("failed", "没有这个邮箱。 (550 5.1.1)"),
        _mail("gave_up", "连不上邮件服务器。", 7), _mail("dropped", "收件人已关闭此类邮件。", 0),
    )  # fmt: skip
    return console.Deliveries(
        state="",
        rows=() if off else rows,
        cursor=Cursor(None if off else "z"),
        lacks=(("RONGSHU_SMTP_URL", "没有指定邮件服务器。"), ("RONGSHU_SITE_URL", "没有指定本系统对外的网址。"))
        if off
        else (),
        server="" if off else "smtp.example.com:587",
        sender="" if off else "no-reply@example.com",
        last_sent=None if off else NOW,
        mail=True,
        quiet_from="25" if off else "21",
        quiet_until="9",
        may_manage=not off,
        problem="小时是 0 到 23 的数字。" if off else "",
    )


CONSOLE = {
    "messages": (lambda: console.Messages(TEAM, 1, Cursor("z"), True), "messages"),
    "no_messages": (lambda: console.Messages((), 0, Cursor(), False), "messages"),
    "message_choices": (lambda: console.MessageChoices(CHOICES, "h***@example.org", True, True), "messages"),
    "message_choices_off": (
        lambda: console.MessageChoices((), "", False, False, "何静", "邮箱地址形如 name@example.com。"), "messages",
    ),
    "deliveries": (deliveries, "messages"), "deliveries_off": (lambda: deliveries(off=True), "messages"),
}  # fmt: skip
PORTAL = {
    "messages": (
        lambda: portal.Messages(MINE, (NoticeRow("ntc_1", False, NOW + timedelta(days=20), False, 2, True),), 2, Cursor("z")), "me",
    ),
    "no_messages": (lambda: portal.Messages((), (), 0, Cursor()), "me"),
    "message_choices": (lambda: portal.MessageChoices(CHOICES, "l***@example.org", True, "21:00 – 9:00"), "me"),
    "message_choices_off": (lambda: portal.MessageChoices(CHOICES, "", False, ""), "me"),
}  # fmt: skip
