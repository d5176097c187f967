"""Alipay's transfer to one account (`alipay.fund.trans.uni.transfer`), in the mode of public keys or of certificates.

Signatures (RSA2) and their check are the SDK's (`python-alipay-sdk`); what it sends in the address we send in the body, because
it holds names and accounts.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from rongshu.domain.settlement.payouts.adapters import Answer, Became, BillLine, Pay, ProviderError
from rongshu.engine.money import MoneyError, format_units, parse_units

ADDRESS = "https://openapi.alipay.com/gateway.do"
CHINA = timezone(timedelta(hours=8))
LATER = frozenset(
    {"PAYER_BALANCE_NOT_ENOUGH", "BALANCE_IS_NOT_ENOUGH", "EXCEED_LIMIT_DM_AMOUNT", "isv.app-call-limited"}
)
REFUSED = frozenset(
    {
        "PAYEE_NOT_EXIST", "PAYEE_USER_INFO_ERROR", "PAYEE_ACC_OCUPIED", "PERM_AML_NOT_REALNAME_REV", "PAYEE_ACC_FREEZE",
        "PERMIT_NON_BANK_LIMIT_PAYEE", "EXCEED_LIMIT_UNRN_DM_AMOUNT", "USER_STATUS_ERROR", "PAYEE_STATUS_ERROR",
    }
)  # fmt: skip
_STATES: Mapping[str, Became] = {
    "SUCCESS": "paid", "FAIL": "failed", "REFUND": "failed", "CLOSED": "failed", "DEALING": "under_way", "INIT": "under_way",
    "WAIT_PAY": "under_way",
}  # fmt: skip
_SCENE = {"product_code": "TRANS_ACCOUNT_NO_PWD", "biz_scene": "DIRECT_TRANSFER"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a merchant has of Alipay. Keys are PEM; with the three certificates the mode of certificates is used."""

    app_id: str
    private_key: str
    public_key: str = ""
    """Alipay's own."""
    user_id: str = ""
    """The merchant's account (2088…), for its balance."""
    app_cert: str = ""
    alipay_cert: str = ""
    root_cert: str = ""
    title: str = "推广佣金"


class Alipay:
    """One merchant at Alipay. `address` and `notify` are the installation's."""

    def __init__(self, own: Credentials, *, address: str = ADDRESS, notify: str = "", timeout: float = 15) -> None:
        import alipay  # type: ignore[import-untyped] # loads two crypto libraries: only whoever pays needs them

        self._own, self._address, self._notify, self._timeout = own, address, notify, timeout
        if own.app_cert:
            self._sdk = alipay.DCAliPay(
                appid=own.app_id,
                app_private_key_string=own.private_key,
                app_public_key_cert_string=own.app_cert,
                alipay_public_key_cert_string=own.alipay_cert,
                alipay_root_cert_string=own.root_cert,
            )
        else:
            self._sdk = alipay.AliPay(
                appid=own.app_id,
                app_private_key_string=own.private_key,
                alipay_public_key_string=own.public_key,
                sign_type="RSA2",
            )

    def send(self, payments: Sequence[Pay]) -> list[Answer]:
        return [self._send(one) for one in payments]

    def _send(self, one: Pay) -> Answer:
        payee = {"identity": one.account, "identity_type": "ALIPAY_LOGON_ID", "name": one.name}
        content = {
            "out_biz_no": one.serial,
            "trans_amount": format_units(one.amount, "CNY"),
            "order_title": self._own.title,
            "remark": self._own.title,
            "payee_info": payee,
            **_SCENE,
        }
        return _answer(one.serial, self._call("alipay.fund.trans.uni.transfer", content), asked=False)

    def ask(self, serials: Sequence[str]) -> list[Answer]:
        method = "alipay.fund.trans.common.query"
        return [_answer(serial, self._call(method, {"out_biz_no": serial, **_SCENE}), asked=True) for serial in serials]

    def heard(self, form: Mapping[str, str]) -> Answer | None:
        """What a notification says, None for one that is not Alipay's, or about something else."""
        values = {name: value for name, value in form.items() if name != "sign"}
        try:
            if values.get("app_id") != self._own.app_id or not self._sdk.verify(dict(values), form["sign"]):
                return None
            told = json.loads(values.get("biz_content", ""))
        except Exception:  # the SDK raises of its own and of its libraries
            return None
        if values.get("msg_method") != "alipay.fund.trans.order.changed" or not told.get("out_biz_no"):
            return None
        return _read(str(told["out_biz_no"]), told)

    def _call(self, method: str, content: dict[str, Any]) -> dict[str, Any]:
        """The answer of one call; `code` is ours (timeout, signature …) for one that did not come or is not theirs."""
        import requests

        extra = {
            "timestamp": datetime.now(CHINA).strftime("%Y-%m-%d %H:%M:%S")
        }  # the SDK would take the machine's zone
        if self._notify and method == "alipay.fund.trans.uni.transfer":
            extra["notify_url"] = self._notify
        body = self._sdk.sign_data(self._sdk.build_body(method, content, **extra))
        try:
            answer = requests.post(
                self._address, data=body.encode(), timeout=self._timeout, allow_redirects=False,
                headers={"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"},
            )  # fmt: skip
        except requests.Timeout:
            return {"code": "timeout"}
        except requests.RequestException as error:
            return {"code": "no_connection", "sub_msg": type(error).__name__}
        if answer.status_code != 200:
            return {"code": "server_error"}
        try:
            found = self._sdk._verify_and_return_sync_response(
                answer.content.decode(), method.replace(".", "_") + "_response"
            )
        except Exception:  # not signed, signed by somebody else, or unreadable: none of them is an answer
            return {"code": "signature"}
        return found if isinstance(found, dict) else {"code": "signature"}

    def balance(self) -> int | None:
        if not self._own.user_id:
            return None
        found = self._call(
            "alipay.fund.account.query", {"alipay_user_id": self._own.user_id, "account_type": "ACCTRANS_ACCOUNT"}
        )
        try:
            return parse_units(_good(found)["available_amount"], "CNY")
        except (KeyError, MoneyError) as error:
            raise ProviderError("unreadable", str(error)) from error

    def bill(self, day: date) -> list[BillLine]:
        found = self._call(
            "alipay.data.dataservice.bill.downloadurl.query",
            {"bill_type": "signcustomer", "bill_date": f"{day:%Y-%m-%d}"},
        )
        if str(found.get("sub_code", "")).upper().endswith("BILL_NOT_EXIST"):
            return []
        import requests

        try:
            answer = requests.get(str(_good(found)["bill_download_url"]), timeout=4 * self._timeout)
        except (requests.RequestException, KeyError) as error:
            raise ProviderError("timeout", type(error).__name__) from error
        if answer.status_code != 200:
            raise ProviderError(str(answer.status_code), "the bill could not be downloaded")
        return read_bill(answer.content)


