"""The stand-in's Alipay: one gateway, RSA2 both ways, a packed bill."""

from __future__ import annotations

import base64
import csv
import io
import json
import secrets
import zipfile
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from rongshu.engine.money import MoneyError, format_units, parse_units
from rongshu.interfaces.sandbox.book import CHINA, Book, Transfer
from rongshu.interfaces.sandbox.keys import Keys, private
from rongshu.interfaces.sandbox.wechat import Reply

_STATES = {"going": "DEALING", "paid": "SUCCESS", "failed": "FAIL", "returned": "REFUND", "closed": "CLOSED"}


class AlipaySide:
    def __init__(self, book: Book, keys: Keys, address: str) -> None:
        self.book, self.keys, self.address = book, keys, address
        self._own, self._stranger = private(keys.alipay), private(keys.stranger)
        self._app = private(keys.app).public_key()

    def answer(self, body: bytes) -> Reply:
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        method = form.get("method", "")
        if not self._genuine(form):
            return self._signed(
                method, {"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-signature"}
            )
        content = json.loads(form.get("biz_content", "{}"))
        if method == "alipay.fund.trans.uni.transfer":
            return self._transfer(method, content, form.get("notify_url", ""))
        if method == "alipay.fund.trans.common.query":
            self.book.calls.append(("alipay", "query", str(content.get("out_biz_no", ""))))
            known = self.book.find("alipay", str(content.get("out_biz_no", "")))
            if known is None:
                return self._no(method, "ORDER_NOT_EXIST", "转账订单不存在")
            return self._signed(method, {"code": "10000", "msg": "Success", **self._as_told(known)})
        if method == "alipay.fund.account.query":
            amount = format_units(self.book.balances["alipay"], "CNY")
            return self._signed(method, {"code": "10000", "msg": "Success", "available_amount": amount})
        if method == "alipay.data.dataservice.bill.downloadurl.query":
            day = str(content.get("bill_date", ""))
            if not self.book.of_day("alipay", day):
                return self._no(method, "isp.bill_not_exist", "账单不存在")
            url = f"{self.address}/alipay-bill?day={day}"
            return self._signed(method, {"code": "10000", "msg": "Success", "bill_download_url": url})
        return self._no(method, "isv.invalid-method", "不存在的方法名")

    def _genuine(self, form: Mapping[str, str]) -> bool:
        if form.get("app_id") != self.keys.app_id or form.get("sign_type") != "RSA2":
            return False
        text = "&".join(f"{name}={value}" for name, value in sorted(form.items()) if name != "sign" and value)
        try:
            self._app.verify(base64.b64decode(form.get("sign", "")), text.encode(), PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True

    def _no(self, method: str, code: str, message: str) -> Reply:
        return self._signed(method, {"code": "40004", "msg": "Business Failed", "sub_code": code, "sub_msg": message})

    def _transfer(self, method: str, asked: dict[str, object], notify: str) -> Reply:
        number, payee = str(asked.get("out_biz_no", "")), asked.get("payee_info")
        fault = self.book.fault("alipay")
        with self.book.lock:
            self.book.calls.append(("alipay", "transfer", number))
            if fault in ("silent", "server_error"):
                return Reply(0) if fault == "silent" else Reply(502, b"bad gateway", {"Content-Type": "text/plain"})
            if fault == "unknown_code":
                return self._no(method, "SOMETHING_NEW", "这是文档里没有的错误码")
            try:
                amount = parse_units(str(asked.get("trans_amount")), "CNY")
            except MoneyError:
                amount = 0
            if not isinstance(payee, dict) or not number or amount < 10 or asked.get("biz_scene") != "DIRECT_TRANSFER":
                return self._no(method, "INVALID_PARAMETER", "参数有误")
            known = self.book.find("alipay", number)
            if known is not None and (known.account, known.amount, known.name) != (
                payee["identity"],
                amount,
                payee.get("name", ""),
            ):
                return self._no(method, "PAYMENT_INFO_INCONSISTENCY", "两次请求商户单号一样，但是参数不一致")
            if known is None:
                refused = {
                    "name_mismatch": ("PAYEE_USER_INFO_ERROR", "支付宝账号和姓名不匹配"),
                    "account_closed": ("PAYEE_NOT_EXIST", "收款账号不存在"),
                }.get(fault)
                if fault == "balance_low" or self.book.balances["alipay"] < amount:
                    refused = ("PAYER_BALANCE_NOT_ENOUGH", "付款方余额不足")
                if refused:
                    return self._no(method, *refused)
                known = self.book.take(
                    Transfer(
                        "alipay", number, self.book.number(), str(payee["identity"]), str(payee.get("name", "")), amount,
                        self.book.now(), "going", notify=notify,
                    )
                )  # fmt: skip
                known.times_told = {"told_twice": 2, "not_told": 0}.get(fault, 1)
                known.wrongly_signed = fault == "told_wrongly_signed"
                if fault == "fails_later":
                    self.book.fail(known, "PAYEE_STATUS_ERROR")
                elif fault != "stays_under_way":
                    self.book.pay(known)
        told = known if known.state in ("paid", "failed") else None
        if fault == "accepted_then_silent":
            return Reply(0, told=told)
        found = {"code": "10000", "msg": "Success", **self._as_told(known)}
        answer = self._signed(method, found, wrongly=fault == "wrong_signature")
        return Reply(answer.status, answer.body, answer.headers, told)

    def _as_told(self, known: Transfer) -> dict[str, object]:
        found: dict[str, object] = {
            "out_biz_no": known.number, "order_id": known.ref, "status": _STATES[known.state],
            "trans_amount": format_units(known.amount, "CNY"),
            "pay_date": f"{known.changed.astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
        }  # fmt: skip
        if known.reason:
            found |= {"error_code": known.reason, "fail_reason": known.reason}
        return found

    def _sign(self, text: str, *, wrongly: bool = False) -> str:
        key = self._stranger if wrongly else self._own
        return base64.b64encode(key.sign(text.encode(), PKCS1v15(), SHA256())).decode()

    def _signed(self, method: str, found: dict[str, object], *, wrongly: bool = False) -> Reply:
        text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
        name = method.replace(".", "_") + "_response"
        body = f'{{"{name}":{text},"sign":"{self._sign(text, wrongly=wrongly)}"}}'
        return Reply(200, body.encode(), {"Content-Type": "text/html;charset=utf-8"})

    def notification(self, known: Transfer) -> tuple[bytes, dict[str, str]]:
        """Body and headers of what the merchant is told."""
        form = {
            "notify_id": secrets.token_hex(16), "msg_method": "alipay.fund.trans.order.changed", "app_id": self.keys.app_id,
            "version": "1.1", "charset": "UTF-8", "utc_timestamp": str(int(self.book.now().timestamp() * 1000)),
            "biz_content": json.dumps(self._as_told(known), ensure_ascii=False),
        }  # fmt: skip
        text = "&".join(f"{name}={value}" for name, value in sorted(form.items()))
        signed = form | {"sign_type": "RSA2", "sign": self._sign(text, wrongly=known.wrongly_signed)}
        return urlencode(signed).encode(), {"Content-Type": "application/x-www-form-urlencoded"}

    def bill(self, day: str) -> bytes:
        """The day's account, packed."""
        words = {"paid": "转账", "returned": "退款（转账退回）", "deposit": "充值", "fee": "收费"}
        text = io.StringIO()
        text.write(f"#支付宝账务明细查询\n#账号：[{self.keys.user_id}]\n#起始日期：[{day}]\n#---账务明细列表---\n")
        rows = csv.writer(text, lineterminator="\r\n")
        rows.writerow(
            ("账务流水号", "业务流水号", "商户订单号", "商品名称", "发生时间", "对方账号", "收入金额（+元）", "支出金额（-元）",
             "账户余额（元）", "交易渠道", "业务类型", "备注")
        )  # fmt: skip
        for index, move in enumerate(self.book.of_day("alipay", day)):
            amount = format_units(abs(move.amount), "CNY")
            rows.writerow(
                (f"{index}\t", f"{move.ref}\t", f"{move.number}\t", "", f"{move.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}", "",
                 amount if move.amount > 0 else "", f"-{amount}" if move.amount < 0 else "", "0.00", "", words[move.kind], "")
            )  # fmt: skip
        text.write("#---账务明细列表结束---\n")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as file:
            file.writestr(f"{self.keys.user_id}_{day.replace('-', '')}_账务明细.csv", text.getvalue().encode("gb18030"))
        return packed.getvalue()
