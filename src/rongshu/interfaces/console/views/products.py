"""Products in the console: found, written one by one or from a file, pictured, offered or not, exported."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rongshu.domain.commerce.products.actions import Described, picture_product, put_products
from rongshu.domain.commerce.products.models import Product
from rongshu.domain.commerce.products.queries import categories, find_products, product_by_id, products_by_sku
from rongshu.domain.referral.links.queries import hosts
from rongshu.domain.referral.links.targets import checked_target
from rongshu.engine.money import format_units
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.products import FaultRow, ProductForm, ProductImport, ProductRow, Products
from rongshu.interfaces.console.product_file import COLUMNS, MOST_BYTES, price, read_products, write_products
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.files import attached
from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.faces.pictures import picture_address
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, conflict, invalid, missing
from rongshu.kernel.ids import inside, outside

PAGE = 50
FAULTS_SHOWN = 200
EXPORTED = 10_000
_FIELDS = ("sku", "title", "category", "price", "target")
_ANSWERS = {"yes": True, "no": False}


@page("materials", Permission.SEE_MATERIALS)
def products(visit: Visit) -> Products:
    """Products by part of sku or title, category, offered or not, with a picture or without."""
    asked = visit.request.GET
    q, category = asked.get("q", "").strip()[:100], asked.get("category", "").strip()[:100]
    shared, pictured = (asked.get(name, "") if asked.get(name) in _ANSWERS else "" for name in ("shared", "pictured"))
    token = unpack(asked.get("cursor", ""), 1)
    found = find_products(
        search=q, category=category, shared=_ANSWERS.get(shared), pictured=_ANSWERS.get(pictured),
        after=None if token is None else token[0], limit=PAGE + 1,
    )  # fmt: skip
    return Products(
        q=q,
        category=category,
        shared=shared,
        pictured=pictured,
        categories=tuple(categories()),
        rows=tuple(_row(visit, one) for one in found[:PAGE]),
        cursor=Cursor(pack(found[PAGE - 1].id) if len(found) > PAGE else None),
        may_edit=visit.may(Permission.EDIT_MATERIALS),
    )


def _row(visit: Visit, one: Product) -> ProductRow:
    return ProductRow(
        id=outside("prd", one.id), sku=one.sku, title=one.title, category=one.category,
        price=None if one.price is None else Money(one.price, visit.house.currency), picture=picture_address(visit.house.slug, one.picture, small=True),
        shared=one.shared, sold=one.sold,
    )  # fmt: skip


@page("materials", Permission.EDIT_MATERIALS)
def new(visit: Visit) -> ProductForm | HttpResponse:
    """A new product."""
    if visit.request.method != "POST":
        return _form(visit, None, dict.fromkeys(_FIELDS, ""), shared=True)
    return _kept(visit, None)


@page("materials", Permission.SEE_MATERIALS)
def product(visit: Visit, id: str) -> ProductForm | HttpResponse:
    """One product; posting changes it."""
    identifier = inside("prd", id)
    if identifier is None:
        raise missing("no_product", "There is no such product.")
    one = product_by_id(identifier)
    if visit.request.method == "POST":
        visit.demand(Permission.EDIT_MATERIALS)
        return _kept(visit, one)
    amount = "" if one.price is None else format_units(one.price, visit.house.currency)
    values = {"sku": one.sku, "title": one.title, "category": one.category, "price": amount, "target": one.target}
    return _form(visit, one, values, shared=one.shared)


def _kept(visit: Visit, one: Product | None) -> ProductForm | HttpResponse:
    form, by, now = visit.request.POST, visit.login.actor, visit.now
    values = {name: form.get(name, "").strip()[:1000] for name in _FIELDS}
    if one is not None:
        values["sku"] = one.sku
    shared, picture = form.get("shared") == "yes", visit.request.FILES.get("picture")
    try:
        if one is None and values["sku"] in products_by_sku([values["sku"]]):
            raise conflict("sku_known", "There is a product with this SKU already.")
        if values["target"] and (one is None or values["target"] != one.target):
            checked_target(values["target"], hosts())
        described = Described(
            values["sku"], values["title"], values["category"][:100], price(values["price"], visit.house.currency),
            values["target"], shared,
        )  # fmt: skip
        put_products(products=[described], by=by, now=now)
        if picture is not None:
            if (picture.size or 0) > MOST_BYTES:
                raise invalid("picture_too_large", "A picture has at most 8 MB.", at="picture")
            picture_product(sku=values["sku"], content=picture.read(), by=by, now=now)
    except Refusal as refusal:
        return _form(visit, one, values, shared=shared, problem=said(refusal), at=refusal.at or "")
    messages.success(visit.request, _("The product is kept."))
    return redirect("console:products" if one is None else reverse("console:product", args=(outside("prd", one.id),)))


def _form(
    visit: Visit, one: Product | None, values: dict[str, str], *, shared: bool, problem: str = "", at: str = ""
) -> ProductForm:
    return ProductForm(
        id="" if one is None else outside("prd", one.id), values=values, shared=shared,
        picture="" if one is None else picture_address(visit.house.slug, one.picture), categories=tuple(categories()), hosts=tuple(sorted(hosts())),
        may_edit=visit.may(Permission.EDIT_MATERIALS), problem=problem, at=at,
    )  # fmt: skip


@page("materials", Permission.EDIT_MATERIALS)
def bring(visit: Visit) -> ProductImport | HttpResponse:
    """Products from a file: all of it, or nothing with every bad line named."""
    given = visit.request.FILES.get("file")
    if visit.request.method != "POST":
        return ProductImport(COLUMNS)
    allowed = hosts()
    try:
        if given is None:
            raise invalid("no_file", "Choose a file.", at="file")
        if (given.size or 0) > MOST_BYTES:
            raise invalid("file_too_large", "A file has at most 8 MB.", at="file")
        read = read_products(given.read(), visit.house.currency, lambda target: checked_target(target, allowed))
        if read.faults:
            shown = tuple(FaultRow(one.line, one.sku[:100], one.text) for one in read.faults[:FAULTS_SHOWN])
            return ProductImport(COLUMNS, len(read.products), len(read.faults), shown)
        changed = put_products(products=read.products, by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        return ProductImport(COLUMNS, problem=said(refusal))
    messages.success(
        visit.request,
        _("Read: %(read)s. Made or changed: %(changed)s.") % {"read": len(read.products), "changed": changed},
    )
    return redirect("console:products")


@page("materials", Permission.SEE_MATERIALS)
def export(visit: Visit) -> HttpResponse:
    """The products as CSV, the latest first, in the form that can be brought in again."""
    return attached(write_products(find_products(limit=EXPORTED), visit.house.currency), "products.csv")
