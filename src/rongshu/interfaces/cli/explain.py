"""`rongshu explain`: why each amount of one order, and why nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rongshu.kernel.boot import boot

if TYPE_CHECKING:
    from rongshu.domain.commission.explanations.shapes import OrderExplanation
    from rongshu.interfaces.faces.credited_parts import CreditedSo
    from rongshu.kernel.errors import Refusal
    from rongshu.kernel.tenancy.queries import House

UNKNOWN = 2
"""Exit code for an order or a tenant that is not there."""


def explain(
    order: Annotated[str, typer.Argument(help="ord_…, source:external id, or the external id alone.")],
    tenant: Annotated[str | None, typer.Option(help="The tenant's slug; needed where there are several.")] = None,
    language: Annotated[str | None, typer.Option(help="zh-hans or en; the tenant's own by default.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say who earned what from an order and why, and who nothing and why not.

    Exit code 0, or 2 when there is no such order or tenant.
    """
    boot()
    from django.utils.translation import override

    from rongshu.domain.commerce.orders.queries import find_order
    from rongshu.domain.commission.explanations.queries import explain_order
    from rongshu.interfaces.faces.credited import credited_so
    from rongshu.kernel.errors import Refusal
    from rongshu.kernel.founding import LANGUAGES
    from rongshu.kernel.tenancy.scope import tenant_scope

    if language is not None and language not in LANGUAGES:
        typer.echo(f"{language}: the languages are {', '.join(LANGUAGES)}", err=True)
        raise typer.Exit(UNKNOWN)
    speak = language
    try:
        house = house_named(tenant)
        speak = language or house.language
        with tenant_scope(house.id):
            identifier = find_order(order)
            explanation = explain_order(identifier)
            with override(speak):
                considered = credited_so(identifier)
    except Refusal as refusal:
        typer.echo(refused(refusal, speak or "en"), err=True)
        raise typer.Exit(UNKNOWN) from None
    if as_json:
        typer.echo(json.dumps(explanation.as_json(speak), ensure_ascii=False, indent=2))
    else:
        _show(explanation, speak)
        if considered is not None:
            _show_credit(considered, speak)


def house_named(slug: str | None) -> House:
    """The tenant of a slug, or the only one there is. Raises `missing` and `invalid`."""
    from django.utils.translation import gettext_noop as _

    from rongshu.kernel.errors import invalid
    from rongshu.kernel.tenancy.queries import every_house, house_by_slug

    if slug is not None:
        return house_by_slug(slug)
    houses = every_house()
    if len(houses) != 1:
        slugs = ", ".join(house.slug for house in houses)
        raise invalid("which_tenant", _("Name a tenant with --tenant: %(slugs)s"), slugs=slugs or "–")
    return houses[0]


def refused(refusal: Refusal, language: str) -> str:
    """A refusal in a language."""
    from django.utils import translation
    from django.utils.translation import gettext

    with translation.override(language):
        return gettext(refusal.template) % refusal.params


def _show(explanation: OrderExplanation, language: str) -> None:
    from django.utils import translation
    from django.utils.translation import gettext as _

    console = Console(highlight=False, soft_wrap=True)
    money = explanation.scale.money
    with translation.override(language):
        order = explanation.order
        console.print(f"{order.outside_id}  {order.source}:{order.external_id}", markup=False)
        console.print(explanation.summary(language), markup=False)
        console.print()
        lines = Table(title=_("Order lines"), title_justify="left")
        for heading in (_("Line"), _("Category"), _("Quantity"), _("Amount paid"), _("Amount refunded"), _("Base")):
            lines.add_column(heading)
        for line in explanation.lines:
            base = "–" if line.base is None else money(line.base)
            cells = [f"{line.line_no}  {line.sku}", line.category, str(line.qty)]
            cells += [money(line.paid), money(line.refunded), base]
            lines.add_row(*(escape(cell) for cell in cells))
        console.print(lines)
        if explanation.chain:
            chain = Table(title=_("Chain, from the direct promoter upwards"), title_justify="left")
            for heading in (_("Place"), _("Promoter"), _("Commission"), _("Why")):
                chain.add_column(heading)
            for one in explanation.chain:
                cells = [str(one.position), one.promoter.name, money(one.earned), one.sentence(language)]
                chain.add_row(*(escape(cell) for cell in cells))
            console.print(chain)
        rows = [(row.beneficiary.name, money(row.amount), row.sentence(language)) for row in explanation.commissions]
        for title, sentences in (
            (_("Commissions"), ["  ".join(row) for row in rows]),
            (_("Refunds"), [refund.sentence(language) for refund in explanation.refunds]),
            (_("Ledger transfers"), [transfer.sentence(language) for transfer in explanation.transfers]),
        ):
            if sentences:
                console.print()
                console.print(title, markup=False, style="bold")
            for sentence in sentences:
                console.print(f"  {sentence}", markup=False)


def _show_credit(considered: CreditedSo, language: str) -> None:
    from django.utils import translation
    from django.utils.translation import gettext as _

    with translation.override(language):
        typer.echo(f"\n{_('Why credited so')}")
        for one in considered.rows:
            who = "" if one.person is None else f" · {one.person.name}"
            typer.echo(f"  {one.title}{who}: {' '.join(part for part in (one.fact, one.became) if part)}")
