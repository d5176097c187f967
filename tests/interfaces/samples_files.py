"""Members as files in the console, filled as a shop would have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rongshu.interfaces.console.pages import files as pages

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
COUNTS = {"new": 1280, "updated": 312, "same": 4021, "wrong": 3}
OPTIONS = (("external_id", "外部编号"), ("phone", "手机"), ("name", "姓名"), ("birthday", "生日"), ("tags", "标签"),
           ("field:skin", "肤质"), ("consent:marketing_sms", "同意：短信优惠"))  # fmt: skip


def files() -> pages.MemberFiles:
    rows = (
        pages.FileRow("mfl_7k2m", "门店会员 2026-11.csv", NOW, None, {}, True, True),
        pages.FileRow("mfl_7k2n", "crm-export.csv", NOW, NOW, COUNTS, False, True),
        pages.FileRow("mfl_7k2p", "old.csv", NOW, None, {}, False, False),
    )
    form = pages.ExportForm(
        (("gold", "金卡"),), (("CN-GD", "广东"),), (("tag_1", "老客"),), (("seg_1", "沉睡客户"),), True
    )
    return pages.MemberFiles(rows, form, 16, 50_000)


def files_fresh() -> pages.MemberFiles:
    return pages.MemberFiles((), pages.ExportForm(), 16, 50_000)


def files_refused() -> pages.MemberFiles:
    form = replace(files().export, values={"full": "yes", "reason": ""})
    return replace(files(), export=form, problem="请说明为什么需要查看。", at="reason")


def one() -> pages.MemberFilePage:
    columns = (
        pages.ColumnRow(0, "会员号", ("A1001", "A1002", "A1003"), "external_id"),
        pages.ColumnRow(1, "手机", ("138****8001", "138****8002"), "phone"),
        pages.ColumnRow(2, "姓名", ("张三", "李四", "王小明"), "name"),
        pages.ColumnRow(3, "接受短信", ("是", "否"), "consent:marketing_sms"),
        pages.ColumnRow(4, "备注", ("老板的朋友",), ""),
    )
    examples = (
        pages.ExampleRow(2, "new", "张三", ("外部编号", "手机", "姓名")),
        pages.ExampleRow(5, "updated", "李四", ("姓名",)),
    )
    wrong = (
        pages.WrongRow(8, "手机: 表格软件截断了这个号码，请把该列设为文本格式后重新导出。"),
        pages.WrongRow(11, "这一行的编号、手机和邮箱属于不同的会员：A1001, A1002。请先合并，或更正这一行。"),
    )
    return pages.MemberFilePage(
        "mfl_7k2m",
        "门店会员 2026-11.csv",
        NOW,
        columns,
        OPTIONS,
        COUNTS,
        examples,
        wrong,
        True,
        "门店纸质登记表",
        "2026-11-01",
    )


def one_refused() -> pages.MemberFilePage:
    return replace(
        one(), counts={}, examples=(), wrong=(), source="", problem="请说明同意是在哪里、如何取得的。", at="source"
    )


def one_done() -> pages.MemberFilePage:
    return replace(one(), done_at=NOW, examples=())


def one_gone() -> pages.MemberFilePage:
    return replace(one_done(), columns=(), options=(), wrong=(), kept=False)


CONSOLE: dict[str, tuple[Callable[[], Any], str]] = {
    "member_files": (files, "members"),
    "member_files_fresh": (files_fresh, "members"),
    "member_files_refused": (files_refused, "members"),
    "member_file": (one, "members"),
    "member_file_refused": (one_refused, "members"),
    "member_file_done": (one_done, "members"),
    "member_file_gone": (one_gone, "members"),
}
