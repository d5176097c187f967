"""A stand-in for Aliyun's short messages: speaks `SendSms`, checks the signature by its own reckoning, keeps what was sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote

KEY, SECRET = "testKey", "testSecret"


@dataclass
class Texts:
    """What was sent, by phone; `refuse` is what the next answers say instead of OK."""

    address: str = ""
    codes: dict[str, list[str]] = field(default_factory=dict)
    refuse: str = ""
    nonces: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"aliyun+plain://{KEY}:{SECRET}@{self.address}/?sign=%E6%A6%95%E6%A0%91&template=SMS_1"


def _answer(texts: Texts, body: str) -> dict[str, str]:
    given = dict(parse_qsl(body, keep_blank_values=True, strict_parsing=True))
    signature = given.pop("Signature")
    pairs = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in given.items())
    text = "POST&%2F&" + quote("&".join("=".join(pair) for pair in pairs), safe="~")
    digest = hmac.new(f"{SECRET}&".encode(), text.encode(), hashlib.sha1).digest()
    if base64.b64encode(digest).decode() != signature or given["AccessKeyId"] != KEY:
        return {"Code": "SignatureDoesNotMatch", "Message": "signature"}
    if given["SignatureNonce"] in texts.nonces:
        return {"Code": "SignatureNonceUsed", "Message": "nonce"}
    texts.nonces.add(given["SignatureNonce"])
    if given["Action"] != "SendSms" or given["SignName"] != "榕树" or given["TemplateCode"] != "SMS_1":
        return {"Code": "isv.SMS_TEMPLATE_ILLEGAL", "Message": "template"}
    if texts.refuse:
        return {"Code": texts.refuse, "Message": "refused"}
    texts.codes.setdefault(given["PhoneNumbers"], []).append(json.loads(given["TemplateParam"])["code"])
    return {"Code": "OK", "Message": "OK", "BizId": "1^0", "RequestId": "r"}


@contextmanager
def texting() -> Iterator[Texts]:
    """The stand-in on a free port, until the end."""
    texts = Texts()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            answer = json.dumps(_answer(texts, body)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    texts.address = f"127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield texts
    finally:
        server.shutdown()
        server.server_close()
