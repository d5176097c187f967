"""What a slow phone has to load: every portal page whole, from an empty cache, under 200 KB on the wire."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from rongshu.domain.commerce.products.actions import Described, picture_product, put_products
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.e2e.test_promoter import enter
from tests.e2e.test_share import offer
from tests.factories import TESTER

if TYPE_CHECKING:
    from tests.e2e.conftest import Open
    from tests.e2e.shop import Shop

LIMIT = 200_000
PAGES = (
    "",
    "share",
    "earnings",
    "team",
    "withdraw",
    "statement",
    "me",
    "messages",
    "share/code",
    "customers",
    "channels",
)


def offer_pictured(shop: Shop) -> None:
    """Products with pictures nothing can be left out of: each is over 500 KB as it is kept, so that a list of them would be far too heavy."""
    noise = np.random.default_rng(7)
    with tenant_scope(shop.house.id):
        skus = [f"P-{number}" for number in range(12)]
        put_products(products=[Described(sku, f"山茶花 {sku}", price=100) for sku in skus], by=TESTER, now=utc_now())
        for sku in skus:
            drawn = io.BytesIO()
            Image.fromarray(noise.integers(0, 255, (1200, 1200, 3), dtype=np.uint8)).save(drawn, "JPEG", quality=80)
            assert len(drawn.getvalue()) > 500_000
            picture_product(sku=sku, content=drawn.getvalue(), by=TESTER, now=utc_now())


@pytest.mark.parametrize("throttled", [False, True])
def test_every_page_is_light(visit: Open, address: str, shop: Shop, throttled: bool) -> None:
    offer(shop)
    offer_pictured(shop)
    page = visit(width=390)
    enter(page, address, shop)
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    wire.send("Network.setBypassServiceWorker", {"bypass": True})
    if throttled:  # a bad 3G: 400 kbit/s, 400 ms each way; all there within the ten seconds every step is given
        slow = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
        wire.send("Network.emulateNetworkConditions", slow)
    loaded: list[float] = []
    wire.on("Network.loadingFinished", lambda told: loaded.append(told["encodedDataLength"]))
    for name in PAGES[:1] if throttled else PAGES:
        loaded.clear()
        answer = page.goto(f"{address}/portal/{name}", wait_until="load")
        assert answer is not None and answer.ok, name
        assert 5_000 < sum(loaded) < LIMIT, (name, sum(loaded))
