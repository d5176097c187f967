from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from rongshu.kernel import secrets

OLD, NEW = "old" * 11, "new" * 11
Keys = Callable[..., None]


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[Keys]:
    def set_keys(data: str, lookup: str = "l" * 32) -> None:
        monkeypatch.setattr(secrets, "environment", lambda: SimpleNamespace(data_keys=data, lookup_key=lookup))
        secrets._box.cache_clear()

    yield set_keys
    monkeypatch.undo()
    secrets._box.cache_clear()


def test_what_is_sealed_opens_and_looks_different_each_time(keys: Keys) -> None:
    keys(OLD)
    one, other = secrets.seal("138 朵拉"), secrets.seal("138 朵拉")
    assert one != other and b"138" not in one
    assert secrets.unseal(one) == secrets.unseal(memoryview(other)) == "138 朵拉"


def test_keys_rotate(keys: Keys) -> None:
    keys(OLD)
    sealed_before = secrets.seal("x")
    keys(f"{NEW}, {OLD}")
    assert secrets.unseal(sealed_before) == "x"
    sealed_since = secrets.seal("y")
    keys(NEW)
    assert secrets.unseal(sealed_since) == "y"
    with pytest.raises(ValueError, match="RONGSHU_DATA_KEYS"):
        secrets.unseal(sealed_before)


def test_what_was_tampered_with_does_not_open(keys: Keys) -> None:
    keys(OLD)
    sealed = bytearray(secrets.seal("x"))
    sealed[20] ^= 1
    with pytest.raises(ValueError):
        secrets.unseal(bytes(sealed))


def test_a_fingerprint_is_stable_keyed_and_apart_by_kind(keys: Keys) -> None:
    keys(OLD, "k" * 32)
    found = secrets.fingerprint("phone", "13800138000")
    assert found.hex() == "660f34c889805ff246a21c7527ecba67", "what is stored has to be found for ever"
    keys(NEW, "k" * 32)
    assert secrets.fingerprint("phone", "13800138000") == found, "data keys rotate, fingerprints stay"
    assert secrets.fingerprint("email", "13800138000") != found
    keys(NEW, "j" * 32)
    assert secrets.fingerprint("phone", "13800138000") != found


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("13800138000", "138****8000"),
        ("+8613800138000", "+86*******8000"),
        ("1234567", "1234567"),
        ("123456", "******"),
        ("", ""),
        ("ann@example.com", "a***@example.com"),
        ("@example.com", "***@example.com"),
    ],
)
def test_what_people_see(text: str, shown: str) -> None:
    assert secrets.masked(text) == shown
