"""Each wrong setting is answered with its name and how to mend it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from rongshu.kernel.environment import SECRET_NAMES, Environment, WrongEnvironment, environment

read = environment.__wrapped__
LONG = "s" * 32


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in ("DATABASE_URL", *(f"RONGSHU_{field.upper()}" for field in Environment.model_fields)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RONGSHU_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("DATABASE_URL", "mysql://localhost/x", "must look like postgresql://"),
        ("RONGSHU_APP_DATABASE_URL", "localhost:5432", "must look like postgresql://"),
        ("RONGSHU_SECRET_KEY", "short", "at least 32 characters; make one with"),
        ("RONGSHU_LOOKUP_KEY", "short", "at least 32 characters; make one with"),
        ("RONGSHU_DATA_KEYS", f"{LONG},short", "at least 32 characters; make one with"),
        ("RONGSHU_HTTPS", "perhaps", "boolean"),
        ("RONGSHU_DEBUG", "perhaps", "boolean"),
        ("RONGSHU_HOME", "/proc/nowhere", "name a folder this user may write to"),
    ],
)
def test_a_wrong_value_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, remedy: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongEnvironment) as error:
        read()
    assert str(error.value).startswith(f"{name}: ") and remedy in str(error.value)


def test_several_wrong_values_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGSHU_SECRET_KEY", "short")
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    with pytest.raises(WrongEnvironment, match=r"(?s)DATABASE_URL: .*RONGSHU_SECRET_KEY: "):
        read()


def test_a_database_server_needs_its_own_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/x")
    monkeypatch.setenv("RONGSHU_LOOKUP_KEY", LONG)
    with pytest.raises(WrongEnvironment, match=r"RONGSHU_SECRET_KEY, RONGSHU_DATA_KEYS: not set.*make one with"):
        read()
    for name in SECRET_NAMES:
        monkeypatch.setenv(name, LONG)
    assert read().data_keys == LONG


def test_the_first_start_makes_secrets_of_its_own(clean: Path) -> None:
    first = read()
    assert len({first.secret_key, first.data_keys, first.lookup_key}) == 3 and len(first.secret_key) == 64
    assert stat.S_IMODE((clean / "secrets.env").stat().st_mode) == 0o600
    assert read() == first


def test_a_secret_of_the_environment_goes_before_the_kept_one(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = read()
    monkeypatch.setenv("RONGSHU_SECRET_KEY", LONG)
    assert (read().secret_key, read().data_keys) == (LONG, kept.data_keys)


def test_host_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGSHU_HOSTS", " a.example , ,b.example")
    assert read().host_names == ["a.example", "b.example"]
