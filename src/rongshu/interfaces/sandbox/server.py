"""The stand-in over HTTP: payouts and signing in under one address, a page where payees confirm, faults and the clock on request.

POST /faults   provider, fault (may be given several times)
POST /clock    hours
POST /deposit  provider, fen
POST /confirm  number
POST /return   provider, number
GET  /book     everything, as JSON
"""

from __future__ import annotations

import json
import threading
import urllib.request
from dataclasses import asdict
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from rongshu.interfaces.sandbox.alipay import AlipaySide
from rongshu.interfaces.sandbox.book import FAULTS, Book, Transfer
from rongshu.interfaces.sandbox.entering import API, PAGES, EnteringSide, login_apps
from rongshu.interfaces.sandbox.keys import Keys, wechat_settings
from rongshu.interfaces.sandbox.wechat import Reply, WechatSide

GATEWAY = "/gateway.do"
_FORM = "application/x-www-form-urlencoded"


class Sandbox:
    """A running stand-in; `address` is where it listens, `book` what it knows. `stop` ends it."""

    def __init__(self, keys: Keys, *, port: int = 0, book: Book | None = None) -> None:
        self.keys, self.book = keys, book or Book()
        own = self

        class Handler(_Handler):
            sandbox = own

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.wechat = WechatSide(self.book, keys, self.address)
        self.alipay = AlipaySide(self.book, keys, self.address)
        self.entering = EnteringSide(self.book, login_apps(wechat_settings(keys)["appid"]))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def confirm(self, number: str) -> bool:
        """The payee confirms a WeChat transfer."""
        known = self.book.find("wechat", number)
        if known is None or known.state != "waiting":
            return False
        self.book.pay(known)
        self.tell(known)
        return True

    def tell(self, known: Transfer) -> list[int]:
        """Notifies the merchant as often as this transfer's fault says; what it answered, 0 for nothing."""
        side = self.wechat if known.provider == "wechat" else self.alipay
        answers = []
        for _ in range(known.times_told if known.notify else 0):
            body, headers = side.notification(known)
            asked = urllib.request.Request(known.notify, body, headers)  # noqa: S310 - the merchant's own address
            try:
                with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
                    answers.append(answer.status)
            except OSError as error:
                answers.append(int(getattr(error, "code", 0)))
        return answers

    def move_clock(self, hours: float) -> None:
        """Lets time pass here; whatever closes by it is told."""
        from datetime import timedelta

        self.book.ahead += timedelta(hours=hours)
        for one in self.book.close_old():
            self.tell(one)


class _Handler(BaseHTTPRequestHandler):
    sandbox: Sandbox
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._handle("GET")

    def do_POST(self) -> None:
        self._handle("POST")

    def _handle(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        reply = self._reply(method, body)
        if reply.status == 0:
            self.close_connection = True
            self.connection.close()
        else:
            self.send_response(reply.status)
            for name, value in (reply.headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
        if reply.told is not None:
            threading.Timer(0.2, self.sandbox.tell, [reply.told]).start()

    def _reply(self, method: str, body: bytes) -> Reply:
        path, own = urlsplit(self.path).path, self.sandbox
        if path.startswith("/v3/"):
            return own.wechat.answer(method, self.path, dict(self.headers.items()), body)
        if path.startswith(PAGES):
            return own.entering.page(self.path)
        if path.startswith(API):
            return own.entering.answer(self.path)
        if path == GATEWAY:
            return own.alipay.answer(body)
        query = parse_qs(urlsplit(self.path).query)
        if path == "/alipay-bill":
            return Reply(200, own.alipay.bill(query["day"][0]), {"Content-Type": "application/zip"})
        if path == "/book":
            return self._json(_book(own.book))
        if method == "POST":
            return self._asked(path, parse_qs(body.decode()))
        return Reply(200, _page(own.book).encode(), {"Content-Type": "text/html; charset=utf-8"})

    def _asked(self, path: str, form: dict[str, list[str]]) -> Reply:
        own, provider = self.sandbox, form.get("provider", ["wechat"])[0]
        try:
            if path == "/faults":
                own.book.put_fault(provider, *form.get("fault", []))
            elif path == "/clock":
                own.move_clock(float(form["hours"][0]))
            elif path == "/deposit":
                own.book.deposit(provider, int(form["fen"][0]))
            elif path == "/confirm":
                own.confirm(form["number"][0])
            elif path == "/return":
                known = own.book.find(provider, form["number"][0])
                if known is not None:
                    own.book.send_back(known)
            else:
                return Reply(404, b"no such address")
        except (KeyError, ValueError) as error:
            return Reply(400, str(error).encode(), {"Content-Type": "text/plain; charset=utf-8"})
        return Reply(303, b"", {"Location": "/"})

    def _json(self, found: object) -> Reply:
        return Reply(
            200, json.dumps(found, default=str, ensure_ascii=False).encode(), {"Content-Type": "application/json"}
        )

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: the command prints what matters."""


def _book(book: Book) -> dict[str, object]:
    with book.lock:
        return {
            "balances": book.balances,
            "transfers": [asdict(one) for one in book.transfers.values()],
            "movements": [asdict(one) for one in book.movements],
            "calls": book.calls,
        }


def _page(book: Book) -> str:
    """The payees' page: what waits for their confirmation, and the faults to order."""
    with book.lock:
        book.close_old()
        rows = "".join(
            f"<tr><td>{escape(one.provider)}<td><code>{escape(one.number)}</code><td>{escape(one.account)}"
            f"<td class=n>{one.amount // 100}.{one.amount % 100:02d}<td>{escape(one.state)} {escape(one.reason)}<td>"
            + (
                f"<form method=post action=/confirm><button name=number value='{escape(one.number)}'>确认收款 Confirm</button></form>"
                if one.state == "waiting"
                else ""
            )
            for one in reversed(book.transfers.values())
        )
        sums = " · ".join(f"{name} {units / 100:.2f}" for name, units in book.balances.items())
    faults = "".join(f"<option>{name}" for name in FAULTS)
    providers = "<select name=provider><option>wechat<option>alipay</select>"
    return (
        "<!doctype html><html lang=zh><meta charset=utf-8><meta name=viewport content='width=device-width'><title>Sandbox</title>"
        "<style>body{font:16px/1.5 system-ui;margin:1rem auto;max-width:60rem;padding:0 1rem}table{border-collapse:collapse;"
        "width:100%}td{border-top:1px solid #ccc;padding:.4rem}.n{text-align:right}button,select,input{font:inherit;"
        "padding:.5rem .8rem;min-height:44px}form{display:inline}</style>"
        f"<h1>WeChat Pay · Alipay (stand-in)</h1><p>{sums}</p><p>"
        f"<form method=post action=/faults>{providers} <select name=fault>{faults}</select> <button>Next transfer</button></form> "
        f"<form method=post action=/deposit>{providers} <input name=fen value=100000 size=8> <button>Deposit (fen)</button></form> "
        "<form method=post action=/clock><input name=hours value=24 size=3> <button>Hours pass</button></form></p>"
        f"<table>{rows or '<tr><td>还没有转账 No transfers yet'}</table>"
    )


__all__ = ["GATEWAY", "Sandbox"]
