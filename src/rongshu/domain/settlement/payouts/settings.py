"""What a tenant has of its providers: kept sealed, shown masked. Where a provider listens is the installation's, never a tenant's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime

from rongshu.domain.settlement.payouts.adapters import CALLED, Provider, alipay, bank_iso20022, wechat
from rongshu.domain.settlement.payouts.models import ProviderSetting
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.environment import environment
from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.secrets import seal, unseal
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant

_CREDENTIALS: Mapping[str, type[wechat.Credentials] | type[alipay.Credentials] | type[bank_iso20022.Payer]] = {
    "wechat": wechat.Credentials,
    "alipay": alipay.Credentials,
    "bank": bank_iso20022.Payer,
}
SETTABLE = tuple(_CREDENTIALS)
"""What can be set up: the providers that are called, and from whose account a bank's file pays."""
SECRETS = frozenset({"private_key", "apiv3_key", "public_key", "app_cert", "alipay_cert", "root_cert"})
"""Entered as a whole and never shown again."""
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "wechat": ("mchid", "appid", "serial", "private_key", "apiv3_key", "public_key_id", "public_key"),
    "alipay": ("app_id", "private_key"),
    "bank": ("name", "account", "bank"),
}
MOST = 20_000


def names_of(provider: str) -> tuple[str, ...]:
    """The fields of a provider's credentials, in the order they are asked for."""
    return tuple(field.name for field in fields(_CREDENTIALS[provider]))


def set_provider(*, provider: str, values: Mapping[str, str], by: Actor, now: datetime) -> ProviderSetting:
    """Keeps credentials; a secret left empty stays as it was. They are tried on the SDK, not on the network.

    Raises `invalid` naming the field that is missing or cannot be a key.
    """
    if provider not in SETTABLE:
        raise invalid("unknown_provider", "There is no provider %(name)s.", at="provider", name=provider)
    before = _opened(provider) or {}
    wanted = {}
    for name in names_of(provider):
        typed = "\n".join(
            values.get(name, "").split("\r\n")
        ).strip()  # browsers end lines so; WeChat Pay's SDK reads no such key
        if len(typed) > MOST:
            raise invalid("bad_credentials", "This cannot be right: it is too long.", at=name)
        wanted[name] = typed or (before.get(name, "") if name in SECRETS else "")
    _check(provider, wanted)
    shown = {name: ("set" if value else "") if name in SECRETS else value for name, value in wanted.items()}
    kept, _ = ProviderSetting.objects.update_or_create(
        tenant_id=current_tenant(),
        provider=provider,
        defaults={"sealed": seal(json.dumps(wanted)), "shown": shown, "at": now, "actor": str(by)},
    )
    changed = sorted(name for name in wanted if wanted[name] != before.get(name, ""))
    record("provider.set", subject=provider, by=by, now=now, changed=changed)
    return kept  # type: ignore[no-any-return]


def _check(provider: str, wanted: dict[str, str]) -> None:
    for name in _NEEDED[provider]:
        if not wanted[name]:
            raise invalid("missing_credentials", "Fill this in.", at=name)
    if provider not in CALLED:
        return
    if provider == "wechat" and len(wanted["apiv3_key"]) != 32:
        raise invalid("bad_credentials", "The APIv3 key has 32 characters.", at="apiv3_key")
    if provider == "alipay":
        certs = [bool(wanted[name]) for name in ("app_cert", "alipay_cert", "root_cert")]
        if any(certs) != all(certs):
            raise invalid(
                "bad_credentials", "Give all three certificates, or none and Alipay's public key.", at="app_cert"
            )
        if not any(certs) and not wanted["public_key"]:
            raise invalid("missing_credentials", "Fill this in.", at="public_key")
    for name in ("private_key", "public_key"):
        if wanted.get(name) and not _is_key(wanted[name], private=name == "private_key"):
            raise invalid("bad_credentials", "This is not a key: paste the whole PEM text.", at=name)
    try:
        _made(provider, wanted, notify="")
    except Exception as error:  # both SDKs raise bare exceptions for what they cannot read
        raise invalid("bad_credentials", "The provider's library cannot read these keys.", at="private_key") from error


def _is_key(text: str, *, private: bool) -> bool:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

    try:
        (load_pem_private_key(text.encode(), None) if private else load_pem_public_key(text.encode()))
    except (ValueError, TypeError):
        return False
    return True


def _opened(provider: str) -> dict[str, str] | None:
    kept = ProviderSetting.objects.filter(provider=provider).first()
    return None if kept is None else json.loads(unseal(kept.sealed))


def provider_settings() -> dict[str, ProviderSetting]:
    """What is kept, by provider."""
    return {kept.provider: kept for kept in ProviderSetting.objects.all()}


def merchant_of_wechat() -> tuple[str, str]:
    """The merchant's number and app, which the payee's confirmation inside WeChat names; empty when not set up."""
    kept = ProviderSetting.objects.filter(provider="wechat").first()
    return ("", "") if kept is None else (str(kept.shown.get("mchid", "")), str(kept.shown.get("appid", "")))


def payer_of_bank() -> bank_iso20022.Payer:
    """From whose account a bank's file pays. Raises `conflict` while it is not set up."""
    values = _opened("bank")
    if values is None:
        raise conflict("provider_not_set", "Say first from which account is paid: Payouts, Providers.")
    return bank_iso20022.Payer(**{name: values[name] for name in names_of("bank")})


def provider_of(name: str) -> Provider:
    """The tenant's provider, ready to be called. Raises `conflict` while it is not set up."""
    return _provider(name)


def wechat_pay() -> wechat.WechatPay:
    """As `provider_of`, for what only WeChat Pay has."""
    found = _provider("wechat")
    assert isinstance(found, wechat.WechatPay)
    return found


def alipay_account() -> alipay.Alipay:
    """As `provider_of`, for what only Alipay has."""
    found = _provider("alipay")
    assert isinstance(found, alipay.Alipay)
    return found


def _provider(name: str) -> wechat.WechatPay | alipay.Alipay:
    values = _opened(name) if name in CALLED else None
    if values is None:
        raise conflict("provider_not_set", "This provider is not set up; enter its credentials first.")
    site = environment().site_url.rstrip("/")
    notify = f"{site}/providers/{house().slug}/{name}" if site else ""
    return _made(name, values, notify=notify)


def _made(name: str, values: dict[str, str], *, notify: str) -> wechat.WechatPay | alipay.Alipay:
    known = {field: values[field] for field in names_of(name) if values.get(field)}
    if name == "wechat":
        return wechat.WechatPay(
            wechat.Credentials(**known), address=environment().wechat_pay_url or wechat.ADDRESS, notify=notify
        )
    return alipay.Alipay(alipay.Credentials(**known), address=environment().alipay_url or alipay.ADDRESS, notify=notify)


__all__ = [
    "SECRETS", "alipay_account", "merchant_of_wechat", "names_of", "provider_of", "provider_settings", "set_provider",
    "wechat_pay",
]  # fmt: skip
