"""Aliyun's short messages: `SendSms` of its RPC interface (version 2017-05-25), signed with HMAC-SHA1.

Source: Alibaba Cloud, "RPC signature mechanism" and "SendSms". The template has one place, `code`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit
from urllib.request import Request, urlopen

from rongshu.domain.marketing.texting.adapters import TextTrouble

SECONDS = 6.0
_TROUBLES = {
    "isv.MOBILE_NUMBER_ILLEGAL": "bad_phone",
    "isv.BUSINESS_LIMIT_CONTROL": "too_many",
    "isv.DAY_LIMIT_CONTROL": "too_many",
}


def signature(method: str, values: Mapping[str, str], secret: str) -> str:
    """The signature of a request with these values: sorted by name, percent-encoded as RFC 3986, HMAC-SHA1, base64."""
    query = "&".join(f"{_quoted(name)}={_quoted(values[name])}" for name in sorted(values))
    text = f"{method}&{_quoted('/')}&{_quoted(query)}"
    return base64.b64encode(hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1).digest()).decode()


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")


@dataclass(frozen=True, slots=True)
class AliyunAccount:
    """An access key with a signature (签名) and a template (模板) that Aliyun approved."""

    address: str
    key: str
    secret: str
    sign: str
    template: str

    def send_code(self, phone: str, code: str, *, now: datetime) -> None:
        """Sends a code. Raises TextTrouble."""
        values = {
            "AccessKeyId": self.key, "Action": "SendSms", "Format": "JSON", "PhoneNumbers": phone.removeprefix("+86").lstrip("+"),
            "RegionId": "cn-hangzhou", "SignName": self.sign, "SignatureMethod": "HMAC-SHA1",
            "SignatureNonce": secrets.token_hex(16), "SignatureVersion": "1.0", "TemplateCode": self.template,
            "TemplateParam": json.dumps({"code": code}), "Timestamp": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "Version": "2017-05-25",
        }  # fmt: skip
        body = urlencode(values | {"Signature": signature("POST", values, self.secret)}).encode()
        said = _asked(Request(self.address, data=body, method="POST"))  # noqa: S310  the scheme is ours
        if said != "OK":
            raise TextTrouble(_TROUBLES.get(said, "away"), said)


def _asked(request: Request) -> str:
    """The provider's code: `OK`, or what was wrong. Raises TextTrouble where no answer can be read."""
    try:
        with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            body = answer.read(10_000)
    except HTTPError as error:
        body = error.read(10_000)
    except (URLError, OSError) as error:
        raise TextTrouble("away", type(error).__name__) from error
    try:
        return str(json.loads(body)["Code"])
    except (ValueError, KeyError, TypeError) as error:
        raise TextTrouble("away", "unreadable answer") from error


def account_of(url: str) -> AliyunAccount:
    """The account named by `aliyun://key:secret@dysmsapi.aliyuncs.com/?sign=…&template=…` (`aliyun+plain://`: a stand-in without TLS)."""
    parts = urlsplit(url)
    given = parse_qs(parts.query)
    scheme = "http" if parts.scheme.endswith("+plain") else "https"
    place = parts.netloc.rpartition("@")[2]
    return AliyunAccount(
        address=f"{scheme}://{place}/",
        key=unquote(parts.username or ""),
        secret=unquote(parts.password or ""),
        sign=given.get("sign", [""])[0],
        template=given.get("template", [""])[0],
    )
