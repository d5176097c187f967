"""Products in the console: one by one, from a file with every bad line named and nothing half-written, and out again."""

from __future__ import annotations

import io
import itertools
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from rongshu.domain.commerce.products.models import Product
from rongshu.interfaces.console.product_file import read_products
from rongshu.interfaces.console.views import products
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope

if TYPE_CHECKING:
    from tests.e2e.shop import Shop

_addresses = itertools.count(1)


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import open_shop

    return open_shop()


@pytest.fixture(scope="module")
def operator(shop: Shop) -> Client:
    from tests.e2e.shop import PASSWORD

    client = Client(HTTP_HOST="localhost", REMOTE_ADDR=f"198.51.105.{next(_addresses)}")  # signing in is rate limited
    assert client.post("/console/sign-in", {"account": shop.reader, "password": PASSWORD}).status_code == 302
    client.cookies["django_language"] = "en"
    return client


def bring(client: Client, text: str, letters: str = "utf-8") -> str:
    answer = client.post(
        "/console/products/file", {"file": SimpleUploadedFile("p.csv", text.encode(letters))}, follow=True
    )
    assert answer.status_code == 200
    return answer.content.decode()


def test_one_product_is_made_pictured_and_taken_off(operator: Client, shop: Shop) -> None:
    given = {"sku": "P1", "title": "Cream", "price": "29.90", "shared": "yes"}
    assert "is not a price" in operator.post("/console/products/new", {**given, "price": "cheap"}).content.decode()
    assert (
        'aria-invalid="true"'
        in operator.post("/console/products/new", {**given, "target": "https://evil.example/"}).content.decode()
    )
    assert operator.post("/console/products/new", given).status_code == 302
    assert "already" in operator.post("/console/products/new", given).content.decode()
    with tenant_scope(shop.house.id):
        one = Product.objects.get(sku="P1")
        assert (one.price, one.shared) == (2990, True)
    out = io.BytesIO()
    Image.new("RGB", (40, 40), "green").save(out, "PNG")
    page = f"/console/products/{outside('prd', one.id)}"
    changed = {"title": "Cream 2", "price": "", "picture": SimpleUploadedFile("p.png", out.getvalue())}
    assert operator.post(page, changed).status_code == 302
    with tenant_scope(shop.house.id):
        after = Product.objects.get(sku="P1")
        assert (after.title, after.price, after.shared, bool(after.picture)) == ("Cream 2", None, False, True)
    wrong = {"title": "Cream 3", "picture": SimpleUploadedFile("p.png", b"no picture")}
    assert "no picture we can read" in operator.post(page, wrong).content.decode()
    with tenant_scope(shop.house.id):
        assert Product.objects.get(sku="P1").title == "Cream 2"  # nothing half-written


def test_a_file_with_a_bad_line_writes_nothing_and_names_them_all(operator: Client, shop: Shop) -> None:
    said = bring(
        operator,
        "sku,title,price,shared\nF1,Tea,9.90,yes\nF2,,1\nF1,Again,1\nF3,Cup,x\nF4,Pot,1,perhaps\n,Nameless\nF5,Lid,1,yes,more\n",
    )
    for line in (3, 4, 5, 6, 7, 8):
        assert f'data-name="Line of the file">{line}<' in said
    assert 'data-name="Line of the file">2<' not in said and "stands in line 2 already" in said
    with tenant_scope(shop.house.id):
        assert not Product.objects.filter(sku__startswith="F").exists()
    assert "first line names the columns" in bring(operator, "a,b\n1,2\n")
    assert "Made or changed: 2" in bring(operator, "商品编码,标题,标价,上架\nF1,茶,9.90,是\nF2,杯,,否\n", "gb18030")
    with tenant_scope(shop.house.id):
        assert list(Product.objects.filter(sku__startswith="F").order_by("sku").values_list("title", "price", "shared")) == [
            ("茶", 990, True), ("杯", None, False),
        ]  # fmt: skip


def test_what_goes_out_comes_in_again_unchanged(operator: Client, shop: Shop) -> None:
    bring(operator, 'sku,title,category\n=R1,"a, ""b""",-x\n')
    out = operator.get("/console/products.csv").content.decode("utf-8-sig")
    assert "'=R1" in out
    assert "Made or changed: 0" in bring(operator, out)


def test_products_are_found_and_pages_leave_none_out(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(
        operator,
        "sku,title,category,shared\n" + "".join(f"N{n},Needle {n},sewing,{'yes' if n else 'no'}\n" for n in range(5)),
    )
    monkeypatch.setattr(products, "PAGE", 3)
    assert operator.get("/console/products?category=sewing").content.decode().count('class="row-link') == 3
    assert operator.get("/console/products?category=sewing&shared=no").content.decode().count('class="row-link') == 1
    assert operator.get("/console/products?q=needle+4").content.decode().count('class="row-link') == 1
    assert "No product fits" in operator.get("/console/products?category=sewing&pictured=yes").content.decode()


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"sku,sku,title\n", b"sku\n1\n", b"sku,title\n" + b"a,b\n" * 10_001]
)
def test_what_is_no_file_of_products_is_refused(content: bytes) -> None:
    with pytest.raises(Refusal):
        read_products(content, "CNY", str)
