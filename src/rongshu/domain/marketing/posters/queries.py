from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from rongshu.domain.marketing.posters.layout import STARTERS, Layout, read_layout
from rongshu.domain.marketing.posters.models import PosterTemplate
from rongshu.kernel.errors import missing


@dataclass(frozen=True, slots=True)
class Template:
    """A template, a tenant's own or one that everybody has."""

    id: int
    name: str
    layout: Layout
    used: bool
    own: bool


def template(identifier: int) -> Template:
    """One template. Raises `missing`."""
    if identifier in STARTERS:
        name, layout = STARTERS[identifier]
        return Template(identifier, _(name), layout, used=True, own=False)
    found = PosterTemplate.objects.filter(id=identifier).first()
    if found is None:
        raise missing("unknown_template", "There is no such template.")
    return Template(found.id, found.name, read_layout(found.document), found.used, own=True)


def templates(*, used_only: bool = False) -> list[Template]:
    """The tenant's own templates, the latest first, then those that everybody has."""
    rows = PosterTemplate.objects.filter(used=True) if used_only else PosterTemplate.objects.all()
    own = [
        Template(one.id, one.name, read_layout(one.document), one.used, own=True) for one in rows.order_by("-id")[:100]
    ]
    return own + [template(identifier) for identifier in STARTERS]
