"""WeChat's web authorization, as its own servers do it: the page where somebody allows or refuses, codes, tokens, people.

A code is good for five minutes and one use. Apps and people are the stand-in's own; each person has one openid an app.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from urllib.parse import parse_qs, urlencode, urlsplit

from rongshu.interfaces.sandbox.book import Book
from rongshu.interfaces.sandbox.wechat import Reply

PAGES, API = "/connect/", "/sns/"
PEOPLE = ("林秀英", "陈志强", "王小雨")
LASTS = timedelta(minutes=5)
_SCOPES = {"/connect/qrconnect": ("snsapi_login",), "/connect/oauth2/authorize": ("snsapi_base", "snsapi_userinfo")}


@dataclass
class Code:
    """A code on its way, or used."""

    appid: str
    person: str
    scope: str
    at: datetime
    used: bool = False


def login_apps(pay_appid: str) -> dict[str, dict[str, str]]:
    """What a brand enters: the website's app, and the official account, which is the one payouts name."""
    return {
        kind: {"appid": appid, "secret": hashlib.md5(appid.encode(), usedforsecurity=False).hexdigest()}
        for kind, appid in (("web", "wx7e57ab1e0000feed"), ("official", pay_appid))
    }


class EnteringSide:
    """The answers of open.weixin.qq.com and api.weixin.qq.com. `unions` off: the apps are bound to no open platform account."""

    def __init__(self, book: Book, apps: dict[str, dict[str, str]]) -> None:
        self._book = book
        self._apps = {one["appid"]: (kind, one["secret"]) for kind, one in apps.items()}
        self._codes: dict[str, Code] = {}
        self._tokens: dict[str, Code] = {}
        self.unions, self.snapshot, self.away = True, False, False

    def page(self, url: str) -> Reply:
        """Where somebody allows or refuses. With `person` it is what their tap does; empty refuses."""
        parts = urlsplit(url)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        kind, _ = self._apps.get(asked.get("appid", ""), ("", ""))
        wanted = {"/connect/qrconnect": "web", "/connect/oauth2/authorize": "official"}.get(parts.path)
        if not kind or kind != wanted or asked.get("scope") not in _SCOPES[parts.path]:
            return _html("AppID 或 Scope 参数错误 Wrong app id or scope", 200)
        if asked.get("response_type") != "code" or not asked.get("redirect_uri", "").startswith("http"):
            return _html("redirect_uri 参数错误 Wrong redirect_uri", 200)
        if "person" not in parse_qs(parts.query, keep_blank_values=True):
            return _html(_choices(url), 200)
        state = {"state": asked["state"]} if asked.get("state") else {}
        if asked.get("person") in PEOPLE:
            state = {"code": self.code_for(asked["appid"], asked["person"], asked["scope"]), **state}
        return Reply(302, b"", {"Location": f"{asked['redirect_uri']}?{urlencode(state)}"})

    def code_for(self, appid: str, person: str, scope: str) -> str:
        """A code as a browser brings it."""
        code = secrets.token_hex(16)
        with self._book.lock:
            self._codes[code] = Code(appid, person, scope, self._book.now())
        return code

    def answer(self, url: str) -> Reply:
        """The API: tokens for codes, and who somebody is."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        if self.away:
            return _json({"errcode": -1, "errmsg": "system error"})
        with self._book.lock:
            if urlsplit(url).path == "/sns/oauth2/access_token":
                return _json(self._token(asked))
            if urlsplit(url).path == "/sns/userinfo":
                return _json(self._person(asked))
        return Reply(404, b"")

    def _token(self, asked: dict[str, str]) -> dict[str, object]:
        if asked.get("appid") not in self._apps:
            return {"errcode": 40013, "errmsg": "invalid appid"}
        if asked.get("secret") != self._apps[asked["appid"]][1]:
            return {"errcode": 40125, "errmsg": "invalid appsecret"}
        if not asked.get("code"):
            return {"errcode": 41008, "errmsg": "missing code"}
        known = self._codes.get(asked["code"])
        if known is None or known.appid != asked["appid"] or self._book.now() - known.at > LASTS:
            return {"errcode": 40029, "errmsg": "invalid code"}
        if known.used:
            return {"errcode": 40163, "errmsg": "code been used"}
        known.used = True
        token = secrets.token_hex(32)
        self._tokens[token] = known
        found: dict[str, object] = {
            "access_token": token, "expires_in": 7200, "refresh_token": secrets.token_hex(32),
            "openid": openid(known.appid, known.person), "scope": known.scope,
        }  # fmt: skip
        if self.snapshot:
            found["is_snapshotuser"] = 1
        if self.unions and known.scope != "snsapi_base":
            found["unionid"] = openid("", known.person)
        return found

    def _person(self, asked: dict[str, str]) -> dict[str, object]:
        known = self._tokens.get(asked.get("access_token", ""))
        if known is None:
            return {"errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest"}
        if known.scope == "snsapi_base":
            return {"errcode": 48001, "errmsg": "api unauthorized"}
        if asked.get("openid") != openid(known.appid, known.person):
            return {"errcode": 40003, "errmsg": "invalid openid"}
        found: dict[str, object] = {
            "openid": asked["openid"], "nickname": known.person, "sex": 0, "province": "", "city": "", "country": "",
            "headimgurl": "", "privilege": [],
        }  # fmt: skip
        if self.unions:
            found["unionid"] = openid("", known.person)
        return found


def openid(appid: str, person: str) -> str:
    """Somebody's openid in an app, of 28 characters; their unionid for no app."""
    return "o" + base64.urlsafe_b64encode(hashlib.sha256(f"{appid}|{person}".encode()).digest()).decode()[:27]


def _json(found: dict[str, object]) -> Reply:
    return Reply(200, json.dumps(found, ensure_ascii=False).encode(), {"Content-Type": "text/plain"})


def _html(text: str, status: int) -> Reply:
    page = (
        "<!doctype html><html lang=zh><meta charset=utf-8><meta name=viewport content='width=device-width'><title>WeChat</title>"
        "<style>body{font:16px/1.5 system-ui;margin:2rem auto;max-width:24rem;padding:0 1rem}a{display:block;padding:.7rem;"
        f"margin:.5rem 0;border:1px solid #ccc;border-radius:.5rem}}</style><h1>微信登录 WeChat (stand-in)</h1>{text}"
    )
    return Reply(status, page.encode(), {"Content-Type": "text/html; charset=utf-8"})


def _choices(url: str) -> str:
    ways = [(f"{one} 允许 Allow", one) for one in PEOPLE] + [("拒绝 Refuse", "")]
    links = [(escape(f"{url}&{urlencode({'person': one})}", quote=True), text) for text, one in ways]
    return "".join(f"<a href='{link}'>{text}</a>" for link, text in links)
