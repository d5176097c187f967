"""WeChat's web authorization: where people are sent, and what the code they come back with is worth.

Sources: WeChat Open Platform, "Website app: WeChat login" (qrconnect, snsapi_login); WeChat Official Accounts, "Web page
authorization" (snsapi_base, snsapi_userinfo). The answer has a unionid only where the app is bound to an open platform
account, and inside WeChat only with snsapi_userinfo.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from rongshu.kernel.environment import environment

SECONDS = 6.0
PAGES, API = "https://open.weixin.qq.com", "https://api.weixin.qq.com"
SPENT = frozenset({40029, 40163, 41008, 42003})
"""The code is unknown, used, missing, or too old: authorizing again helps."""
WRONG_APP = frozenset({40001, 40013, 40125, 40164, 48001})
"""The brand's own settings are wrong."""
Scope = Literal["snsapi_login", "snsapi_base", "snsapi_userinfo"]


class WechatTrouble(Exception):
    """`code` is WeChat's errcode; 0 where nothing readable came back, 1 for a snapshot page, where the openid is made up."""

    def __init__(self, code: int, said: str = "") -> None:
        super().__init__(f"{code} {said}")
        self.code, self.said = code, said


@dataclass(frozen=True, slots=True)
class Known:
    """Who a code is of. `unionid` is empty where WeChat gives none."""

    openid: str
    unionid: str = ""


def page_of(*, appid: str, scope: Scope, back: str, state: str) -> str:
    """Where a browser is sent: the QR code (`snsapi_login`), or WeChat's own browser's page. The order of the values is WeChat's."""
    path = "/connect/qrconnect" if scope == "snsapi_login" else "/connect/oauth2/authorize"
    query = urlencode({"appid": appid, "redirect_uri": back, "response_type": "code", "scope": scope, "state": state})
    return f"{environment().wechat_url.rstrip('/') or PAGES}{path}?{query}#wechat_redirect"


def who_is(*, appid: str, secret: str, code: str) -> Known:
    """Spends a code. Raises WechatTrouble. Call it outside any transaction."""
    found = _asked("/sns/oauth2/access_token", appid=appid, secret=secret, code=code, grant_type="authorization_code")
    if found.get("is_snapshotuser"):
        raise WechatTrouble(1, "snapshot user")
    openid, unionid = _text(found, "openid"), _text(found, "unionid")
    if not openid:
        raise WechatTrouble(0, "no openid")
    if not unionid and "snsapi_userinfo" in str(found.get("scope", "")):
        more = _asked("/sns/userinfo", access_token=_text(found, "access_token"), openid=openid, lang="zh_CN")
        unionid = _text(more, "unionid")
    return Known(openid, unionid)


def _asked(path: str, **values: str) -> dict[str, Any]:
    try:
        with urlopen(  # noqa: S310  the address is ours
            f"{environment().wechat_url.rstrip('/') or API}{path}?{urlencode(values)}", timeout=SECONDS
        ) as answer:
            found = json.loads(answer.read(20_000))
    except (URLError, OSError, ValueError) as error:
        raise WechatTrouble(0, type(error).__name__) from None  # the address holds the secret: it is not to be logged
    if not isinstance(found, dict):
        raise WechatTrouble(0, "unreadable answer")
    if found.get("errcode"):
        raise WechatTrouble(int(found["errcode"]), str(found.get("errmsg", ""))[:200])
    return found


def _text(found: dict[str, Any], name: str) -> str:
    return str(found.get(name) or "")[:128]
