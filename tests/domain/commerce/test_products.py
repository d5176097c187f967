"""Products and their pictures."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime

import pytest
from PIL import Image

from rongshu.domain.commerce.products.actions import Described, keep_picture, picture_product, put_products
from rongshu.domain.commerce.products.queries import picture, product, products, products_by_sku
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER

SERUM = Described("S1", "山茶花精华", "beauty/face", 29900, "https://shop.example.com/s1")


def drawn(kind: str, mode: str = "RGB", size: tuple[int, int] = (3000, 1500), **more: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "green").save(out, kind, **more)
    return out.getvalue()


def test_put_twice_is_once_and_changes_change(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        both = [SERUM, Described("S2", "面膜")]
        assert put_products(products=both, by=TESTER, now=now) == 2
        assert put_products(products=both, by=TESTER, now=now) == 0
        picture_product(sku="S1", content=drawn("PNG"), by=TESTER, now=now)
        assert put_products(products=[replace(SERUM, price=None, shared=False)], by=TESTER, now=now) == 1
        kept = product("S1")
        assert kept.price is None and not kept.shared and kept.picture
        assert [one.sku for one in products(shared_only=True)] == ["S2"]
        assert [one.sku for one in products(search="精华")] == ["S1"]
        assert set(products_by_sku(["S1", "S2", "S3"])) == {"S1", "S2"}


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ([replace(SERUM, sku="")], "sku"),
        ([replace(SERUM, title=" ")], "title"),
        ([SERUM, SERUM], "sku"),
        ([replace(SERUM, price=-1)], "price"),
        ([], "products"),
    ],
)
def test_what_is_refused(tenant: int, now: datetime, wrong: list[Described], at: str) -> None:
    with tenant_scope(tenant), pytest.raises(Refusal) as refused:
        put_products(products=wrong, by=TESTER, now=now)
    assert refused.value.at == at


def test_a_picture_is_drawn_anew_without_what_it_hid(tenant: int, now: datetime) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret"
    content = drawn("JPEG", exif=exif)
    assert b"a secret" in content
    with tenant_scope(tenant):
        name = keep_picture(content=content, now=now)
        assert keep_picture(content=content, now=now) == name
        kept = picture(name)
        assert (kept.width, kept.height) == (1200, 600) and b"a secret" not in bytes(kept.content)
        clear = picture(keep_picture(content=drawn("PNG", "RGBA", (10, 10)), now=now))
        assert bytes(clear.content).startswith(b"\x89PNG")


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"GIF89a broken", b"x" * (8 * 2**20 + 1)])
def test_what_is_no_picture(tenant: int, now: datetime, content: bytes) -> None:
    with tenant_scope(tenant), pytest.raises(Refusal):
        keep_picture(content=content, now=now)
