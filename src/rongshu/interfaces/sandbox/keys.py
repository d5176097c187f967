"""Keys of both sides, made once and kept in a folder: what a merchant would get from the providers."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)


@dataclass(frozen=True, slots=True)
class Keys:
    """PEM texts and the numbers that belong to them."""

    merchant: str
    """The merchant's private key at WeChat Pay."""
    merchant_serial: str
    wechat: str
    """WeChat Pay's private key; merchants know its public half."""
    wechat_id: str
    apiv3: str
    mchid: str
    appid: str
    app: str
    """The merchant's private key at Alipay."""
    alipay: str
    """Alipay's private key."""
    app_id: str
    user_id: str
    stranger: str
    """A key nobody knows, for wrong signatures."""


def pem(key: RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def private(text: str) -> RSAPrivateKey:
    key = load_pem_private_key(text.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


def public_pem(text: str) -> str:
    """The public half of a private key."""
    return private(text).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def make_keys() -> Keys:
    """New keys; takes about a second."""
    four = [pem(generate_private_key(65537, 2048)) for _ in range(5)]
    return Keys(
        merchant=four[0],
        merchant_serial=secrets.token_hex(20).upper(),
        wechat=four[1],
        wechat_id="PUB_KEY_ID_" + "0" + str(secrets.randbelow(10**24)),
        apiv3=secrets.token_hex(16),
        mchid="19" + f"{secrets.randbelow(10**8):08d}",
        appid="wx" + secrets.token_hex(8),
        app=four[2],
        alipay=four[3],
        app_id="2021" + f"{secrets.randbelow(10**12):012d}",
        user_id="2088" + f"{secrets.randbelow(10**12):012d}",
        stranger=four[4],
    )


def kept_keys(folder: Path) -> Keys:
    """The keys in a folder, made at the first time; readable by their owner only."""
    path = folder / "sandbox.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)
        path.write_text(json.dumps(asdict(make_keys())))
    return Keys(**json.loads(path.read_text()))


def wechat_settings(keys: Keys) -> dict[str, str]:
    """What the merchant enters for WeChat Pay."""
    return {
        "mchid": keys.mchid, "appid": keys.appid, "serial": keys.merchant_serial, "private_key": keys.merchant,
        "apiv3_key": keys.apiv3, "public_key_id": keys.wechat_id, "public_key": public_pem(keys.wechat),
    }  # fmt: skip


def alipay_settings(keys: Keys) -> dict[str, str]:
    """What the merchant enters for Alipay."""
    return {
        "app_id": keys.app_id, "private_key": keys.app, "public_key": public_pem(keys.alipay), "user_id": keys.user_id,
    }  # fmt: skip
