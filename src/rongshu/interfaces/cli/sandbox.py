"""`rongshu sandbox`: a stand-in for WeChat Pay and Alipay on this machine, to try payouts without money, and signing in by WeChat."""

from __future__ import annotations

import threading
from typing import Annotated

import typer

from rongshu.interfaces.cli.output import as_json, fail, out
from rongshu.kernel.environment import environment


def sandbox(
    port: Annotated[int, typer.Option(help="Where it listens, on this machine only.")] = 8900,
    credentials: Annotated[
        bool, typer.Option(help="Print what a merchant enters for each provider, as JSON, and end.")
    ] = False,
) -> None:
    """A stand-in for WeChat Pay and Alipay: their protocols with keys of their own, and faults on request. No money moves."""
    from rongshu.interfaces.sandbox.entering import login_apps
    from rongshu.interfaces.sandbox.keys import alipay_settings, kept_keys, wechat_settings

    keys = kept_keys(environment().home)
    if credentials:
        merchant = wechat_settings(keys)
        apps = login_apps(merchant["appid"])
        as_json({"wechat": merchant, "alipay": alipay_settings(keys), "sign_in": apps})
        return
    from rongshu.interfaces.sandbox.server import GATEWAY, Sandbox

    try:
        running = Sandbox(keys, port=port)
    except OSError as error:
        fail(f"Port {port} cannot be used ({error}); name another with --port.")
    for provider in ("wechat", "alipay"):
        running.book.deposit(provider, 1_000_000_00)
    out.print(f"The stand-in listens at {running.address}: there payees confirm, and faults are ordered.")
    out.print("Start the web server and the worker with:")
    out.print(
        f"  RONGSHU_WECHAT_PAY_URL={running.address} RONGSHU_ALIPAY_URL={running.address}{GATEWAY} "
        f"RONGSHU_WECHAT_URL={running.address}",
        soft_wrap=True,
    )
    out.print(
        "Its credentials: rongshu sandbox --credentials. Enter them in the console under Payouts, Providers (sign_in: the apps for signing in by WeChat). Ctrl-C ends it."
    )
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        running.stop()
