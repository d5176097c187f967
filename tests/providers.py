"""A stand-in for the providers over real HTTP, with keys made once a run."""

from __future__ import annotations

from functools import cache

from rongshu.domain.settlement.payouts.adapters import alipay, wechat
from rongshu.interfaces.sandbox.keys import Keys, alipay_settings, make_keys, wechat_settings
from rongshu.interfaces.sandbox.server import GATEWAY, Sandbox


@cache
def keys() -> Keys:
    return make_keys()


def running() -> Sandbox:
    """A stand-in with 100,000.00 at each provider; the caller stops it."""
    sandbox = Sandbox(keys())
    for provider in ("wechat", "alipay"):
        sandbox.book.deposit(provider, 100_000_00)
    return sandbox


def wechat_at(sandbox: Sandbox, notify: str = "") -> wechat.WechatPay:
    own = wechat.Credentials(**wechat_settings(keys()))
    return wechat.WechatPay(own, address=sandbox.address, notify=notify, timeout=5)


def alipay_at(sandbox: Sandbox, notify: str = "") -> alipay.Alipay:
    own = alipay.Credentials(**alipay_settings(keys()))
    return alipay.Alipay(own, address=sandbox.address + GATEWAY, notify=notify, timeout=5)
