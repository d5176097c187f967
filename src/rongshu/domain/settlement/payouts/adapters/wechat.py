"""WeChat Pay's transfer by a merchant in its mode with the payee's confirmation (商家转账, API v3, 2025).

A transfer is taken in (`ACCEPTED`, `PROCESSING`), then waits until the payee has confirmed it inside WeChat with `package_info`
(`WAIT_USER_CONFIRM`, closed after 24 hours), is carried out (`TRANSFERING`), and ends as `SUCCESS`, `FAIL` or `CANCELLED`.
The signing, the encryption of the payee's name and the check of signatures are the SDK's (`wechatpayv3`); the transport is not:
the SDK leaves answers of refusal unchecked, and a refusal decides about money.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from rongshu.domain.settlement.payouts.adapters import Answer, Became, BillLine, Pay, ProviderError

ADDRESS = "https://api.mch.weixin.qq.com"
_BILLS = "/v3/fund-app/mch-transfer/transfer-bills"
CHINA = timezone(timedelta(hours=8))
NAME_FROM, NAME_MUST = 30, 2_000_00
"""Fen: below the first the payee's name is not taken, from the second on it has to be given."""
LATER = frozenset({"NOT_ENOUGH", "FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED", "RATELIMIT_EXCEEDED", "QUOTA_EXCEED"})
"""Refusals for now: nothing was taken in, the same number may be given again."""
REFUSED = frozenset(
    {
        "ACCOUNT_FROZEN", "REAL_NAME_CHECK_FAIL", "NAME_NOT_CORRECT", "OPENID_INVALID", "ACCOUNT_NOT_EXIST",
        "TRANSFER_QUOTA_EXCEED", "DAY_RECEIVED_QUOTA_EXCEED", "MONTH_RECEIVED_QUOTA_EXCEED", "DAY_RECEIVED_COUNT_EXCEED",
        "TRANSFER_RISK", "ID_CARD_NOT_CORRECT", "PAYEE_ACCOUNT_ABNORMAL", "USER_ACCOUNT_LIMIT",
    }
)  # fmt: skip
"""Refusals of a payee: they do not change by asking again."""
_STATES: Mapping[str, Became] = {
    "ACCEPTED": "under_way", "PROCESSING": "under_way", "WAIT_USER_CONFIRM": "to_confirm", "TRANSFERING": "under_way",
    "CANCELING": "under_way", "SUCCESS": "paid", "FAIL": "failed", "CANCELLED": "failed",
}  # fmt: skip
SKEW = 300
"""Seconds by which the time in a signature may differ from ours."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a merchant has of WeChat Pay. Keys are PEM."""

    mchid: str
    appid: str
    serial: str
    """Of the merchant's API certificate."""
    private_key: str
    apiv3_key: str
    public_key_id: str
    public_key: str
    """WeChat Pay's own: signatures of answers are checked with it, names encrypted."""
    scene: str = "1005"
    """佣金报酬; it asks for a position and for what the pay is."""
    position: str = "推广员"
    purpose: str = "推广佣金"


