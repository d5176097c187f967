"""A stand-in of the SMS provider, and a shop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.texting import Texts, texting

if TYPE_CHECKING:
    from tests.interfaces.public.joining import Shop


@pytest.fixture(scope="module")
def texts() -> Iterator[Texts]:
    with texting() as running:
        yield running


@pytest.fixture(autouse=True)
def provider(texts: Texts, monkeypatch: pytest.MonkeyPatch) -> None:
    from rongshu.kernel.environment import environment

    texts.refuse = ""
    monkeypatch.setattr(environment(), "sms_url", texts.url)


@pytest.fixture
def shop() -> Shop:
    from tests.interfaces.public.joining import Shop

    return Shop()