def _good(found: dict[str, Any]) -> dict[str, Any]:
    if found.get("code") != "10000":
        raise ProviderError(str(found.get("sub_code") or found.get("code")), str(found.get("sub_msg", "")))
    return found


def _answer(serial: str, found: dict[str, Any], *, asked: bool) -> Answer:
    if found.get("code") == "10000":
        return _read(serial, found)
    code = str(found.get("sub_code") or found.get("code", ""))
    became: Became = "unknown"
    if asked:
        became = "absent" if code == "ORDER_NOT_EXIST" else "unknown"
    elif code in LATER:
        became = "later"
    elif found.get("code") == "40004" and code in REFUSED:
        became = "failed"
    return Answer(serial, became, code=code, message=str(found.get("sub_msg", ""))[:300])


def _read(serial: str, found: Mapping[str, Any]) -> Answer:
    if found.get("out_biz_no") not in (None, serial):
        return Answer(serial, "unknown", code="other_number")
    state = str(found.get("status", ""))
    try:
        amount = parse_units(str(found["trans_amount"]), "CNY") if found.get("trans_amount") else None
        at = str(found.get("pay_date") or found.get("trans_date") or "")
        moment = datetime.strptime(at, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA) if at else None
    except (MoneyError, ValueError):
        return Answer(serial, "unknown", code="unreadable")
    return Answer(
        serial,
        _STATES.get(state, "unknown"),
        ref=str(found.get("order_id", "")),
        code=str(found.get("error_code") or state),
        message=str(found.get("fail_reason", ""))[:300],
        amount=amount,
        at=moment,
    )


def read_bill(content: bytes) -> list[BillLine]:
    """The day's account (账务明细) out of the packed file; rows that begin with # are headings and sums. Raises `ProviderError`."""
    found = []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            name = next(one for one in packed.namelist() if "账务明细" in _name(one) and "汇总" not in _name(one))
            text = packed.read(name).decode("gb18030")
        rows = csv.reader(line for line in io.StringIO(text) if not line.startswith("#") and line.strip())
        head = [cell.strip() for cell in next(rows, [])]
        for row in rows:
            cells = dict(zip(head, (cell.strip() for cell in row), strict=False))
            income, kind = cells["收入金额（+元）"], cells["业务类型"]
            coming = bool(income) and parse_units(income.lstrip("+"), "CNY") > 0
            amount = income if coming else cells["支出金额（-元）"]
            found.append(
                BillLine(
                    serial=cells["商户订单号"],
                    provider_ref=cells["业务流水号"],
                    kind=("returned" if "退" in kind else "deposit") if coming else ("fee" if "费" in kind else "paid"),
                    amount=parse_units(amount.lstrip("+-"), "CNY"),
                    at=datetime.strptime(cells["发生时间"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA),
                )
            )
    except (KeyError, ValueError, MoneyError, UnicodeError, StopIteration, zipfile.BadZipFile) as error:
        raise ProviderError("unreadable", str(error)) from error
    return found


def _name(stored: str) -> str:
    """A name in a packed file that was written in GBK without saying so."""
    try:
        return stored.encode("cp437").decode("gbk")
    except UnicodeError:
        return stored
