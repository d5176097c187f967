"""What the tenant has of its providers: entered, masked, tried."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongshu.domain.settlement.payouts.adapters import CALLED, ProviderError
from rongshu.domain.settlement.payouts.models import ProviderSetting
from rongshu.domain.settlement.payouts.settings import (
    SECRETS,
    SETTABLE,
    names_of,
    provider_of,
    provider_settings,
    set_provider,
)
from rongshu.domain.settlement.payouts.wording import words_of
from rongshu.engine.money import format_units
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.payouts import Entry, ProviderForm, Providers
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.people import actor_name
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.environment import environment
from rongshu.kernel.errors import Refusal

_WORDS = {
    "wechat.mchid": (gettext_lazy("Merchant number"), ""),
    "wechat.appid": (gettext_lazy("App id (appid) in which the payees' openids are"), ""),
    "wechat.serial": (gettext_lazy("Serial of the merchant's API certificate"), ""),
    "wechat.private_key": (gettext_lazy("Private key of the API certificate"), gettext_lazy("The whole text of apiclient_key.pem.")),
    "wechat.apiv3_key": (gettext_lazy("APIv3 key"), gettext_lazy("32 characters.")),
    "wechat.public_key_id": (gettext_lazy("Id of WeChat Pay's public key"), gettext_lazy("It begins with PUB_KEY_ID_.")),
    "wechat.public_key": (gettext_lazy("WeChat Pay's public key"), gettext_lazy("The whole text of pub_key.pem.")),
    "wechat.scene": (gettext_lazy("Transfer scene"), gettext_lazy("1005 is commission; it has to be opened for the merchant.")),
    "wechat.position": (gettext_lazy("Position reported with each transfer"), ""),
    "wechat.purpose": (gettext_lazy("What the pay is for"), gettext_lazy("The payee reads it.")),
    "alipay.app_id": (gettext_lazy("App id"), ""),
    "alipay.private_key": (gettext_lazy("Private key of the app"), gettext_lazy("PEM, with its first and last line.")),
    "alipay.public_key": (gettext_lazy("Alipay's public key"), gettext_lazy("Or the three certificates below.")),
    "alipay.user_id": (gettext_lazy("The merchant's account number (2088…)"), gettext_lazy("For its balance.")),
    "alipay.app_cert": (gettext_lazy("Certificate of the app"), ""),
    "alipay.alipay_cert": (gettext_lazy("Alipay's certificate"), ""),
    "alipay.root_cert": (gettext_lazy("Alipay's root certificate"), ""),
    "bank.name": (gettext_lazy("Name of the paying account"), ""),
    "bank.account": (gettext_lazy("Number of the paying account"), ""),
    "bank.bank": (gettext_lazy("Its bank"), gettext_lazy("They stand in the ISO 20022 file.")),
    "alipay.title": (gettext_lazy("What the pay is for"), gettext_lazy("The payee reads it.")),
}  # fmt: skip


@page("money", Permission.SEE_MONEY)
def providers(visit: Visit) -> Providers | HttpResponse:
    """The credentials of each provider; posting keeps them, or asks the provider for the balance to try them."""
    form = visit.request.POST
    if visit.request.method != "POST":
        return _providers(visit)
    visit.demand(Permission.SET_MONEY_RULES)
    provider = form.get("provider", "")
    try:
        if form.get("do") == "try":
            return _tried(visit, provider)
        set_provider(provider=provider, values=form.dict(), by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        return _providers(visit, provider, form.dict(), at=refusal.at or "", problem=said(refusal))
    messages.success(visit.request, _("Kept, sealed. Try it now."))
    return redirect("console:providers")


def _tried(visit: Visit, provider: str) -> HttpResponse:
    try:
        balance = provider_of(provider).balance()
    except ProviderError as error:
        words = words_of(error.code)
        messages.error(visit.request, f"{_(words)} ({error.code})")
    else:
        if balance is None:
            messages.warning(visit.request, _("Give the merchant's account number to ask for its balance."))
        else:
            amount = format_units(balance, "CNY")
            messages.success(visit.request, _("It answers, signed. Balance: %(amount)s") % {"amount": amount})
    return redirect("console:providers")


def _providers(
    visit: Visit, wrong: str = "", typed: Mapping[str, str] | None = None, *, at: str = "", problem: str = ""
) -> Providers:
    kept = provider_settings()
    site = environment().site_url.rstrip("/")
    return Providers(
        forms=tuple(
            ProviderForm(
                provider=name,
                entries=_entries(name, kept.get(name), (typed or {}) if name == wrong else {}, at),
                set_at=kept[name].at if name in kept else None,
                set_by=actor_name(kept[name].actor) if name in kept else "",
                called=name in CALLED,
                address=f"{site}/providers/{visit.house.slug}/{name}" if site else "",
            )
            for name in SETTABLE
        ),
        may_set=visit.may(Permission.SET_MONEY_RULES),
        problem=problem,
    )


def _entries(provider: str, kept: ProviderSetting | None, typed: Mapping[str, str], at: str) -> tuple[Entry, ...]:
    shown = {} if kept is None else kept.shown
    found = []
    for name in names_of(provider):
        text, words = _WORDS[f"{provider}.{name}"]
        secret = name in SECRETS
        value = "" if secret else typed.get(name, str(shown.get(name, "")))
        found.append(
            Entry(
                name, str(text), str(words), value, secret=secret, kept=secret and bool(shown.get(name)),
                long=name.endswith(("_key", "_cert")) and name != "apiv3_key", wrong=bool(typed) and at == name,
            )
        )  # fmt: skip
    return tuple(found)