class WechatPay:
    """One merchant at WeChat Pay. `address` and `notify` (where results are told; empty: nowhere) are the installation's."""

    def __init__(self, own: Credentials, *, address: str = ADDRESS, notify: str = "", timeout: float = 15) -> None:
        from wechatpayv3.core import Core  # type: ignore[import-untyped] # 0.3 s: only whoever pays loads it

        self._own, self._address, self._notify, self._timeout = own, address.rstrip("/"), notify, timeout
        self._core = Core(
            mchid=own.mchid,
            cert_serial_no=own.serial,
            private_key=own.private_key,
            apiv3_key=own.apiv3_key,
            public_key=own.public_key,
            public_key_id=own.public_key_id,
        )

    def send(self, payments: Sequence[Pay]) -> list[Answer]:
        return [self._send(one) for one in payments]

    def _send(self, one: Pay) -> Answer:
        body: dict[str, Any] = {
            "appid": self._own.appid,
            "out_bill_no": one.serial,
            "transfer_scene_id": self._own.scene,
            "openid": one.account,
            "transfer_amount": one.amount,
            "transfer_remark": self._own.purpose[:32],
            "transfer_scene_report_infos": [
                {"info_type": "岗位类型", "info_content": self._own.position[:32]},
                {"info_type": "报酬说明", "info_content": self._own.purpose[:32]},
            ],
        }
        if one.amount >= NAME_FROM:
            body["user_name"] = self._core.encrypt(one.name)
        if self._notify:
            body["notify_url"] = self._notify
        return self._answer(one.serial, *self._call("POST", _BILLS, body), asked=False)

    def ask(self, serials: Sequence[str]) -> list[Answer]:
        return [
            self._answer(serial, *self._call("GET", f"{_BILLS}/out-bill-no/{serial}"), asked=True) for serial in serials
        ]

    def cancel(self, serial: str) -> Answer:
        """Takes back a transfer that the payee has not confirmed; what became of it is to be asked afterwards."""
        return self._answer(serial, *self._call("POST", f"{_BILLS}/out-bill-no/{serial}/cancel"), asked=True)

    def heard(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Answer | None:
        """What a notification says, None for one that is not WeChat Pay's, too old, or about something else.

        `headers` as Django has them (`HTTP_WECHATPAY_…`).
        """
        try:
            moment = int(headers.get("HTTP_WECHATPAY_TIMESTAMP", "0"))
            if abs(now.timestamp() - moment) > SKEW:
                return None
            if headers.get("HTTP_WECHATPAY_SERIAL") != self._own.public_key_id:
                return None  # before the SDK would go and fetch certificates for whoever knocks
            found = self._core.callback(headers, body)
        except Exception:  # the SDK raises bare exceptions for a foreign algorithm, an unknown key, unreadable text
            return None
        if not found or not isinstance(found.get("resource"), dict):
            return None
        told = found["resource"]
        if told.get("mch_id", self._own.mchid) != self._own.mchid or not told.get("out_bill_no"):
            return None
        return _read(str(told["out_bill_no"]), told)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """Status and answer of one call; status 0 and a code for an answer that did not come or is not theirs."""
        import requests
        from wechatpayv3.utils import build_authorization  # type: ignore[import-untyped]

        data = json.dumps(body, ensure_ascii=False) if body is not None else ""
        own = self._own
        headers = {
            "Authorization": build_authorization(path, method, own.mchid, own.serial, self._core._private_key, data),
            "Wechatpay-Serial": own.public_key_id,
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "rongshu",
        }
        try:
            answer = requests.request(
                method, self._address + path, headers=headers, data=data.encode() or None, timeout=self._timeout,
                allow_redirects=False,
            )  # fmt: skip
        except requests.Timeout:
            return 0, {"code": "timeout"}
        except requests.RequestException as error:
            return 0, {"code": "no_connection", "message": type(error).__name__}
        try:
            text = answer.content.decode()
            known = answer.headers.get("Wechatpay-Serial") == own.public_key_id
            genuine = known and self._core._verify_signature(answer.headers, text)
            found = json.loads(text) if text else {}
        except Exception:
            return 0, {"code": "signature" if answer.status_code < 500 else "server_error"}
        if not genuine or not isinstance(found, dict):
            return 0, {"code": "signature" if answer.status_code < 500 else "server_error"}
        return answer.status_code, found

    def _answer(self, serial: str, status: int, found: dict[str, Any], *, asked: bool) -> Answer:
        if 200 <= status < 300:
            return _read(serial, found)
        code, message = str(found.get("code", "")), str(found.get("message", ""))[:300]
        became: Became = "unknown"
        if asked:
            became = "absent" if status == 404 and code == "NOT_FOUND" else "unknown"
        elif 400 <= status < 500 and code in LATER:
            became = "later"
        elif 400 <= status < 500 and code in REFUSED:
            became = "failed"
        return Answer(serial, became, code=code, message=message)

    def balance(self) -> int | None:
        status, found = self._call("GET", "/v3/merchant/fund/balance/OPERATION")
        if status != 200 or not isinstance(found.get("available_amount"), int):
            raise ProviderError(str(found.get("code", status)), str(found.get("message", "")))
        return int(found["available_amount"])

    def bill(self, day: date) -> list[BillLine]:
        status, found = self._call("GET", f"/v3/bill/fundflowbill?bill_date={day:%Y-%m-%d}&account_type=OPERATION")
        if found.get("code") == "NO_STATEMENT_EXIST":
            return []
        if status != 200 or not found.get("download_url"):
            raise ProviderError(str(found.get("code", status)), str(found.get("message", "")))
        content = self._download(str(found["download_url"]))
        # The file carries no signature; its hash stands in the answer that does.
        if hashlib.sha1(content, usedforsecurity=False).hexdigest() != str(found.get("hash_value", "")).lower():
            raise ProviderError("hash", "the file is not the one that was announced")
        return read_bill(content)

    def _download(self, url: str) -> bytes:
        import requests
        from wechatpayv3.utils import build_authorization

        path = "/" + url.split("://", 1)[-1].partition("/")[2]
        own = self._own
        sign = build_authorization(path, "GET", own.mchid, own.serial, self._core._private_key, "")
        try:
            answer = requests.get(
                self._address + path, headers={"Authorization": sign}, timeout=4 * self._timeout, allow_redirects=False
            )
        except requests.RequestException as error:
            raise ProviderError("timeout", type(error).__name__) from error
        if answer.status_code != 200:
            raise ProviderError(str(answer.status_code), "the bill could not be downloaded")
        return answer.content


def _read(serial: str, found: Mapping[str, Any]) -> Answer:
    """A transfer as WeChat Pay describes it; another number than asked for, or an unknown state, is no answer."""
    if found.get("out_bill_no") not in (None, serial):
        return Answer(serial, "unknown", code="other_number")
    state, amount = str(found.get("state", "")), found.get("transfer_amount")
    return Answer(
        serial,
        _STATES.get(state, "unknown"),
        ref=str(found.get("transfer_bill_no", "")),
        code=str(found.get("fail_reason") or state),
        package=str(found.get("package_info", "")),
        amount=amount if isinstance(amount, int) else None,
        at=_moment(found.get("update_time") or found.get("create_time")),
    )


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def read_bill(content: bytes) -> list[BillLine]:
    """A bill of the account's flow (资金账单): every field behind a backtick, a summary of two rows at the end.

    Raises `ProviderError` when a column is missing or an amount cannot be read.
    """
    found = []
    try:
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
        head = [cell.strip("`\ufeff ") for cell in next(rows, [])]
        for row in rows:
            cells = dict(zip(head, (cell.strip().lstrip("`").strip() for cell in row), strict=False))
            if not row or len(row) < len(head) or row[0].startswith("资金流水总笔数"):
                break
            kind, income = cells["业务类型"], cells["收支类型"] == "收入"
            found.append(
                BillLine(
                    serial=cells["业务凭证号"],
                    provider_ref=cells["微信支付业务单号"],
                    kind=("returned" if "退" in kind else "deposit") if income else ("fee" if "费" in kind else "paid"),
                    amount=fen(cells["收支金额(元)"]),
                    at=datetime.strptime(cells["记账时间"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA),
                )
            )
    except (KeyError, ValueError, UnicodeDecodeError) as error:
        raise ProviderError("unreadable", str(error)) from error
    return found


def fen(text: str) -> int:
    """`12.30` in minor units. Raises ValueError."""
    from rongshu.engine.money import parse_units

    return parse_units(text.strip().lstrip("+-"), "CNY")
