"""The stand-in's WeChat Pay: checks as the real one does, answers signed, notifies encrypted."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from rongshu.interfaces.sandbox.book import CHINA, Book, Transfer
from rongshu.interfaces.sandbox.keys import Keys, private

BILLS = "/v3/fund-app/mch-transfer/transfer-bills"
_STATES = {
    "waiting": "WAIT_USER_CONFIRM",
    "going": "TRANSFERING",
    "paid": "SUCCESS",
    "failed": "FAIL",
    "closed": "CANCELLED",
    "returned": "FAIL",
}
SCENE = {"岗位类型", "报酬说明"}


@dataclass(frozen=True)
class Reply:
    """An answer; `status` 0 hangs up without one."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] | None = None
    told: Transfer | None = None


class WechatSide:
    def __init__(self, book: Book, keys: Keys, address: str) -> None:
        self.book, self.keys, self.address = book, keys, address
        self._own, self._stranger = private(keys.wechat), private(keys.stranger)
        self._merchant = private(keys.merchant).public_key()

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if not self._genuine(method, path, headers, body):
            return self._signed(401, {"code": "SIGN_ERROR", "message": "签名错误"})
        parts = urlsplit(path)
        if method == "POST" and parts.path == BILLS:
            return self._transfer(json.loads(body))
        found = re.fullmatch(rf"{BILLS}/out-bill-no/(\w+)(/cancel)?", parts.path)
        if found:
            return self._about(found[1], cancel=bool(found[2]))
        if parts.path == "/v3/merchant/fund/balance/OPERATION":
            return self._signed(200, {"available_amount": self.book.balances["wechat"], "pending_amount": 0})
        if parts.path == "/v3/bill/fundflowbill":
            return self._bill(parse_qs(parts.query)["bill_date"][0])
        if parts.path == "/v3/billdownload/file":
            return Reply(200, self._file(parse_qs(parts.query)["token"][0]), {"Content-Type": "text/plain"})
        return self._signed(404, {"code": "RESOURCE_NOT_EXISTS", "message": "no such address"})

    def _genuine(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> bool:
        fields = dict(re.findall(r'(\w+)="([^"]*)"', headers.get("Authorization", "")))
        if fields.get("mchid") != self.keys.mchid or fields.get("serial_no") != self.keys.merchant_serial:
            return False
        text = f"{method}\n{path}\n{fields['timestamp']}\n{fields['nonce_str']}\n{body.decode()}\n"
        try:
            self._merchant.verify(base64.b64decode(fields["signature"]), text.encode(), PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return abs(time.time() - int(fields["timestamp"])) < 300

    def _transfer(self, asked: dict[str, object]) -> Reply:
        number, amount = str(asked.get("out_bill_no", "")), asked.get("transfer_amount")
        fault = self.book.fault("wechat")
        with self.book.lock:
            self.book.calls.append(("wechat", "transfer", number))
            known = self.book.find("wechat", number)
            if fault in ("silent", "server_error"):
                return (
                    Reply(0) if fault == "silent" else Reply(500, b"<html>busy</html>", {"Content-Type": "text/html"})
                )
            wrong = self._wrong(asked, number, amount, fault, known)
            if wrong is not None:
                return wrong
            assert isinstance(amount, int)
            if known is None:
                known = self.book.take(
                    Transfer(
                        "wechat", number, "1330" + self.book.number(), str(asked["openid"]), self._name(asked), amount,
                        self.book.now(), "waiting", package=base64.b64encode(secrets.token_bytes(48)).decode(),
                        notify=str(asked.get("notify_url", "")),
                    )
                )  # fmt: skip
                self._afterwards(known, fault)
                if self.book.confirm_at_once and known.state == "waiting":
                    self.book.pay(known)
        if fault == "accepted_then_silent":
            return Reply(0, told=known)
        told = known if known.state in ("paid", "failed") else None
        answer = self._signed(200, self._as_told(known), wrongly=fault == "wrong_signature")
        return Reply(answer.status, answer.body, answer.headers, told)

    def _afterwards(self, known: Transfer, fault: str) -> None:
        if fault == "told_twice":
            known.times_told = 2
        elif fault == "told_wrongly_signed":
            known.wrongly_signed = True
        elif fault == "not_told":
            known.times_told = 0
        elif fault == "stays_under_way":
            known.state = "going"
        elif fault == "fails_later":
            self.book.fail(known, "TRANSFER_RISK")

    def _wrong(
        self, asked: dict[str, object], number: str, amount: object, fault: str, known: Transfer | None
    ) -> Reply | None:
        def no(status: int, code: str, message: str) -> Reply:
            return self._signed(status, {"code": code, "message": message})

        if fault == "unknown_code":
            return no(400, "SOMETHING_NEW", "这是文档里没有的错误码")
        if not re.fullmatch(r"[A-Za-z0-9]{1,32}", number) or not isinstance(amount, int) or amount < 10:
            return no(400, "PARAM_ERROR", "商户单号或金额不合法")
        if asked.get("appid") != self.keys.appid:
            return no(400, "APPID_MCHID_NOT_MATCH", "appid与mchid不匹配")
        infos = asked.get("transfer_scene_report_infos")
        kinds = {str(one.get("info_type")) for one in infos} if isinstance(infos, list) else set()
        if asked.get("transfer_scene_id") != "1005" or kinds != SCENE:
            return no(400, "PARAM_ERROR", "转账场景报备信息不正确")
        name = self._name(asked)
        if amount >= 2_000_00 and not name:
            return no(400, "PARAM_ERROR", "转账金额大于等于2000元时，收款用户姓名必填")
        if amount < 30 and name:
            return no(400, "PARAM_ERROR", "转账金额小于0.3元时，不支持填写收款用户姓名")
        if known is not None:
            if (known.account, known.amount, known.name) != (asked.get("openid"), amount, name):
                return no(400, "ALREADY_EXISTS", "商户单号已存在，且参数不一致")
            return None
        if fault == "name_mismatch":
            return no(400, "NAME_NOT_CORRECT", "收款用户姓名校验失败")
        if fault == "account_closed":
            return no(400, "ACCOUNT_NOT_EXIST", "用户账户不存在")
        if fault == "balance_low" or self.book.balances["wechat"] < amount:
            return no(403, "NOT_ENOUGH", "商户运营账户资金不足")
        return None

    def _name(self, asked: dict[str, object]) -> str:
        sealed = asked.get("user_name")
        if not isinstance(sealed, str) or not sealed:
            return ""
        padding = OAEP(mgf=MGF1(algorithm=SHA1()), algorithm=SHA1(), label=None)  # noqa: S303 - the protocol's own
        return self._own.decrypt(base64.b64decode(sealed), padding).decode()

    def _about(self, number: str, *, cancel: bool) -> Reply:
        self.book.calls.append(("wechat", "cancel" if cancel else "query", number))
        known = self.book.find("wechat", number)
        if known is None:
            return self._signed(404, {"code": "NOT_FOUND", "message": "记录不存在"})
        if cancel:
            if known.state not in ("waiting", "closed"):
                return self._signed(400, {"code": "INVALID_REQUEST", "message": "当前状态不支持撤销"})
            self.book.fail(known, "MERCHANT_REVOCATION", "closed")
        return self._signed(200, self._as_told(known))

    def _as_told(self, known: Transfer) -> dict[str, object]:
        found: dict[str, object] = {
            "mch_id": self.keys.mchid, "appid": self.keys.appid, "out_bill_no": known.number,
            "transfer_bill_no": known.ref, "state": _STATES[known.state], "transfer_amount": known.amount,
            "openid": known.account, "create_time": f"{known.at.astimezone(CHINA):%Y-%m-%dT%H:%M:%S+08:00}",
            "update_time": f"{known.changed.astimezone(CHINA):%Y-%m-%dT%H:%M:%S+08:00}",
        }  # fmt: skip
        if known.state == "waiting":
            found["package_info"] = known.package
        if known.reason:
            found["fail_reason"] = known.reason
        return found

    def _signed(self, status: int, found: dict[str, object], *, wrongly: bool = False) -> Reply:
        body = json.dumps(found, ensure_ascii=False).encode()
        return Reply(status, body, self.signature(body, wrongly=wrongly) | {"Content-Type": "application/json"})

    def signature(self, body: bytes, *, wrongly: bool = False) -> dict[str, str]:
        moment, nonce = str(int(time.time())), secrets.token_hex(16)
        text = f"{moment}\n{nonce}\n{body.decode()}\n"
        key = self._stranger if wrongly else self._own
        return {
            "Wechatpay-Timestamp": moment, "Wechatpay-Nonce": nonce, "Wechatpay-Serial": self.keys.wechat_id,
            "Wechatpay-Signature": base64.b64encode(key.sign(text.encode(), PKCS1v15(), SHA256())).decode(),
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        }  # fmt: skip

    def notification(self, known: Transfer) -> tuple[bytes, dict[str, str]]:
        """Body and headers of what the merchant is told."""
        nonce, about = secrets.token_hex(6), "mch_payment"
        plain = json.dumps(self._as_told(known), ensure_ascii=False).encode()
        sealed = AESGCM(self.keys.apiv3.encode()).encrypt(nonce.encode(), plain, about.encode())
        body = json.dumps(
            {
                "id": secrets.token_hex(16), "create_time": f"{self.book.now().astimezone(CHINA):%Y-%m-%dT%H:%M:%S+08:00}",
                "resource_type": "encrypt-resource", "event_type": "MCHTRANSFER.BILL.FINISHED", "summary": "商家转账单据终态通知",
                "resource": {
                    "original_type": about, "algorithm": "AEAD_AES_256_GCM", "associated_data": about, "nonce": nonce,
                    "ciphertext": base64.b64encode(sealed).decode(),
                },
            }
        ).encode()  # fmt: skip
        return body, self.signature(body, wrongly=known.wrongly_signed) | {"Content-Type": "application/json"}

    def _bill(self, day: str) -> Reply:
        if not self.book.of_day("wechat", day):
            return self._signed(400, {"code": "NO_STATEMENT_EXIST", "message": "账单文件不存在"})
        digest = hashlib.sha1(self._file(day), usedforsecurity=False).hexdigest()
        url = f"{self.address}/v3/billdownload/file?token={day}"
        return self._signed(200, {"hash_type": "SHA1", "hash_value": digest, "download_url": url})

    def _file(self, day: str) -> bytes:
        words = {
            "paid": ("商家转账", "支出"),
            "returned": ("转账退回", "收入"),
            "deposit": ("充值", "收入"),
            "fee": ("手续费", "支出"),
        }
        lines = [
            "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号"
        ]
        moves = self.book.of_day("wechat", day)
        for index, move in enumerate(moves):
            kind, way = words[move.kind]
            cells = (
                f"{move.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}", move.ref, f"F{index:012d}", kind, kind, way,
                f"{abs(move.amount) // 100}.{abs(move.amount) % 100:02d}", "0.00", "API", "", move.number,
            )  # fmt: skip
            lines.append(",".join(f"`{cell}" for cell in cells))
        lines += ["资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额", f"`{len(moves)},`0,`0.00,`0,`0.00"]
        return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()
